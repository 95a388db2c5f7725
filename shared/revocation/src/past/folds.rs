//! What the first so many events of the log add up to, kept in memory: a look into the past begins at one of them, not at
//! the beginning of the log.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use event_store::{Cursor, MAX_PAGE};
use jiff::Timestamp;
use kubeconfig::{EventId, Projection, Recorded};

use super::By;

/// Events between two that are kept. A short log keeps none.
const EVERY: u64 = 100_000;

/// How many are kept, beside the latest look. In a longer log every second of them goes, and the distance doubles. A projection
/// of 25,600 pairs takes 64 MiB, and functions have 512.
const MOST: usize = 2;

/// The first events of the log, added up. Cheap to clone: the next event that it takes in has it copied.
#[derive(Debug, Clone)]
pub(super) struct Fold {
    pub(super) projection: Arc<Projection>,
    /// The place behind the last of them; `None`: there are none.
    pub(super) cursor: Option<Cursor>,
    events: u64,
    /// The latest that one of them was stored.
    recorded: Timestamp,
    /// The latest that one of them happened.
    occurred: Timestamp,
    /// Whether none was left out.
    whole: bool,
}

impl Default for Fold {
    fn default() -> Self {
        Self {
            projection: Arc::default(),
            cursor: None,
            events: 0,
            recorded: Timestamp::MIN,
            occurred: Timestamp::MIN,
            whole: true,
        }
    }
}

impl Fold {
    /// Takes the next event of the log in, or leaves it out.
    pub(super) fn take(&mut self, event: &Recorded, at: Timestamp, by: By) {
        if by.time(event) > at {
            self.whole = false;
            return;
        }
        self.events += 1;
        self.recorded = self.recorded.max(event.recorded_at);
        self.occurred = self.occurred.max(event.occurred_at);
        Arc::make_mut(&mut self.projection).evolve(event);
    }

    /// Whether all of it counts at the instant.
    fn is_before(&self, at: Timestamp, by: By) -> bool {
        at >= match by {
            By::Recorded => self.recorded,
            By::Occurred => self.occurred,
        }
    }
}

/// Those that are kept, by their length.
pub(crate) struct Folds {
    kept: Mutex<Kept>,
    /// Events that are read at once.
    pub(super) page: u32,
}

struct Kept {
    folds: Vec<Fold>,
    every: u64,
    /// What the latest look has read, up to the end of the log: pages of the same instant follow each other.
    latest: Option<(Timestamp, By, Fold)>,
    /// The latest erasure when they were made.
    erasure: Option<EventId>,
}

impl Default for Folds {
    fn default() -> Self {
        Self::new(EVERY, MAX_PAGE)
    }
}

impl Folds {
    pub(super) fn new(every: u64, page: u32) -> Self {
        Self { kept: Mutex::new(Kept { folds: Vec::new(), every, latest: None, erasure: None }), page }
    }

    /// The longest that an instant can begin with.
    pub(super) fn before(&self, at: Timestamp, by: By) -> Fold {
        let kept = self.kept();
        let same = kept.latest.as_ref().filter(|latest| (latest.0, latest.1) == (at, by));
        let longest = || kept.folds.iter().rev().find(|fold| fold.is_before(at, by));
        same.map(|latest| &latest.2).or_else(longest).cloned().unwrap_or_default()
    }

    /// Drops all of them if something was erased since: they may still have it.
    pub(super) fn forget(&self, latest_erasure: Option<EventId>) {
        let mut kept = self.kept();
        if kept.erasure != latest_erasure {
            kept.folds.clear();
            kept.latest = None;
            kept.erasure = latest_erasure;
        }
    }

    /// Keeps it if it is whole and so much longer than the others that it is worth its memory, and nothing was erased since
    /// it was begun.
    pub(super) fn keep(&self, fold: &Fold, erasure: Option<EventId>) {
        let mut kept = self.kept();
        if kept.erasure != erasure || !fold.whole || !kept.is_far(fold) {
            return;
        }
        if kept.folds.len() >= MOST {
            let mut count = 0_usize;
            kept.folds.retain(|_| {
                count += 1;
                count.is_multiple_of(2)
            });
            kept.every *= 2;
        }
        if kept.is_far(fold) {
            kept.folds.push(fold.clone());
        }
    }

