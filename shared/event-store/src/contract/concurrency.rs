//! Several at once.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use kubeconfig::{EventId, Recorded, StreamId};

use super::sample::{commit, identity, pair, several};
use super::{Fresh, read_all};
use crate::{AppendError, Clock, Cursor, EventStore, Filter, Order, follow, load_stream};

/// Appends one event after all others, however often others are faster. Gives back its id.
async fn insist(store: &dyn EventStore, stream: &StreamId) -> EventId {
    let mut attempt = commit(stream, 0);
    loop {
        match store.append(attempt.clone()).await {
            Ok(appended) => {
                assert!(!appended.duplicate);
                return appended.recorded[0].id;
            }
            Err(AppendError::Conflict { actual, .. }) => attempt.expected = actual,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Writers that race for every version of a stream: each event is stored once, and none over another.
pub async fn sixteen_writers_on_one_stream_lose_nothing(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let writers = (0..16).map(|_| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut ids = Vec::new();
            for _ in 0..12 {
                ids.push(insist(&*store, &pair(1, 2)).await);
            }
            ids
        })
    });
    let written: HashSet<EventId> = join_all(writers).await.into_iter().flat_map(Result::unwrap).collect();
    let stored = load_stream(&*store, &pair(1, 2)).await.unwrap();
    assert_eq!(stored.iter().map(|event| event.version).collect::<Vec<_>>(), (1..=192).collect::<Vec<_>>());
    assert_eq!(stored.iter().map(|event| event.id).collect::<HashSet<_>>(), written);
}

/// A cause that is delivered many times at once happens once.
pub async fn one_commit_sent_by_many_at_once_is_stored_once(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let sent = several(&pair(1, 2), 0, 3);
    let senders = (0..16).map(|_| {
        let (store, sent) = (Arc::clone(&store), sent.clone());
        tokio::spawn(async move { store.append(sent).await.unwrap() })
    });
    let answers: Vec<_> = join_all(senders).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.duplicate).count(), 1);
    let stored = load_stream(&*store, &pair(1, 2)).await.unwrap();
    assert_eq!(stored.len(), 3);
    assert!(answers.iter().all(|answer| answer.recorded == stored));
}

const WRITERS: u32 = 8;
const EACH: u64 = 40;

/// Writers on streams of their own, commits of 1 to 3 events.
fn start_writers(store: &Arc<dyn EventStore>) -> Vec<tokio::task::JoinHandle<()>> {
    let writer = |number: u32| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut version = 0;
            for round in 0..EACH {
                let events = 1 + (round + u64::from(number)) % 3;
                let commit = several(&identity(1 + number), version, usize::try_from(events).unwrap());
                store.append(commit).await.unwrap();
                version += events;
            }
        })
    };
    (0..WRITERS).map(writer).collect()
}

/// Read while it is written, the log has no hole that is filled later: nothing is skipped, nothing comes twice.
pub async fn a_reader_that_follows_sees_every_event_once(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    let writers = start_writers(&store);
    let readers = [Filter::default(), Filter { kinds: vec!["identity".to_owned()], ..Filter::default() }]
        .map(|filter| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut seen: Vec<Recorded> = Vec::new();
                let mut after: Option<Cursor> = None;
                while (seen.len() as u64) < total() {
                    let page = store.query(&filter, Order::Oldest, after.as_ref(), 7).await.unwrap();
                    after = Some(page.end);
                    seen.extend(page.events);
                    tokio::task::yield_now().await;
                }
                seen
            })
        });
    for writer in writers {
        writer.await.unwrap();
    }
    let log = read_all(&*store, &Filter::default(), Order::Oldest, 1000).await;
    assert_eq!(log.len() as u64, total());
    for reader in readers {
        assert_eq!(reader.await.unwrap(), log);
    }
    assert!(log.is_sorted_by_key(|event| event.recorded_at));
}

/// How many events all writers store.
fn total() -> u64 {
    (0..u64::from(WRITERS)).flat_map(|number| (0..EACH).map(move |round| 1 + (round + number) % 3)).sum()
}

/// Newest first, what is stored meanwhile does not shift the pages.
pub async fn a_reader_that_goes_back_is_not_disturbed(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    for uid in 100..130 {
        store.append(several(&identity(uid), 0, 2)).await.unwrap();
    }
    let mut expected = read_all(&*store, &Filter::default(), Order::Oldest, 1000).await;
    expected.reverse();
    let mut page = store.query(&Filter::default(), Order::Newest, None, 3).await.unwrap();
    let writers = start_writers(&store);
    let mut seen = page.events;
    while page.more {
        page = store.query(&Filter::default(), Order::Newest, Some(&page.end), 3).await.unwrap();
        seen.append(&mut page.events);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen, expected);
}

/// [`follow`] brings what is there, then what comes, each once.
pub async fn following_wakes_for_new_events(fresh: &impl AsyncFn(Clock) -> Fresh) {
    let Fresh { store, keep: _keep } = fresh(Clock::system()).await;
    store.append(several(&identity(50), 0, 2)).await.unwrap();
    let mut pages = Box::pin(follow(Arc::clone(&store), Filter::default(), None, Duration::from_millis(1)));
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!(first.events.len(), 2);
    let mut seen = first.events;
    let writers = start_writers(&store);
    while (seen.len() as u64) < 2 + total() {
        let page = pages.next().await.unwrap().unwrap();
        assert!(!page.events.is_empty());
        seen.extend(page.events);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen, read_all(&*store, &Filter::default(), Order::Oldest, 1000).await);
}
