//! Lost answers, a busy service, and calls that run out of time.

use std::time::{Duration, Instant};

use cloud_emulator::{Failure, Faults, Outcome, Service};
use event_store::contract::sample::{commit, identity, pair, several};
use event_store::{
    AppendError, Commit, Deadline, EventStore, Filter, Order, StoreError, TablestoreOptions, load_stream,
};

use super::world::World;

fn next(world: &World, times: u32, outcome: Outcome) {
    world.emulator.fail_next(Failure { operation: "BatchWriteRow".to_owned(), times, outcome });
}

fn error(status: u16, code: &str) -> Outcome {
    Outcome::Error { status, code: code.to_owned() }
}

/// Whatever happens to the request, the commit is stored once, and its sender is told that it was new.
#[tokio::test]
async fn an_append_survives_what_can_happen_to_its_request() {
    let outcomes = [
        Outcome::LostResponse,
        Outcome::LostRequest,
        error(503, "OTSServerBusy"),
        error(403, "OTSNotEnoughCapacityUnit"),
        error(503, "OTSPartitionUnavailable"),
        error(409, "OTSRowOperationConflict"),
        error(503, "OTSTimeout"),
        error(500, "OTSInternalServerError"),
    ];
    for warm in [false, true] {
        for outcome in &outcomes {
            let world = World::new().await;
            let store = world.store(TablestoreOptions::default());
            let mut version = 0;
            if warm {
                store.append(several(&pair(1, 2), 0, 2)).await.unwrap();
                version = 2;
            }
            next(&world, 2, outcome.clone());
            let appended = store.append(several(&pair(1, 2), version, 3)).await;
            let appended = appended.unwrap_or_else(|error| panic!("{outcome:?}: {error:?}"));
            assert!(!appended.duplicate, "{outcome:?}");
            let stored = load_stream(&store, &pair(1, 2)).await.unwrap();
            assert_eq!(stored.len() as u64, version + 3, "{outcome:?}");
            assert_eq!(stored[stored.len() - 3..], appended.recorded);
        }
    }
}

/// A sender that gave up sends again, later, and somewhere else.
#[tokio::test]
async fn a_commit_of_unknown_outcome_is_recognised_when_it_is_sent_again() {
    let world = World::new().await;
    let store = world.store(TablestoreOptions::default());
    let sent = several(&pair(1, 2), 0, 2);
    // The commit arrives, its answer does not, and then nothing does.
    next(&world, 1, Outcome::LostResponse);
    world.emulator.tune(|knobs| {
        knobs
            .operations
            .insert("GetRange".to_owned(), Faults { lost_request_rate: 1.0, ..Faults::default() });
    });
    let hurried =
        world.store(TablestoreOptions { timeout: Duration::from_millis(300), ..Default::default() });
    world.emulator.tune(|knobs| knobs.operations.remove("GetRange"));
    load_stream(&hurried, &pair(1, 2)).await.unwrap();
    world.emulator.tune(|knobs| {
        knobs
            .operations
            .insert("GetRange".to_owned(), Faults { lost_request_rate: 1.0, ..Faults::default() });
    });
    let unknown = hurried.append(sent.clone()).await;
    assert!(matches!(unknown, Err(AppendError::Store(_))), "{unknown:?}");
    world.emulator.tune(|knobs| knobs.operations.clear());
    for sender in [&store, &hurried] {
        for expected in [0, 2, 99] {
            let again = sender.append(Commit { expected, ..sent.clone() }).await.unwrap();
            assert!(again.duplicate);
        }
    }
    assert_eq!(load_stream(&store, &pair(1, 2)).await.unwrap().len(), 2);
}

/// A throttled service is asked again, until the time of the call is over; then the caller hears that it is busy.
#[tokio::test]
async fn a_busy_service_is_asked_again_until_it_is_time() {
    let world = World::new().await;
    let store = world.store(TablestoreOptions { timeout: Duration::from_millis(400), ..Default::default() });
    load_stream(&store, &identity(1)).await.unwrap();
    let all = Faults { throttling_rate: 1.0, ..Faults::default() };
    world.emulator.tune(|knobs| knobs.services.insert(Service::Tablestore, all));
    world.emulator.forget_calls();
    let busy = store.append(commit(&identity(1), 0)).await;
    assert!(matches!(busy, Err(AppendError::Store(StoreError::Busy))), "{busy:?}");
    assert!(world.emulator.calls().len() > 1);
    world.emulator.tune(|knobs| knobs.services.clear());
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap(), []);
    store.append(commit(&identity(1), 0)).await.unwrap();
}

/// Nothing is sent once the caller's time is over.
#[tokio::test]
async fn after_the_deadline_nothing_is_sent() {
    let world = World::new().await;
    let over = Deadline::new(|| Instant::now().checked_sub(Duration::from_secs(1)));
    let store = world.store(TablestoreOptions { deadline: over, ..TablestoreOptions::default() });
    world.emulator.forget_calls();
    assert!(matches!(
        store.append(commit(&identity(1), 0)).await,
        Err(AppendError::Store(StoreError::Io(_)))
    ));
    assert!(matches!(store.query(&Filter::default(), Order::Newest, None, 1).await, Err(StoreError::Io(_))));
    assert_eq!(world.emulator.calls(), []);
}

/// A writer that stops after its commit, before anything else of it is in the index, hides nothing.
#[tokio::test]
async fn what_a_writer_left_behind_is_found_and_filed_by_the_next() {
    let world = World::new().await;
    for uid in 1..=6 {
        // Each of them appends once and is gone.
        let writer = world.store(TablestoreOptions::default());
        writer.append(commit(&identity(uid), 0)).await.unwrap();
        drop(writer);
        let reader = world.store(TablestoreOptions { read_only: true, ..TablestoreOptions::default() });
        let filter = Filter { kinds: vec!["identity".to_owned()], ..Filter::default() };
        let found = reader.query(&filter, Order::Oldest, None, 100).await.unwrap();
        assert_eq!(found.events.len() as u32, uid);
    }
    let store = world.store(TablestoreOptions::default());
    let (wrong, last) = store.misfiled(0, 100).await.unwrap();
    assert_eq!((wrong, last), (vec![], Some(6)));
}

/// The future of an append may be dropped at any point.
#[tokio::test]
async fn an_append_that_is_dropped_hinders_nobody() {
    let world = World::new().await;
    let store = world.store(TablestoreOptions::default());
    load_stream(&store, &identity(1)).await.unwrap();
    let slow = Faults { latency_ms: 50, ..Faults::default() };
    world.emulator.tune(|knobs| knobs.operations.insert("BatchWriteRow".to_owned(), slow));
    let sent = commit(&identity(1), 0);
    let dropped = tokio::time::timeout(Duration::from_millis(10), store.append(sent.clone())).await;
    assert!(dropped.is_err());
    world.emulator.tune(|knobs| knobs.operations.clear());
    // It may or may not have been carried out.
    store.append(sent).await.unwrap();
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len(), 1);
}