    /// Keeps what a look has read, for the next one of the same instant, if nothing was erased since it was begun.
    pub(super) fn remember(&self, fold: &Fold, at: Timestamp, by: By, erasure: Option<EventId>) {
        let mut kept = self.kept();
        if kept.erasure == erasure {
            kept.latest = Some((at, by, fold.clone()));
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // Each change of it is one step: a panic elsewhere leaves it right.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_far(&self, fold: &Fold) -> bool {
        fold.events >= self.folds.last().map_or(0, |last| last.events) + self.every
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use event_store::contract::sample::{self, identity, pair};
    use event_store::{Clock, Commit, EventStore, MemoryStore};
    use kubeconfig::NewEvent;
    use proptest::prelude::*;

    use super::*;
    use crate::history::History;

    fn second(of: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + of).unwrap()
    }

    /// A log whose commits were stored, and whose events happened, at these seconds.
    async fn log(times: &[(i64, i64)]) -> Arc<MemoryStore> {
        let now = Arc::new(AtomicI64::new(0));
        let clock = now.clone();
        let store =
            Arc::new(MemoryStore::with_clock(Clock::new(move || second(clock.load(Ordering::Relaxed)))));
        for (number, (passes, occurred)) in (0..).zip(times) {
            now.fetch_add(*passes, Ordering::Relaxed);
            let stream =
                if number % 5 == 0 { identity(1 + number % 3) } else { pair(number % 2, 1 + number % 3) };
            let expected = store.read_stream(&stream, 0, 1000).await.unwrap().len() as u64;
            let event = match number % 3 {
                _ if number % 5 == 0 => sample::fitting(&stream),
                0 => sample::new(sample::approved(number % 4)),
                _ => sample::new(sample::requested(number % 4)),
            };
            let events = vec![NewEvent { occurred_at: second(*occurred), ..event }];
            store.append(Commit { stream, expected, events }).await.unwrap();
        }
        store
    }

    fn with(store: &Arc<MemoryStore>, every: u64, page: u32) -> History {
        let mut history = History::new(store.clone());
        history.folds = Arc::new(Folds::new(every, page));
        history
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn an_instant_adds_up_to_the_same_whatever_is_kept(
            times in prop::collection::vec((0_i64..3, -5_i64..90), 0..90),
            looks in prop::collection::vec((-2_i64..100, any::<bool>()), 1..12),
            (every, page) in (1_u64..7, 1_u32..9),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(async {
                let store = log(&times).await;
                let keeping = with(&store, every, page);
                for (at, recorded) in looks {
                    let by = if recorded { By::Recorded } else { By::Occurred };
                    let found = keeping.as_of(second(at), by).await.unwrap().projection().await.unwrap();
                    let afresh = with(&store, u64::MAX, 1000);
                    let expected = afresh.as_of(second(at), by).await.unwrap().projection().await.unwrap();
                    prop_assert_eq!(found, expected, "as of {} by {}", at, by.as_str());
                    prop_assert!(keeping.folds.kept().folds.len() <= MOST);
                }
                Ok(())
            })?;
        }
    }

    #[tokio::test]
    async fn a_look_at_the_same_instant_goes_on_at_the_end_of_the_log() {
        let store = log(&[(1, 1), (1, 9), (1, 1)]).await;
        let history = with(&store, u64::MAX, 2);
        let look = async |at, by| history.as_of(second(at), by).await.unwrap().projection().await.unwrap();
        let before = look(5, By::Occurred).await;
        assert!(
            Arc::ptr_eq(&before, &look(5, By::Occurred).await),
            "nothing came: nothing is added up again"
        );
        // What is heard of late was so then, and what happened later was not.
        for (number, occurred) in [(50, 1), (51, 9)] {
            let event = sample::new(sample::requested(number));
            let event = NewEvent { occurred_at: second(occurred), ..event };
            store.append(sample::of(&pair(9, number), 0, event)).await.unwrap();
        }
        let after = look(5, By::Occurred).await;
        let afresh = with(&store, u64::MAX, 2).as_of(second(5), By::Occurred).await.unwrap();
        assert_eq!(after, afresh.projection().await.unwrap());
        assert_eq!(after.accesses.len(), before.accesses.len() + 1);
        // Neither another instant nor the other time begins there.
        for (at, by) in [(2, By::Occurred), (5, By::Recorded)] {
            assert_eq!(history.folds.before(second(at), by).events, 0);
        }
    }

    #[tokio::test]
    async fn a_second_look_reads_the_end_only_and_what_is_kept_spreads_over_the_log() {
        let times = vec![(1, 0); 90];
        let store = log(&times).await;
        let history = with(&store, 2, 2);
        history.as_of(second(91), By::Recorded).await.unwrap();
        let lengths: Vec<u64> = history.folds.kept().folds.iter().map(|fold| fold.events).collect();
        assert!(lengths.len() >= MOST / 2 && lengths.len() <= MOST, "{lengths:?}");
        assert!(lengths.windows(2).all(|two| two[0] < two[1]), "{lengths:?}");
        assert!(lengths.last() >= Some(&45), "{lengths:?}");
        let begins = |at: u64| history.folds.before(second(at.cast_signed()), By::Recorded).events;
        // The events were stored one a second.
        assert_eq!((begins(lengths[0] - 1), begins(90)), (0, lengths[lengths.len() - 1]));
        for pair in lengths.windows(2) {
            assert_eq!(begins(pair[1] - 1), pair[0]);
        }
    }
}
