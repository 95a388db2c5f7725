//! How much is too much.

use kubeconfig::NewEvent;
use serde_json::Value;

use super::sample::{self, commit, of, pair, several, unknown};
use super::{Fresh, read_all};
use crate::{
    AppendError, Clock, Commit, Filter, Invalid, MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS,
    MAX_INDEXED_BYTES, MAX_PAGE, MAX_VALUES, Order, StoreError, load_stream,
};

/// An event whose fields are exactly so many bytes of JSON.
fn sized(bytes: usize) -> NewEvent {
    sample::new(unknown("Sized", Value::String("x".repeat(bytes - 2))))
}

/// A commit says something.
pub async fn empty_commits_are_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let refused = store.append(several(&pair(1, 2), 0, 0)).await;
    assert!(matches!(refused, Err(AppendError::Invalid(Invalid::Empty))), "{refused:?}");
}

/// Ids are ids within a commit, too.
pub async fn an_id_twice_in_a_commit_is_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let mut twice = several(&pair(1, 2), 0, 3);
    twice.events[2].id = twice.events[0].id;
    match store.append(twice.clone()).await {
        Err(AppendError::Invalid(Invalid::RepeatedId(id))) => assert_eq!(id, twice.events[0].id),
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// [`MAX_EVENTS`] is the most.
pub async fn a_commit_holds_256_events_and_no_more(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let refused = store.append(several(&pair(1, 2), 0, MAX_EVENTS + 1)).await;
    assert!(matches!(refused, Err(AppendError::Invalid(Invalid::TooManyEvents(257)))), "{refused:?}");
    let most = store.append(several(&pair(1, 2), 0, MAX_EVENTS)).await.unwrap();
    store.append(commit(&pair(1, 2), 256)).await.unwrap();
    let log = read_all(&*store, &Filter::default(), Order::Oldest, 50).await;
    assert_eq!(log[..256], most.recorded);
    assert_eq!(log.len(), 257);
}

/// [`MAX_EVENT_BYTES`] is the most.
pub async fn an_event_holds_a_mebibyte_and_no_more(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    match store.append(of(&pair(1, 2), 0, sized(MAX_EVENT_BYTES + 1))).await {
        Err(AppendError::Invalid(Invalid::EventTooLarge { bytes, .. })) => assert_eq!(bytes, 1_048_577),
        other => panic!("expected a refusal, got {other:?}"),
    }
    let stored = store.append(of(&pair(1, 2), 0, sized(MAX_EVENT_BYTES))).await.unwrap();
    assert_eq!(load_stream(&*store, &pair(1, 2)).await.unwrap(), stored.recorded);
}

/// [`MAX_COMMIT_BYTES`] is the most, over all events and what is said about them.
pub async fn a_commit_holds_three_mebibytes_and_no_more(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let commit = |size: usize| {
        let events = (0..MAX_COMMIT_BYTES / size).map(|_| sized(size)).collect();
        Commit { stream: pair(1, 2), expected: 0, events }
    };
    let refused = store.append(commit(MAX_EVENT_BYTES)).await;
    assert!(matches!(refused, Err(AppendError::Invalid(Invalid::CommitTooLarge(_)))), "{refused:?}");
    let stored = store.append(commit(MAX_EVENT_BYTES - 1000)).await.unwrap();
    assert_eq!(load_stream(&*store, &pair(1, 2)).await.unwrap(), stored.recorded);
}

/// Every backend must be able to index them.
pub async fn long_names_are_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let name = "n".repeat(MAX_INDEXED_BYTES + 1);
    let actor = NewEvent { actor: sample::person(&name), ..sample::new(sample::requested(1)) };
    let type_name = sample::new(unknown(&name, Value::Null));
    for (event, expected) in [(actor, "actor"), (type_name, "type")] {
        match store.append(of(&pair(1, 2), 0, event)).await {
            Err(AppendError::Invalid(Invalid::NameTooLong { what, bytes, .. })) => {
                assert_eq!((what, bytes), (expected, 1001));
            }
            other => panic!("expected a refusal, got {other:?}"),
        }
    }
    let most = NewEvent { actor: sample::person(&name[1..]), ..sample::new(sample::requested(1)) };
    store.append(of(&pair(1, 2), 0, most)).await.unwrap();
}

/// A page holds 1 to [`MAX_PAGE`] events, whatever is asked for.
pub async fn the_size_of_a_page_is_bounded(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    for commit in 0..5 {
        store.append(several(&pair(1, 2), 256 * commit, 256)).await.unwrap();
    }
    for order in [Order::Oldest, Order::Newest] {
        for (limit, expected) in [(0, 1), (1, 1), (999, 999), (u32::MAX, MAX_PAGE as usize)] {
            let page = store.query(&Filter::default(), order, None, limit).await.unwrap();
            assert_eq!((page.events.len(), page.more), (expected, true));
        }
    }
    assert_eq!(store.read_stream(&pair(1, 2), 0, u32::MAX).await.unwrap().len(), MAX_PAGE as usize);
}

/// Events of the largest size are all found, in both orders, though they need not fit on one page.
pub async fn pages_of_large_events_are_complete(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    for version in 0..12 {
        store.append(of(&pair(1, 2), version, sized(MAX_EVENT_BYTES))).await.unwrap();
    }
    let mut versions: Vec<u64> = (1..=12).collect();
    for order in [Order::Oldest, Order::Newest] {
        let events = read_all(&*store, &Filter::default(), order, 1000).await;
        assert_eq!(events.iter().map(|event| event.version).collect::<Vec<_>>(), versions);
        versions.reverse();
    }
}

/// [`MAX_VALUES`] is the most.
pub async fn too_many_values_are_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let filter = |count: usize| {
        let types = (0..count).map(|number| format!("Type{number}")).collect();
        Filter { types, ..Filter::default() }
    };
    store.query(&filter(MAX_VALUES), Order::Newest, None, 1).await.unwrap();
    let refused = store.query(&filter(MAX_VALUES + 1), Order::Newest, None, 1).await;
    assert!(matches!(refused, Err(StoreError::TooManyValues { what: "types", count: 65 })), "{refused:?}");
}
