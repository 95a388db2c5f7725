//! Making tables, and what a store says that is not set up.

use event_store::contract::sample::{commit, identity};
use event_store::{
    AppendError, EventStore, Filter, Order, StoreError, TablestoreOptions, TablestoreStore, load_stream,
};
use tablestore_rs::types::{KeySchema, KeyType, TableOptions};

use super::world::{World, client};

#[tokio::test]
async fn setting_up_makes_what_is_missing_and_says_what() {
    let world = World::empty().await;
    // A new table is not ready at once.
    world.emulator.tune(|knobs| knobs.tablestore.not_ready_calls = 3);
    let store = world.store(TablestoreOptions::default());
    assert_eq!(
        store.problems().await.unwrap(),
        ["the table reaper_log is missing", "the table reaper_index is missing"]
    );
    let made = store.set_up().await.unwrap();
    assert_eq!(made, ["table reaper_log", "table reaper_index", "the identity of the store"]);
    assert_eq!(store.problems().await.unwrap(), Vec::<String>::new());
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(store.set_up().await.unwrap(), Vec::<String>::new());
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn several_may_set_up_at_once() {
    let world = World::empty().await;
    let stores = [(); 4].map(|()| world.store(TablestoreOptions::default()));
    let made = futures::future::join_all(stores.iter().map(TablestoreStore::set_up)).await;
    let mut made: Vec<String> = made.into_iter().flat_map(Result::unwrap).collect();
    made.sort();
    assert_eq!(made, ["table reaper_index", "table reaper_log", "the identity of the store"]);
    assert_eq!(stores[0].problems().await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn two_stores_of_one_instance_know_nothing_of_each_other() {
    let world = World::new().await;
    let there = world.store(TablestoreOptions { prefix: "other".to_owned(), ..TablestoreOptions::default() });
    there.set_up().await.unwrap();
    world.store(TablestoreOptions::default()).append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(load_stream(&there, &identity(1)).await.unwrap(), []);
}

#[tokio::test]
async fn a_store_that_is_not_set_up_says_how_to() {
    let world = World::empty().await;
    let store = world.store(TablestoreOptions::default());
    let error = store.append(commit(&identity(1), 0)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store is not set up: a table is missing; `reaper store init` sets it up"
    );
    let error = store.query(&Filter::default(), Order::Newest, None, 1).await.unwrap_err();
    assert!(matches!(error, StoreError::NotSetUp(_)));
}

#[tokio::test]
async fn tables_that_are_not_as_they_have_to_be_are_named_and_left_alone() {
    let world = World::empty().await;
    let store = world.store(TablestoreOptions::default());
    let options = TableOptions { time_to_live: 86_400, allow_update: Some(true), ..TableOptions::default() };
    let key = KeySchema::new("block", KeyType::String);
    let create =
        world.client().create_table().table_name("reaper_log").key_schema(key).table_options(options);
    create.send().await.unwrap();
    let _ = store.set_up().await;
    let problems = store.problems().await.unwrap();
    assert_eq!(
        problems,
        [
            "the key of table reaper_log is (block String), it has to be (block Integer, number Integer)",
            "table reaper_log forgets rows after 86400 s, it has to keep them",
            "table reaper_log lets rows be updated, it has to forbid it",
        ]
    );
}

#[tokio::test]
async fn wrong_credentials_are_called_so_and_not_shown() {
    let world = World::new().await;
    let store = TablestoreStore::new(
        client(&world.url(), "LTAI-nobody", "s3cret-of-nobody"),
        TablestoreOptions::default(),
    );
    let error = store.append(commit(&identity(1), 0)).await.unwrap_err();
    assert!(matches!(error, AppendError::Store(StoreError::Denied(_))), "{error:?}");
    assert_eq!(error.to_string(), "the store does not accept these credentials");
    assert!(!format!("{error:?}{store:?}").contains("s3cret"));
}

#[tokio::test]
async fn who_only_reads_writes_nothing() {
    let world = World::new().await;
    world.store(TablestoreOptions::default()).append(commit(&identity(1), 0)).await.unwrap();
    world.emulator.forget_calls();
    let store = world.store(TablestoreOptions { read_only: true, ..TablestoreOptions::default() });
    let refused = store.append(commit(&identity(2), 0)).await;
    assert!(matches!(refused, Err(AppendError::Store(StoreError::ReadOnly))), "{refused:?}");
    for kind in [None, Some("identity".to_owned())] {
        let filter = Filter { kind, ..Filter::default() };
        assert_eq!(store.query(&filter, Order::Oldest, None, 10).await.unwrap().events.len(), 1);
    }
    load_stream(&store, &identity(1)).await.unwrap();
    assert!(
        world
            .emulator
            .calls()
            .iter()
            .all(|call| call.operation.starts_with("Get") || call.operation == "BatchGetRow")
    );
}
