//! The outbox: what a process leaves that may not append to the log.

use cloud_emulator::{Failure, Outcome};
use event_store::contract::sample::{commit, identity, of, pair, person, rich, run, several};
use event_store::{
    Commit, EventStore, Filter, MAX_PAGE, Order, Outbox, StoreError, TablestoreOptions, Waiting, load_stream,
};
use jiff::Timestamp;
use kubeconfig::NewEvent;
use tablestore_rs::types::{PrimaryKey, Row};

use super::world::World;

/// The outbox of a process that may only read.
fn outbox(world: &World) -> Outbox {
    world.store(TablestoreOptions { read_only: true, ..TablestoreOptions::default() }).outbox()
}

async fn all(outbox: &Outbox) -> Vec<Waiting> {
    outbox.since(Timestamp::MIN, None, MAX_PAGE).await.unwrap()
}

async fn put(world: &World, place: &str) {
    let row = Row::new(PrimaryKey::new().column("put", place)).column("body_0", &b"{}"[..]);
    world.client().put_row().table_name("reaper_outbox").row(row).send().await.unwrap();
}

#[tokio::test]
async fn what_was_put_comes_back_whole_and_the_log_knows_nothing_of_it() {
    let world = World::new().await;
    let personal = NewEvent { actor: person("alice"), ..rich(3) };
    let left = [of(&pair(1, 2), 4, personal), several(&run(), 0, 3)];
    for commit in &left {
        outbox(&world).put(commit.clone()).await.unwrap();
    }
    let found: Vec<Commit> = all(&outbox(&world)).await.into_iter().map(|w| w.commit.unwrap()).collect();
    assert_eq!(found, left);
    let store = world.store(TablestoreOptions::default());
    assert_eq!(store.query(&Filter::default(), Order::Oldest, None, 1).await.unwrap().events, []);
}

#[tokio::test]
async fn it_is_read_from_a_time_on_and_page_by_page() {
    let world = World::new().await;
    let outbox = outbox(&world);
    for uid in 1..=5 {
        outbox.put(commit(&identity(uid), 0)).await.unwrap();
    }
    let (mut pages, mut last) = (vec![], None);
    loop {
        let page = outbox.since(Timestamp::MIN, last.as_ref(), 2).await.unwrap();
        if page.is_empty() {
            break;
        }
        pages.push(page.len());
        last = page.into_iter().last();
    }
    assert_eq!(pages, [2, 2, 1]);
    let found = all(&outbox).await;
    let later = outbox.since(found[2].at, None, MAX_PAGE).await.unwrap();
    // Those of the same millisecond are among them.
    assert_eq!(later.len(), found.iter().filter(|waiting| waiting.at >= found[2].at).count());
    let behind = found[4].at + jiff::SignedDuration::from_millis(1);
    assert!(outbox.since(behind, None, MAX_PAGE).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_put_whose_answer_was_lost_is_there_once() {
    for outcome in [
        Outcome::LostResponse,
        Outcome::LostRequest,
        Outcome::Error { status: 503, code: "OTSTimeout".into() },
    ] {
        let world = World::new().await;
        world.emulator.fail_next(Failure { operation: "PutRow".to_owned(), times: 2, outcome });
        outbox(&world).put(commit(&identity(1), 0)).await.unwrap();
        assert_eq!(all(&outbox(&world)).await.len(), 1);
    }
}

#[tokio::test]
async fn a_row_that_is_no_commit_is_shown_as_such_and_hides_no_other() {
    let world = World::new().await;
    put(&world, "0190b5c4-8111-7b20-8c44-1f2e3d4c5b6a").await;
    outbox(&world).put(commit(&identity(1), 0)).await.unwrap();
    put(&world, "when pigs fly").await;
    let since = Timestamp::from_second(1_700_000_000).unwrap();
    let found = outbox(&world).since(since, None, MAX_PAGE).await.unwrap();
    let told: Vec<_> =
        found.iter().map(|waiting| waiting.commit.as_ref().err().map(ToString::to_string)).collect();
    assert_eq!(
        told,
        [
            Some("the store is damaged: commit 0: missing field `format` at line 1 column 2".to_owned()),
            None,
            Some("the store is damaged: a row of the outbox has the place \"when pigs fly\"".to_owned()),
        ]
    );
    assert_eq!(found[2].at, since, "a place without a time holds up everything");
}

#[tokio::test]
async fn without_its_table_the_log_works_and_the_outbox_says_what_to_do() {
    let world = World::new().await;
    world.client().delete_table().table_name("reaper_outbox").send().await.unwrap();
    let error = outbox(&world).since(Timestamp::MIN, None, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::NotSetUp(_)), "{error}");
    assert!(outbox(&world).put(commit(&identity(1), 0)).await.is_err());
    let store = world.store(TablestoreOptions::default());
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len(), 1);
}
