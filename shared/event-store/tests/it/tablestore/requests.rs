//! What things cost, by the call log of the emulator.

use event_store::contract::sample::{commit, identity, pair, several};
use event_store::{
    AppendError, Clock, Commit, EventStore, Filter, Order, TablestoreOptions, TablestoreStore, load_stream,
};
use jiff::Timestamp;

use super::world::World;

/// The operations that were called since this was asked last.
fn called(world: &World) -> Vec<String> {
    let calls = world.emulator.calls().into_iter().map(|call| call.operation).collect();
    world.emulator.forget_calls();
    calls
}

async fn warm() -> (World, TablestoreStore) {
    let world = World::new().await;
    let store = world.store(TablestoreOptions::default());
    store.append(commit(&pair(1, 1), 0)).await.unwrap();
    called(&world);
    (world, store)
}

#[tokio::test]
async fn an_append_in_the_steady_state_is_one_request() {
    let (world, store) = warm().await;
    for version in 1..100 {
        store.append(commit(&pair(1, 1), version)).await.unwrap();
        assert_eq!(called(&world), ["BatchWriteRow"], "version {version}");
    }
    // As use cases do it: read, decide, append. Reading asks for the end of the log, the entries of the stream and the
    // commits that are not at hand.
    for uid in 2..6 {
        for version in 0..4 {
            let history = load_stream(&store, &pair(1, uid)).await.unwrap();
            assert_eq!(history.len() as u64, version);
            let reads = called(&world);
            assert!(reads.len() <= 3 && reads.iter().all(|call| call != "BatchWriteRow"), "{reads:?}");
            store.append(commit(&pair(1, uid), version)).await.unwrap();
            assert_eq!(called(&world), ["BatchWriteRow"]);
        }
    }
    // A large commit, with as many rows in the index as there are.
    store.append(several(&pair(1, 1), 100, 100)).await.unwrap();
    assert_eq!(called(&world), ["BatchWriteRow"]);
}

#[tokio::test]
async fn a_stream_that_was_never_looked_at_costs_one_read_more() {
    let (world, store) = warm().await;
    store.append(commit(&identity(7), 0)).await.unwrap();
    assert_eq!(called(&world), ["GetRange", "BatchWriteRow"]);
}

#[tokio::test]
async fn an_id_from_before_all_that_was_seen_is_looked_up() {
    let (world, _) = warm().await;
    let mut sent = commit(&identity(7), 0);
    sent.events[0].id = kubeconfig::EventId::derived("of no time");
    // The log is longer than what a process reads of it when it starts.
    let filler = world.store(TablestoreOptions::default());
    filler.append(sent.clone()).await.unwrap();
    for version in 1..150 {
        filler.append(commit(&pair(1, 1), version)).await.unwrap();
    }
    let store = world.store(TablestoreOptions::default());
    load_stream(&store, &identity(7)).await.unwrap();
    called(&world);
    assert!(store.append(Commit { expected: 1, ..sent.clone() }).await.unwrap().duplicate);
    // The id in the index, then the commit.
    assert_eq!(called(&world), ["BatchGetRow", "GetRow"]);
    let elsewhere = Commit { stream: identity(8), events: vec![sample_like(&sent)], expected: 0 };
    assert!(matches!(store.append(elsewhere).await, Err(AppendError::IdReused { .. })));
}

fn sample_like(sent: &Commit) -> kubeconfig::NewEvent {
    sent.events[0].clone()
}

#[tokio::test]
async fn a_process_that_starts_needs_few_requests() {
    let (world, store) = warm().await;
    for version in 1..20 {
        store.append(commit(&pair(1, 1), version)).await.unwrap();
    }
    called(&world);
    let other = world.store(TablestoreOptions::default());
    other.append(commit(&pair(1, 1), 20)).await.unwrap();
    // Identity of the store, newest block, end of the log; the index rows of the commit before last, whose writer may
    // have died; the commit.
    assert_eq!(called(&world), ["GetRow", "GetRange", "GetRange", "BatchWriteRow", "BatchWriteRow"]);
    // The first one finds that somebody was faster, reads what, and goes on.
    store.append(commit(&pair(1, 2), 0)).await.unwrap();
    let calls = called(&world);
    assert_eq!(calls.iter().filter(|call| *call == "BatchWriteRow").count(), 2, "{calls:?}");
    assert!(calls.len() <= 5, "{calls:?}");
}

