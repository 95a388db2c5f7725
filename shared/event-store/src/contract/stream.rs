//! Reading one stream.

use kubeconfig::{Event, Recorded, Stored};
use serde_json::json;

use super::sample::{self, commit, identity, of, pair, several, unknown};
use super::{Fresh, read_all};
use crate::{Clock, Commit, EventStore, Filter, Order, load_stream};

/// From within a commit, from its end, from behind the last event; in pieces of any size.
pub async fn a_stream_is_read_from_any_version(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    for (expected, events) in [(0, 3), (3, 1), (4, 3)] {
        store.append(several(&stream, expected, events)).await.unwrap();
    }
    for after in 0..9 {
        for limit in 0..9 {
            let events = store.read_stream(&stream, after, limit).await.unwrap();
            let versions: Vec<u64> = events.iter().map(|event| event.version).collect();
            let expected: Vec<u64> = (after + 1..=7).take(limit as usize).collect();
            assert_eq!(versions, expected, "after {after}, limit {limit}");
        }
    }
    assert_eq!(store.read_stream(&stream, u64::MAX, 10).await.unwrap(), []);
}

/// Longer than a page.
pub async fn a_long_stream_is_loaded_whole(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    let mut stored = Vec::new();
    for commit in 0..9 {
        stored.extend(store.append(several(&stream, 250 * commit, 250)).await.unwrap().recorded);
    }
    assert_eq!(load_stream(&*store, &stream).await.unwrap(), stored);
}

/// Names that begin alike are not alike.
pub async fn streams_do_not_mix(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let streams = [pair(1, 2), pair(1, 22), pair(11, 2), identity(2), sample::cluster(1), sample::run()];
    for stream in &streams {
        store.append(commit(stream, 0)).await.unwrap();
    }
    for stream in &streams {
        let events = load_stream(&*store, stream).await.unwrap();
        assert_eq!(
            events.iter().map(|event| (&event.stream, event.version)).collect::<Vec<_>>(),
            [(stream, 1)]
        );
    }
    assert_eq!(load_stream(&*store, &pair(2, 1)).await.unwrap(), []);
}

/// Of a type, a form or fields that this version cannot read: kept whole, found as all others, and no trouble to them.
pub async fn unknown_events_are_kept(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let stream = pair(1, 2);
    let of_revocation = json!({ "revocation": sample::revocation(5), "new": [1, { "deep": null }] });
    let stored = |type_name: &str, schema, data| {
        Event::Unrecognised(Stored { type_name: type_name.to_owned(), schema, data })
    };
    let odd = [
        unknown("RevocationReconsidered", of_revocation),
        stored("RevocationApproved", 9, json!({ "revocation": sample::revocation(5) })),
        stored("RevocationApproved", 1, json!("not what it should be")),
    ];
    let mut events = vec![sample::new(sample::requested(5))];
    events.extend(odd.iter().cloned().map(sample::new));
    events.push(sample::new(sample::approved(5)));
    let expected: Vec<Event> = events.iter().map(|event| event.event.clone()).collect();
    store.append(Commit { stream: stream.clone(), expected: 0, events }).await.unwrap();

    let facts = |events: Vec<Recorded>| events.into_iter().map(|event| event.event).collect::<Vec<_>>();
    assert_eq!(facts(load_stream(&*store, &stream).await.unwrap()), expected);
    assert_eq!(facts(find(&*store, Filter::default()).await), expected);
    let types = vec!["RevocationReconsidered".to_owned()];
    assert_eq!(facts(find(&*store, Filter { types, ..Filter::default() }).await), expected[1..2]);
    let revocations = vec![sample::revocation(5)];
    let found = facts(find(&*store, Filter { revocations, ..Filter::default() }).await);
    assert_eq!(found, [&expected[..3], &expected[4..]].concat());
}

async fn find(store: &dyn EventStore, filter: Filter) -> Vec<Recorded> {
    read_all(store, &filter, Order::Oldest, 100).await
}

/// What an earlier version stored is read as today's event.
pub async fn older_forms_are_lifted(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let old = Stored {
        type_name: "KubeconfigObserved".to_owned(),
        schema: 1,
        data: json!({
            "cluster_state": "running",
            "account": { "kind": "RamUser", "state": "Active" },
            "cert_state": "Unexpired",
            "expires_at": "2027-01-01T00:00:00Z",
        }),
    };
    let event = sample::new(Event::Unrecognised(old.clone()));
    store.append(of(&pair(1, 2), 0, event)).await.unwrap();
    let read = load_stream(&*store, &pair(1, 2)).await.unwrap();
    assert!(matches!(read[0].event, Event::Access(_)), "{read:?}");
    assert_eq!(read[0].event, Event::from_stored(&pair(1, 2), old));
}
