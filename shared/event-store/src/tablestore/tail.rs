//! What a process knows of the end of the log.
//!
//! Numbers have no gaps, so whoever knows commit `n` knows where the next one is put, and that a put there which
//! succeeds proves that nothing was stored since. All that is kept here is therefore exact as of `number`, however old
//! it is; it is never believed beyond that.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use kubeconfig::StreamId;
use uuid::Uuid;

use super::kept::Kept;

/// Streams and ids that are remembered. Beyond that all are forgotten, and asked for again when they are needed.
const REMEMBERED: usize = 200_000;

/// Milliseconds by which the clocks of machines that hand the same ids around may differ.
const SKEW: i64 = 10_000;

/// The commits at the end whose index rows may be missing: readers look at them themselves.
pub(super) const UNINDEXED: u64 = 2;

/// The end of the log as of one moment.
#[derive(Debug)]
pub(super) struct Tail {
    /// The last commit; 0 in an empty log.
    pub(super) number: u64,
    /// Every commit behind this one was taken up here: what was read as of it or later can be added.
    whole_from: u64,
    /// All index rows of commits up to here are known to be there.
    pub(super) indexed: u64,
    /// The last commits: at least [`UNINDEXED`], as far as there are so many.
    recent: VecDeque<Arc<Kept>>,
    /// Versions of streams, exact as of `number`.
    versions: HashMap<StreamId, u64>,
    /// The commits of ids.
    ids: HashMap<Uuid, u64>,
    /// An id that was made after this time, in milliseconds since 1970, is either known or nowhere.
    ids_since: i64,
}

/// Where a reader stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Snapshot {
    pub(super) number: u64,
    /// All index rows of commits up to here are there.
    pub(super) indexed: u64,
    /// The last commits, oldest first; the index may not have them yet.
    pub(super) recent: Vec<Arc<Kept>>,
}

impl Snapshot {
    /// What it alone says of an id.
    pub(super) fn id(&self, id: &Uuid) -> Known {
        let holds = |kept: &&Arc<Kept>| kept.keys.iter().any(|keys| keys.id == *id);
        self.recent.iter().find(holds).map_or(Known::Perhaps, |kept| Known::In(kept.number))
    }
}

impl Tail {
    /// The end of a log as it was found: its last commits, oldest first.
    pub(super) fn found(last: Vec<Arc<Kept>>) -> Self {
        let number = last.last().map_or(0, |kept| kept.number);
        let ids_since = match last.first() {
            // Ids are made before they are stored: younger ones are not in what was stored before the first of these.
            Some(first) if first.number > 1 => (first.recorded_at / 1000).saturating_add(SKEW),
            // These are all that there are.
            _ => i64::MIN,
        };
        let mut tail = Self {
            number,
            whole_from: number,
            indexed: number.saturating_sub(UNINDEXED),
            recent: VecDeque::new(),
            versions: HashMap::new(),
            ids: HashMap::new(),
            ids_since,
        };
        last.iter().for_each(|kept| tail.remember(kept));
        tail.recent.extend(last);
        tail.shorten();
        tail
    }

    /// Takes up the next commit of the log. One that is not the next one is left alone.
    pub(super) fn absorb(&mut self, kept: Arc<Kept>) {
        if kept.number != self.number + 1 {
            return;
        }
        self.number = kept.number;
        // Whoever put it knew that the index was complete up to two before it.
        self.indexed = self.indexed.max(self.number.saturating_sub(UNINDEXED));
        if self.versions.len() >= REMEMBERED || self.ids.len() >= REMEMBERED {
            self.forget();
        }
        self.remember(&kept);
        self.recent.push_back(kept);
        self.shorten();
    }

    fn shorten(&mut self) {
        while self.recent.len() as u64 > UNINDEXED {
            self.recent.pop_front();
        }
    }

    fn remember(&mut self, kept: &Kept) {
        self.versions.insert(kept.stream.clone(), kept.last_version);
        self.ids.extend(kept.keys.iter().map(|keys| (keys.id, kept.number)));
    }

    fn forget(&mut self) {
        self.whole_from = self.number;
        self.versions.clear();
        self.ids.clear();
        self.ids_since = Timestamp::now().as_millisecond().saturating_add(SKEW);
        for kept in self.recent.clone() {
            self.remember(&kept);
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let recent = self.recent.iter().cloned().collect();
        Snapshot { number: self.number, indexed: self.indexed, recent }
    }

    pub(super) fn version(&self, stream: &StreamId) -> Option<u64> {
        self.versions.get(stream).copied()
    }

    /// Takes note of a version that was read as of the snapshot.
    pub(super) fn learn(&mut self, snapshot: &Snapshot, stream: &StreamId, version: u64) {
        // A commit that was absorbed since says it better.
        if snapshot.number >= self.whole_from && self.versions.len() < REMEMBERED {
            self.versions.entry(stream.clone()).or_insert(version);
        }
    }

    /// The commit of an id; or whether it is certain that there is none.
    pub(super) fn id(&self, id: &Uuid) -> Known {
        if let Some(number) = self.ids.get(id) {
            return Known::In(*number);
        }
        let made = id.get_timestamp().map(|time| {
            let (seconds, nanoseconds) = time.to_unix();
            i64::try_from(seconds).unwrap_or(0).saturating_mul(1000) + i64::from(nanoseconds / 1_000_000)
        });
        let now = Timestamp::now().as_millisecond();
        match made {
            // Made in the future: by a clock that cannot be compared with ours.
            Some(made) if made > self.ids_since && made <= now => Known::Nowhere,
            _ => Known::Perhaps,
        }
    }
}

/// What is known of an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is stored in this commit.
    In(u64),
    /// It is not stored, as of the tail.
    Nowhere,
    /// The index has to be asked.
    Perhaps,
}
