//! Storing commits.

use kubeconfig::{EventId, NewEvent, Recorded};

use super::sample::{self, commit, identity, of, pair, rich, several};
use super::{Fresh, StandingClock, read_all};
use crate::{AppendError, Clock, Commit, EventStore, Filter, Invalid, Order, load_stream};

async fn log(store: &dyn EventStore) -> Vec<Recorded> {
    read_all(store, &Filter::default(), Order::Oldest, 100).await
}

/// Nothing that was said about an event is lost or changed, and what append answers is what reading gives.
pub async fn a_commit_is_read_back_as_it_was_answered(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    let events: Vec<NewEvent> = vec![rich(1), sample::new(sample::approved(1)), rich(2)];
    let sent = Commit { stream: stream.clone(), expected: 0, events: events.clone() };
    let appended = store.append(sent).await.unwrap();
    assert!(!appended.duplicate);
    assert_eq!(appended.recorded.len(), 3);
    for (version, (event, recorded)) in (1..).zip(events.into_iter().zip(&appended.recorded)) {
        let expected = Recorded {
            id: event.id,
            stream: stream.clone(),
            version,
            occurred_at: event.occurred_at,
            recorded_at: appended.recorded[0].recorded_at,
            actor: event.actor,
            correlation: event.correlation,
            causation: event.causation,
            source: event.source,
            event: event.event,
        };
        assert_eq!(*recorded, expected);
    }
    assert_eq!(load_stream(&*store, &stream).await.unwrap(), appended.recorded);
    assert_eq!(log(&*store).await, appended.recorded);
}

/// Versions are 1, 2, 3 … over all commits of a stream.
pub async fn versions_count_from_one_without_gaps(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    for (expected, events) in [(0, 2), (2, 1), (3, 4)] {
        store.append(several(&stream, expected, events)).await.unwrap();
    }
    let versions: Vec<u64> =
        load_stream(&*store, &stream).await.unwrap().iter().map(|event| event.version).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7]);
}

/// A commit made for another version than the stream is at is refused, and the answer says where the stream is.
pub async fn another_version_than_expected_is_a_conflict(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let (there, not_there) = (pair(1, 2), pair(1, 3));
    store.append(several(&there, 0, 3)).await.unwrap();
    let before = log(&*store).await;
    for (stream, wrong, at) in
        [(&there, 0, 3), (&there, 2, 3), (&there, 4, 3), (&there, u64::MAX, 3), (&not_there, 1, 0)]
    {
        match store.append(commit(stream, wrong)).await {
            Err(AppendError::Conflict { stream: named, expected, actual }) => {
                assert_eq!((&named, expected, actual), (stream, wrong, at));
            }
            other => panic!("expected a conflict, got {other:?}"),
        }
    }
    assert_eq!(log(&*store).await, before);
}

/// Sent again, a commit is answered with what is stored, whatever version it expects.
pub async fn the_same_commit_again_is_stored_once(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    let sent = several(&stream, 0, 2);
    let first = store.append(sent.clone()).await.unwrap();
    store.append(commit(&stream, 2)).await.unwrap();
    for expected in [0, 1, 3, 99] {
        let again = store.append(Commit { expected, ..sent.clone() }).await.unwrap();
        assert!(again.duplicate);
        assert_eq!(again.recorded, first.recorded);
    }
    assert_eq!(log(&*store).await.len(), 3);
}

/// An id names one event for ever: not in another stream, not beside others, not without those it came with.
pub async fn an_id_of_another_commit_is_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    let sent = several(&stream, 0, 2);
    store.append(sent.clone()).await.unwrap();
    let [first, second] = [sent.events[0].clone(), sent.events[1].clone()];
    let new = || sample::fitting(&stream);
    let refused = [
        ("in another stream", pair(9, 9), 0, vec![first.clone(), second.clone()], first.id),
        ("only the first", stream.clone(), 2, vec![first.clone()], first.id),
        ("only the second", stream.clone(), 2, vec![second.clone()], second.id),
        ("in another order", stream.clone(), 2, vec![second.clone(), first.clone()], second.id),
        ("and one more", stream.clone(), 2, vec![first.clone(), second.clone(), new()], first.id),
        ("after a new one", stream.clone(), 2, vec![new(), second.clone()], second.id),
        ("with a stale version", stream.clone(), 0, vec![first.clone(), new()], first.id),
    ];
    for (what, stream, expected, events, reused) in refused {
        match store.append(Commit { stream, expected, events }).await {
            Err(AppendError::IdReused { id }) => assert_eq!(id, reused, "{what}"),
            other => panic!("{what}: expected a reused id, got {other:?}"),
        }
    }
    assert_eq!(log(&*store).await.len(), 2);
}

/// What was refused can be found nowhere, and its ids are free.
pub async fn a_refused_commit_leaves_no_trace(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let sent = several(&identity(7), 5, 3);
    store.append(sent.clone()).await.unwrap_err();
    assert_eq!(log(&*store).await, []);
    assert_eq!(load_stream(&*store, &identity(7)).await.unwrap(), []);
    let stored = store.append(Commit { expected: 0, ..sent }).await.unwrap();
    assert!(!stored.duplicate);
}

/// `recorded_at` follows the clock in microseconds, and stands where the clock goes back.
pub async fn the_time_of_storing_never_falls(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let clock = StandingClock::new();
    let start = clock.at(0);
    let Fresh { store, keep: _keep } = fresh(clock.clock()).await;
    let mut times = Vec::new();
    for (uid, shift) in [(1, 0), (2, 1), (3, -3_600_000_000), (4, 3_600_000_000), (5, 5)] {
        clock.shift(shift);
        let stored = store.append(several(&pair(1, uid), 0, 2)).await.unwrap();
        assert_eq!(stored.recorded[0].recorded_at, stored.recorded[1].recorded_at);
        times.push(stored.recorded[0].recorded_at.as_microsecond() - start.as_microsecond());
    }
    assert_eq!(times, [0, 1, 1, 1, 6]);
}

/// It could never be read as what it is.
pub async fn an_event_in_a_stream_of_another_kind_is_refused(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let misplaced = of(&pair(1, 2), 0, sample::fitting(&identity(2)));
    match store.append(misplaced).await {
        Err(AppendError::Invalid(Invalid::WrongStream { type_name, .. })) => {
            assert_eq!(type_name, "IdentityDeleted");
        }
        other => panic!("expected a refusal, got {other:?}"),
    }
    let nameless = NewEvent { id: EventId::derived("x"), ..sample::new(sample::unknown("", 1.into())) };
    let refused = store.append(of(&pair(1, 2), 0, nameless)).await;
    assert!(matches!(refused, Err(AppendError::Invalid(Invalid::Unencodable(_)))), "{refused:?}");
}
