//! The outbox: what a process leaves that may not append to the log.

use cloud_emulator::{Failure, Outcome};
use event_store::contract::sample::{commit, identity, of, pair, person, rich, run, several, unknown};
use event_store::{
    AppendError, Commit, EventStore, Filter, Invalid, MAX_PAGE, Order, Outbox, StoreError, TablestoreOptions,
    Waiting, load_stream,
};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::NewEvent;
use kubeconfig::run::OutboxPlace;
use tablestore_rs::types::{PrimaryKey, Row};

use super::world::World;

/// Before all places of today.
fn first() -> OutboxPlace {
    OutboxPlace::first_at(Timestamp::UNIX_EPOCH)
}

fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(1)
}

/// The outbox of a process that may only read.
fn outbox(world: &World) -> Outbox {
    world.store(TablestoreOptions { read_only: true, ..TablestoreOptions::default() }).outbox()
}

async fn all(outbox: &Outbox) -> Vec<Waiting> {
    let (found, more) = outbox.page(first(), soon(), MAX_PAGE).await.unwrap();
    assert_eq!(more, None);
    found
}

/// What somebody puts who does not use this program.
async fn put(world: &World, place: OutboxPlace, body: &[u8]) {
    let key = PrimaryKey::new().column("put_ms", place.put_ms).column("chance", place.chance);
    let row = Row::new(key).column("body_0", body);
    world.client().put_row().table_name("reaper_outbox").row(row).send().await.unwrap();
}

#[tokio::test]
async fn what_was_put_comes_back_whole_and_the_log_knows_nothing_of_it() {
    let world = World::new().await;
    let personal = NewEvent { actor: person("alice"), ..rich(3) };
    let left = [of(&pair(1, 2), 4, personal), several(&run(), 0, 3)];
    let mut places = vec![];
    for commit in &left {
        places.push(outbox(&world).put(commit.clone()).await.unwrap());
    }
    let mut found = all(&outbox(&world)).await;
    // Within a millisecond chance decides.
    found.sort_by_key(|waiting| places.iter().position(|place| *place == waiting.place));
    let found: Vec<Commit> = found.into_iter().map(|waiting| waiting.commit.unwrap()).collect();
    assert_eq!(found, left);
    let store = world.store(TablestoreOptions::default());
    assert_eq!(store.query(&Filter::default(), Order::Oldest, None, 1).await.unwrap().events, []);
}

#[tokio::test]
async fn it_is_read_from_a_place_on_before_a_time_and_page_by_page() {
    let world = World::new().await;
    let outbox = outbox(&world);
    for uid in 1..=5 {
        outbox.put(commit(&identity(uid), 0)).await.unwrap();
    }
    let (mut found, mut from) = (vec![], Some(first()));
    while let Some(place) = from {
        let (page, more) = outbox.page(place, soon(), 2).await.unwrap();
        assert!(page.len() <= 2);
        found.extend(page.into_iter().map(|waiting| waiting.place));
        from = more;
    }
    assert_eq!(found.len(), 5);
    assert!(found.is_sorted());
    let (later, _) = outbox.page(found[2], soon(), MAX_PAGE).await.unwrap();
    assert_eq!(later.iter().map(|waiting| waiting.place).collect::<Vec<_>>(), found[2..]);
    let (before, more) = outbox.page(first(), found[0].at().unwrap(), MAX_PAGE).await.unwrap();
    assert!(before.is_empty() && more.is_none());
}

#[tokio::test]
async fn a_put_whose_answer_was_lost_is_there_once() {
    let timeout = Outcome::Error { status: 503, code: "OTSTimeout".into() };
    for outcome in [Outcome::LostResponse, Outcome::LostRequest, timeout] {
        let world = World::new().await;
        world.emulator.fail_next(Failure { operation: "PutRow".to_owned(), times: 2, outcome });
        outbox(&world).put(commit(&identity(1), 0)).await.unwrap();
        assert_eq!(all(&outbox(&world)).await.len(), 1);
    }
}

#[tokio::test]
async fn a_row_that_is_no_commit_is_shown_as_such_and_hides_no_other() {
    let world = World::new().await;
    let at = |put_ms| OutboxPlace { put_ms, chance: 0 };
    put(&world, at(1), b"{}").await;
    put(&world, at(2), &vec![b'x'; 40_000]).await;
    outbox(&world).put(commit(&identity(1), 0)).await.unwrap();
    let found = all(&outbox(&world)).await;
    let told = found.iter().map(|waiting| waiting.commit.as_ref().err().map(ToString::to_string));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            Some("the store is damaged: commit 0: missing field `format` at line 1 column 2".to_owned()),
            Some("the store is damaged: a row of the outbox has 40000 bytes, the most is 32768".to_owned()),
            None,
        ]
    );
}

#[tokio::test]
async fn what_is_large_is_not_put() {
    let world = World::new().await;
    let large = unknown("Large", serde_json::json!("x".repeat(40_000)));
    let refused = outbox(&world).put(of(&run(), 0, event_store::contract::sample::new(large))).await;
    assert!(matches!(refused, Err(AppendError::Invalid(Invalid::CommitTooLarge(_)))), "{refused:?}");
    assert!(all(&outbox(&world)).await.is_empty());
}

#[tokio::test]
async fn without_its_table_the_log_works_and_the_outbox_says_what_to_do() {
    let world = World::new().await;
    world.client().delete_table().table_name("reaper_outbox").send().await.unwrap();
    let error = outbox(&world).page(first(), soon(), 1).await.unwrap_err();
    assert!(matches!(error, StoreError::NotSetUp(_)), "{error}");
    assert!(outbox(&world).put(commit(&identity(1), 0)).await.is_err());
    let store = world.store(TablestoreOptions::default());
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len(), 1);
}
