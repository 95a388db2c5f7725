//! A store that forgets: for unit tests of what stands on a store.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use kubeconfig::{EventId, Recorded, StreamId};
use uuid::Uuid;

use crate::body::{Opened, Prepared};
use crate::clock::Clock;
use crate::cursor::{Cursor, Question};
use crate::disclosure::{Digest, Disclosure};
use crate::error::{AppendError, StoreError};
use crate::filter::{Filter, microsecond_from};
use crate::keys::Keys;
use crate::store::{Appended, Commit, EventStore, MAX_PAGE, Order, Page, StoredCommit};

/// Keeps everything in memory and reads it from end to end. Behaves as the other backends do, except that nothing
/// survives it.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Clock,
    tag: u32,
    log: Mutex<Log>,
}

#[derive(Debug, Default)]
struct Log {
    commits: Vec<Kept>,
    /// Where each event is: the index of its commit and its place in it.
    ids: HashMap<Uuid, (usize, usize)>,
    versions: HashMap<StreamId, u64>,
}

#[derive(Debug)]
struct Kept {
    stream: StreamId,
    /// Of the stream after the commit.
    version: u64,
    recorded_at: i64,
    body: Vec<u8>,
    disclosures: Vec<Disclosure>,
    keys: Vec<Keys>,
    /// How many events were stored before it.
    offset: u64,
}

impl Kept {
    fn open(&self) -> Result<Opened<'_>, StoreError> {
        Opened::new(self.offset + 1, &self.body, || Ok(self.disclosures.clone()))
    }
}

impl MemoryStore {
    /// An empty store by the clock of the machine.
    pub fn new() -> Self {
        Self::with_clock(Clock::system())
    }

    /// An empty store by another clock.
    pub fn with_clock(clock: Clock) -> Self {
        let (_, random) = Uuid::now_v7().as_u64_pair();
        #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are the most random ones")]
        let tag = random as u32;
        Self { clock, tag, log: Mutex::default() }
    }

    fn store(&self, prepared: Prepared) -> Result<Appended, AppendError> {
        let mut log = self.log();
        if let Some(kept) = log.stored(&prepared)? {
            return Ok(Appended { recorded: kept.open()?.events()?, duplicate: true });
        }
        let actual = log.versions.get(&prepared.stream).copied().unwrap_or(0);
        if actual != prepared.expected {
            let (stream, expected) = (prepared.stream, prepared.expected);
            return Err(AppendError::Conflict { stream, expected, actual });
        }
        let last = log.commits.last().map_or(i64::MIN, |kept| kept.recorded_at);
        let (recorded_at, body) = prepared.written(log.commits.len() as u64 + 1, last, &self.clock)?;
        let (version, offset) = (prepared.version(), log.events());
        let Prepared { stream, keys, disclosures, .. } = prepared;
        let kept = Kept { stream, version, recorded_at, body, disclosures, keys, offset };
        let recorded = kept.open()?.events()?;
        let index = log.commits.len();
        for (ordinal, keys) in kept.keys.iter().enumerate() {
            log.ids.insert(keys.id, (index, ordinal));
        }
        log.versions.insert(kept.stream.clone(), version);
        log.commits.push(kept);
        Ok(Appended { recorded, duplicate: false })
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        // The log is changed only after all that can fail: a panic elsewhere leaves it whole.
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Log {
    /// The commit, if this very commit is stored.
    fn stored(&self, prepared: &Prepared) -> Result<Option<&Kept>, AppendError> {
        let Some(first) = prepared.keys.iter().find(|keys| self.ids.contains_key(&keys.id)) else {
            return Ok(None);
        };
        let kept = &self.commits[self.ids[&first.id].0];
        let same = kept.stream == prepared.stream
            && kept.keys.iter().map(|keys| keys.id).eq(prepared.keys.iter().map(|keys| keys.id));
        if same { Ok(Some(kept)) } else { Err(AppendError::IdReused { id: EventId::new(first.id) }) }
    }

    fn events(&self) -> u64 {
        self.commits.last().map_or(0, |kept| kept.offset + kept.keys.len() as u64)
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        self.store(Prepared::new(commit)?)
    }

    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError> {
        commits.into_iter().try_for_each(|commit| self.store(Prepared::stored(commit)?).map(drop))
    }

    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        let mut log = self.log();
        let mut erased = 0;
        for (position, digest) in values {
            let index = usize::try_from(*position).ok().and_then(|position| position.checked_sub(1));
            let Some(kept) = index.and_then(|index| log.commits.get_mut(index)) else { continue };
            let before = kept.disclosures.len();
            kept.disclosures.retain(|value| value.digest() != *digest);
            erased += (before - kept.disclosures.len()) as u64;
            let opened = kept.open()?;
            let keys = (0..opened.len()).map(|ordinal| opened.keys(ordinal)).collect::<Result<_, _>>()?;
            kept.keys = keys;
        }
        Ok(erased)
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut found = Vec::new();
        for kept in self.log().commits.iter().filter(|kept| kept.stream == *stream) {
            if kept.version > after_version {
                found.extend(kept.open()?.events()?);
            }
        }
        found.retain(|event: &Recorded| event.version > after_version);
        found.truncate(limit.min(MAX_PAGE) as usize);
        Ok(found)
    }

    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let filter = filter.normalised()?;
        let question = Question { order, store: self.tag, filter: filter.fingerprint() };
        let log = self.log();
        let end = log.events();
        let after = after.map(|cursor| question.position(cursor, end)).transpose()?;
        let since = filter.since.map_or(i64::MIN, microsecond_from);
        let until = filter.until.map_or(i64::MAX, microsecond_from);
        let in_time = log.commits.iter().filter(|kept| (since..until).contains(&kept.recorded_at));
        let mut found = Vec::new();
        for kept in in_time {
            for (ordinal, keys) in kept.keys.iter().enumerate() {
                let position = kept.offset + ordinal as u64 + 1;
                let wanted = after.is_none_or(|after| match order {
                    Order::Oldest => position > after,
                    Order::Newest => position < after,
                });
                if wanted && keys.pass(&kept.stream, &filter) {
                    found.push((position, kept, ordinal));
                }
            }
        }
        if order == Order::Newest {
            found.reverse();
        }
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let more = found.len() > limit;
        found.truncate(limit);
        let position = match (order, found.last()) {
            (Order::Oldest, _) if !more => end,
            (_, Some((position, ..))) => *position,
            (_, None) => after.unwrap_or(0),
        };
        let events = found.iter().map(|(_, kept, ordinal)| kept.open()?.event(*ordinal));
        let places = found.iter().map(|(position, ..)| *position).collect();
        Ok(Page { events: events.collect::<Result<_, _>>()?, end: question.cursor(position), more, places })
    }

    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError> {
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let log = self.log();
        let behind = (1..).zip(&log.commits).skip(after).take(limit);
        let stored = |(position, kept): (u64, &Kept)| {
            let (bytes, disclosures) = (kept.body.clone(), kept.disclosures.clone());
            StoredCommit { position, bytes, disclosures }
        };
        Ok(behind.map(stored).collect())
    }
}