#[tokio::test]
async fn a_conflict_costs_one_read_and_stores_nothing() {
    let (world, store) = warm().await;
    let refused = store.append(commit(&pair(1, 1), 0)).await;
    assert!(matches!(refused, Err(AppendError::Conflict { actual: 1, .. })), "{refused:?}");
    assert_eq!(called(&world), ["GetRange"]);
}

#[tokio::test]
async fn a_page_is_a_walk_along_one_tag() {
    let (world, store) = warm().await;
    for uid in 2..60 {
        store.append(commit(&pair(uid % 3, uid), 0)).await.unwrap();
    }
    let (page, all) = (20, Filter::default);
    let since = Some("2020-01-01T00:00:00Z".parse::<Timestamp>().unwrap());
    // The end of the log, then the log itself; with a time, where that is; with a condition, its entries and commits.
    for (filter, calls) in [
        (all(), vec!["GetRange", "GetRange"]),
        (Filter { since, ..all() }, vec!["GetRange", "GetRange", "GetRange"]),
        (
            Filter { clusters: vec!["c1".parse().unwrap()], ..all() },
            vec!["GetRange", "GetRange", "BatchGetRow"],
        ),
        (Filter { uids: vec!["9".parse().unwrap()], ..all() }, vec!["GetRange", "GetRange", "BatchGetRow"]),
        (Filter { actors: vec!["timer".to_owned()], ..all() }, vec!["GetRange", "GetRange", "BatchGetRow"]),
    ] {
        store.query(&all(), Order::Newest, None, 1).await.unwrap();
        called(&world);
        let found = store.query(&filter, Order::Oldest, None, page).await.unwrap();
        assert!(!found.events.is_empty());
        assert_eq!(called(&world), calls, "{filter:?}");
    }
}

#[tokio::test]
async fn nothing_depends_on_a_secondary_index() {
    let world = World::new().await;
    // A service whose indexes show nothing, and which gives its pages in small pieces.
    world.emulator.tune(|knobs| {
        knobs.tablestore.indexes_held = true;
        knobs.tablestore.index_lag_ms = 3_600_000;
        knobs.tablestore.scanned_rows = 3;
    });
    let stores = [(); 2].map(|()| world.store(TablestoreOptions::default()));
    for number in 0..40 {
        let appended =
            stores[number % 2].append(commit(&identity(1 + u32::try_from(number).unwrap()), 0)).await;
        let id = appended.unwrap().recorded[0].id;
        for reader in &stores {
            let filter = Filter { kinds: vec!["identity".to_owned()], ..Filter::default() };
            let newest = reader.query(&filter, Order::Newest, None, 1).await.unwrap();
            assert_eq!(newest.events[0].id, id);
        }
    }
    let all = event_store::contract::read_all(&stores[0], &Filter::default(), Order::Oldest, 7).await;
    assert_eq!(all.len(), 40);
    assert_eq!(world.emulator.waiting_index_entries(), 0, "there is none");
}

#[tokio::test]
async fn a_log_of_several_blocks_is_one_log() {
    let world = World::new().await;
    let store = world.store(TablestoreOptions::default());
    // A block holds 4,096 commits.
    let stream = pair(1, 1);
    for version in 0..4095 {
        store.append(commit(&stream, version)).await.unwrap();
    }
    for version in 4095..4100 {
        // By a process that has just started, so that it has to find the end.
        let other = world.store(TablestoreOptions { clock: Clock::system(), ..TablestoreOptions::default() });
        other.append(commit(&stream, version)).await.unwrap();
        let newest = store.query(&Filter::default(), Order::Newest, None, 10).await.unwrap();
        assert!(newest.events.iter().map(|event| event.version).eq((version - 8..=version + 1).rev()));
    }
    let log = event_store::contract::read_all(&store, &Filter::default(), Order::Oldest, 1000).await;
    assert!(log.iter().map(|event| event.version).eq(1..=4100));
    assert_eq!(load_stream(&store, &stream).await.unwrap(), log);
    let (mut commits, mut after) = (0, 0);
    loop {
        let page = store.commits(after, 1000).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        commits += page.len();
    }
    assert_eq!(commits, 4100);
}
