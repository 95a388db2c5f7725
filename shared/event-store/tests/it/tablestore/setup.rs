//! Making tables, and what a store says that is not set up.

use event_store::contract::sample::{commit, fitting, identity, of, person};
use event_store::{
    AppendError, EventStore, Filter, Order, Part, Standing, StoreError, TablestoreOptions, TablestoreStore,
    load_stream,
};
use kubeconfig::NewEvent;
use tablestore_rs::types::{
    DefinedColumn, DefinedColumnType, IndexMeta, KeySchema, KeyType, PrimaryKey, Row, TableOptions,
};

use super::world::{World, client};

fn told(parts: &[Part]) -> Vec<String> {
    parts.iter().map(|part| format!("{}: {:?}", part.name, part.standing)).collect()
}

#[tokio::test]
async fn setting_up_makes_what_is_missing_and_says_what() {
    let world = World::empty().await;
    // A new table is not ready at once.
    world.emulator.tune(|knobs| knobs.tablestore.not_ready_calls = 3);
    let store = world.store(TablestoreOptions::default());
    assert_eq!(
        told(&store.check().await.unwrap()),
        ["table reaper_log: Missing", "table reaper_index: Missing", "table reaper_outbox: Missing"]
    );
    assert_eq!(
        told(&store.set_up().await.unwrap()),
        [
            "table reaper_log: Made",
            "table reaper_index: Made",
            "table reaper_outbox: Made",
            "identity of the store: Made"
        ]
    );
    let sound = [
        "table reaper_log: Sound",
        "table reaper_index: Sound",
        "table reaper_outbox: Sound",
        "identity of the store: Sound",
        "end of the log: Sound",
    ];
    assert_eq!(told(&store.check().await.unwrap()), sound);
    store.append(commit(&identity(1), 0)).await.unwrap();
    assert_eq!(told(&store.set_up().await.unwrap()), sound[..4]);
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn several_may_set_up_at_once() {
    let world = World::empty().await;
    // The service bounds operations on tables a second, and the client waits for it; here nobody has to.
    world.emulator.tune(|knobs| knobs.tablestore.table_operations_per_second = 0);
    let stores = [(); 4].map(|()| world.store(TablestoreOptions::default()));
    let made = futures::future::join_all(stores.iter().map(TablestoreStore::set_up)).await;
    let made = made.into_iter().flat_map(Result::unwrap).filter(|part| part.standing == Standing::Made);
    let mut made: Vec<String> = made.map(|part| part.name).collect();
    made.sort();
    assert_eq!(
        made,
        ["identity of the store", "table reaper_index", "table reaper_log", "table reaper_outbox"]
    );
    assert!(stores[0].check().await.unwrap().iter().all(Part::is_sound));
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
    let problems = [
        "table reaper_log: Wrong(\"its key is (block String), it has to be (block Integer, number Integer)\")",
        "table reaper_log: Wrong(\"it keeps rows for 86400 s, it has to keep them for ever\")",
        "table reaper_log: Wrong(\"it lets rows be updated, it has to forbid it\")",
    ];
    assert_eq!(
        told(&store.check().await.unwrap()),
        [&problems[..], &["table reaper_index: Missing", "table reaper_outbox: Missing"]].concat()
    );
    assert_eq!(
        told(&store.set_up().await.unwrap()),
        [&problems[..], &["table reaper_index: Made", "table reaper_outbox: Made"]].concat()
    );
    assert_eq!(
        told(&store.check().await.unwrap()),
        [&problems[..], &["table reaper_index: Sound", "table reaper_outbox: Sound"]].concat()
    );
}

#[tokio::test]
async fn a_secondary_index_is_named() {
    let world = World::empty().await;
    let store = world.store(TablestoreOptions::default());
    let [_, index, _] = store.tables();
    let create = world.client().create_table().table_name(&index.name).table_options(index.options);
    let create = create.defined_column(DefinedColumn::new("commit_no", DefinedColumnType::Integer));
    let create = index.key.iter().cloned().fold(create, |create, column| create.key_schema(column));
    create.send().await.unwrap();
    let by_commit = IndexMeta::global("by_commit", ["commit_no"]);
    world.client().create_index().table_name(&index.name).index(by_commit).send().await.unwrap();
    assert_eq!(
        told(&store.check().await.unwrap()),
        [
            "table reaper_log: Missing",
            "table reaper_index: Wrong(\"it has the secondary index by_commit, it has to have none\")",
            "table reaper_outbox: Missing",
        ]
    );
}

#[tokio::test]
async fn tables_of_somebody_else_are_no_store_yet() {
    let world = World::empty().await;
    let store = world.store(TablestoreOptions::default());
    for table in store.tables() {
        let create = world.client().create_table().table_name(&table.name).table_options(table.options);
        let create = table.key.iter().cloned().fold(create, |create, column| create.key_schema(column));
        create.send().await.unwrap();
    }
    let parts = told(&store.check().await.unwrap());
    assert_eq!(
        parts,
        [
            "table reaper_log: Sound",
            "table reaper_index: Sound",
            "table reaper_outbox: Sound",
            "identity of the store: Missing"
        ]
    );
}

/// As the form before wrote it: nothing under the tags of channels.
async fn form_1(world: &World) {
    let store = world.store(TablestoreOptions::default());
    for uid in 1..9 {
        let event = match uid {
            3 => NewEvent { actor: person("alice"), ..fitting(&identity(uid)) },
            _ => fitting(&identity(uid)),
        };
        store.append(of(&identity(uid), 0, event)).await.unwrap();
    }
    let client = world.client();
    for (channel, number) in (1..=8).flat_map(|number| [("channel:timer", number), ("channel:slack", number)])
    {
        let key = PrimaryKey::new().column("tag", channel).column("place", number);
        client.delete_row().table_name("reaper_index").primary_key(key).send().await.unwrap();
    }
    let key = PrimaryKey::new().column("tag", "store").column("place", 0);
    let row = Row::new(key).column("form", 1).column("store_id", &[7_u8; 16][..]);
    client.put_row().table_name("reaper_index").row(row).send().await.unwrap();
}

#[tokio::test]
async fn tables_of_the_form_before_are_lifted_when_they_are_set_up_and_refused_until_then() {
    let world = World::new().await;
    form_1(&world).await;
    let opened = || world.store(TablestoreOptions::default());
    let refused = opened().append(commit(&identity(9), 0)).await;
    assert!(
        matches!(refused, Err(AppendError::Store(StoreError::Outdated { found: 1, known: 2 }))),
        "{refused:?}"
    );
    let checked = told(&opened().check().await.unwrap());
    assert!(checked[3].contains("has form 1, this version needs 2: `reaper store init`"), "{checked:?}");
    assert_eq!(told(&opened().set_up().await.unwrap())[3], "form 2 of the index: Made");
    assert_eq!(told(&opened().set_up().await.unwrap())[3], "identity of the store: Sound");
    let store = opened();
    for (channel, found) in [("slack", 1), ("timer", 7), ("feishu", 0)] {
        let filter = Filter { channels: vec![channel.to_owned()], ..Filter::default() };
        let page = store.query(&filter, Order::Newest, None, 10).await.unwrap();
        assert_eq!(page.events.len(), found, "{channel}");
    }
    assert_eq!(store.misfiled(0, 100).await.unwrap().0, []);
    store.append(commit(&identity(9), 0)).await.unwrap();
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
    for kinds in [vec![], vec!["identity".to_owned()]] {
        let filter = Filter { kinds, ..Filter::default() };
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
