//! What somebody did to the tables past the store.

use event_store::contract::sample::{commit, identity, new, pair, person, rich};
use event_store::{Commit, EventStore, Filter, Order, StoreError, TablestoreOptions, TablestoreStore};
use kubeconfig::NewEvent;
use tablestore_rs::types::{PrimaryKey, Row};

use super::world::World;

async fn written() -> (World, TablestoreStore) {
    let world = World::new().await;
    let store = world.store(TablestoreOptions::default());
    for uid in 1..9 {
        store.append(commit(&pair(1, uid), 0)).await.unwrap();
    }
    (world, store)
}

/// The first block has the partition key 0.
fn commit_key(number: i64) -> PrimaryKey {
    PrimaryKey::new().column("block", 0).column("number", number)
}

fn entry_key(tag: &str, place: i64) -> PrimaryKey {
    PrimaryKey::new().column("tag", tag).column("place", place)
}

async fn wrong(store: &TablestoreStore) -> Vec<(u64, String)> {
    let (wrong, _) = store.misfiled(0, 100).await.unwrap();
    wrong.into_iter().map(|wrong| (wrong.position, wrong.what)).collect()
}

#[tokio::test]
async fn a_commit_that_was_deleted_is_missed_by_every_reader_that_passes_it() {
    let (world, store) = written().await;
    world.client().delete_row().table_name("reaper_log").primary_key(commit_key(3)).send().await.unwrap();
    for filter in [Filter::default(), Filter { clusters: vec!["c1".parse().unwrap()], ..Filter::default() }] {
        for order in [Order::Oldest, Order::Newest] {
            match store.query(&filter, order, None, 100).await {
                Err(StoreError::Damaged(what)) => assert_eq!(what, "commit 3 is missing"),
                other => panic!("{other:?}"),
            }
        }
    }
    // Who reads the bytes sees the gap: a seal over them does not fit.
    let positions: Vec<u64> = store.commits(0, 100).await.unwrap().iter().map(|c| c.position).collect();
    assert_eq!(positions, [1, 2, 4, 5, 6, 7, 8]);
    assert!(!wrong(&store).await.is_empty());
}

#[tokio::test]
async fn an_entry_that_was_deleted_is_noticed() {
    let (world, store) = written().await;
    assert_eq!(wrong(&store).await, []);
    let key = entry_key("cluster:c1", 4);
    world.client().delete_row().table_name("reaper_index").primary_key(key).send().await.unwrap();
    assert_eq!(wrong(&store).await, [(4, "it is missing in the index under `cluster:c1`".to_owned())]);
}

#[tokio::test]
async fn entries_that_no_commit_calls_for_are_noticed() {
    let (world, store) = written().await;
    for (tag, number) in [("cluster:c9", 2), ("uid:1", 99)] {
        let row = Row::new(entry_key(tag, number)).column("commit_no", number).column("bytes", 1);
        world.client().put_row().table_name("reaper_index").row(row).send().await.unwrap();
    }
    assert_eq!(
        wrong(&store).await,
        [
            (2, "the index has it under `cluster:c9`, it does not say so".to_owned()),
            (0, "the index has `uid:1` for commit 99, which is not there".to_owned()),
        ]
    );
}

/// A process has slept since before an erasure. When it wakes it files the last commit that it saw, under whom it knew then.
#[tokio::test]
async fn a_name_that_is_put_back_after_it_was_erased_is_gone_when_the_store_is_scrubbed() {
    let world = World::new().await;
    let [asleep, store] = [(); 2].map(|()| world.store(TablestoreOptions::default()));
    let by_bob = NewEvent { actor: person("bob"), ..new(rich(2).event) };
    let events = vec![rich(1), by_bob];
    asleep.append(Commit { stream: pair(1, 1), expected: 0, events }).await.unwrap();

    let digests = store.commits(0, 1).await.unwrap()[0].digests().unwrap();
    let alice = digests.iter().find(|(event, at, _)| (*event, at.as_str()) == (0, "/actor/human")).unwrap();
    assert_eq!(store.erase(&[(1, alice.2)]).await.unwrap(), 1);
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(wrong(&store).await, []);

    asleep.append(commit(&identity(2), 0)).await.unwrap();
    let put_back = "the index has it under `actor:alice`, it does not say so".to_owned();
    assert_eq!(wrong(&store).await, [(1, put_back)]);
    store.scrub().await.unwrap();
    assert_eq!(wrong(&store).await, [], "and what is under bob is left");
}

#[tokio::test]
async fn bytes_that_are_no_commit_stop_nobody_who_does_not_read_them() {
    let (world, store) = written().await;
    let row = Row::new(commit_key(2)).column("body_0", &b"{}"[..]);
    world.client().put_row().table_name("reaper_log").row(row).send().await.unwrap();
    assert!(wrong(&store).await.contains(&(2, "its bytes cannot be read".to_owned())));
    let store = world.store(TablestoreOptions::default());
    let filter = Filter { uids: vec!["5".parse().unwrap()], ..Filter::default() };
    assert_eq!(store.query(&filter, Order::Oldest, None, 10).await.unwrap().events.len(), 1);
    let damaged = store.query(&Filter::default(), Order::Oldest, None, 10).await;
    assert!(matches!(damaged, Err(StoreError::Damaged(_))), "{damaged:?}");
    store.append(commit(&identity(1), 0)).await.unwrap();
}

#[tokio::test]
async fn a_channel_that_is_missing_or_wrong_in_the_index_is_noticed() {
    let (world, store) = written().await;
    let key = entry_key("channel:timer", 4);
    world.client().delete_row().table_name("reaper_index").primary_key(key).send().await.unwrap();
    assert_eq!(wrong(&store).await, [(4, "it is missing in the index under `channel:timer`".to_owned())]);
    let row = Row::new(entry_key("channel:slack", 5)).column("commit_no", 5).column("bytes", 9);
    world.client().put_row().table_name("reaper_index").row(row).send().await.unwrap();
    assert!(
        wrong(&store)
            .await
            .contains(&(5, "the index has it under `channel:slack`, it does not say so".to_owned()))
    );
}

#[tokio::test]
async fn a_form_from_the_future_is_refused_by_name() {
    let (world, _) = written().await;
    let row = Row::new(entry_key("store", 0)).column("form", 9).column("store_id", &[1_u8; 16][..]);
    world.client().put_row().table_name("reaper_index").row(row).send().await.unwrap();
    let store = world.store(TablestoreOptions::default());
    let refused = store.query(&Filter::default(), Order::Oldest, None, 1).await;
    assert!(matches!(refused, Err(StoreError::Newer { found: 9, known: 2, .. })), "{refused:?}");
    let parts = store.check().await.unwrap();
    let wrong: Vec<&str> = parts.iter().filter(|part| !part.is_sound()).map(|part| &*part.name).collect();
    assert_eq!(wrong, ["identity of the store"]);
}
