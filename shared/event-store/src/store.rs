//! The interface of every backend.

use async_trait::async_trait;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::{Event, EventId, NewEvent, Recorded, StreamId};
use serde::{Deserialize, Serialize};

use crate::body::Opened;
use crate::cursor::Cursor;
use crate::disclosure::{Digest, Disclosure};
use crate::error::{AppendError, StoreError};
use crate::filter::Filter;

/// The most events in one commit.
pub const MAX_EVENTS: usize = 256;

/// The most bytes of one event's fields as JSON. A Tablestore attribute holds at most 2 MB (Tablestore documentation,
/// "General limits"), and every backend refuses the same commits.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// The most bytes of one commit's events as JSON. A Tablestore PutRow carries at most 4 MB (same page).
pub const MAX_COMMIT_BYTES: usize = 3 * 1024 * 1024;

/// The most bytes of a text that is searched by: the name of an actor or of a type. A Tablestore key column holds at
/// most 1 KB (same page).
pub const MAX_INDEXED_BYTES: usize = 1000;

/// The most events on one page. A larger limit is taken as this one.
pub const MAX_PAGE: u32 = 1000;

/// Events that are stored together or not at all, as the next ones of their stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// The stream.
    pub stream: StreamId,
    /// The version that the stream must be at; 0: it must not exist.
    pub expected: u64,
    /// 1 to [`MAX_EVENTS`] events.
    pub events: Vec<NewEvent>,
}

/// What a commit became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// Its events as they are stored.
    pub recorded: Vec<Recorded>,
    /// Whether the very same commit had been stored before, so that nothing was stored now.
    pub duplicate: bool,
}

/// In which order events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// In the order in which they were stored: how a reader follows the log.
    Oldest,
    /// The latest first: how people read history.
    Newest,
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The events. May be fewer than asked for even though there are [more](Self::more): a page is bounded in bytes.
    pub events: Vec<Recorded>,
    /// Where this page ends. Reading after it goes on there; after the last page of [`Order::Oldest`], with what has
    /// been stored since.
    pub end: Cursor,
    /// Whether there was more when the page was read.
    pub more: bool,
    /// Where each event stands in the log.
    pub(crate) places: Vec<u64>,
}

impl Page {
    /// Where reading goes on behind the first events of this page, for a reader that takes no more of them, and whether
    /// there is more behind them. `None`: it took none.
    pub fn end_after(&self, count: usize) -> Option<(Cursor, bool)> {
        match self.places.get(count.checked_sub(1)?) {
            Some(place) if count < self.places.len() => Some((self.end.at(*place), true)),
            _ => Some((self.end, self.more)),
        }
    }
}

/// A commit as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCommit {
    /// Its place in the order of the log, from 1 upwards, perhaps with gaps. It stays the same for ever.
    pub position: u64,
    /// Exactly what is stored, never rewritten. What seals and proofs are made from.
    pub bytes: Vec<u8>,
    /// The personal values that are still beside it.
    pub disclosures: Vec<Disclosure>,
}

impl StoredCommit {
    /// Reads its events.
    ///
    /// # Errors
    /// The bytes are not those of a commit, or those of a newer form.
    pub fn events(&self) -> Result<Vec<Recorded>, StoreError> {
        Opened::new(self.position, &self.bytes, || Ok(self.disclosures.clone()))?.events()
    }

    /// What is wrong with the personal values beside the bytes; `None`: each is one that the bytes hold the digest of.
    ///
    /// # Errors
    /// As for [`Self::events`].
    pub fn misfit(&self) -> Result<Option<String>, StoreError> {
        Opened::envelope(self.position, &self.bytes)?.misfit(&self.disclosures)
    }

    /// The digests in the bytes, each with the place of its event among those of the commit, from 0, and the place of the
    /// value in that event as a JSON pointer: `/actor/human`, or one that begins with `/data/`.
    ///
    /// # Errors
    /// As for [`Self::events`].
    pub fn digests(&self) -> Result<Vec<(usize, String, Digest)>, StoreError> {
        Opened::envelope(self.position, &self.bytes)?.digests()
    }

    /// The digests of which it says that their values were to be erased: nearly always none, as its bytes tell. One that cannot
    /// be read says nothing.
    pub fn erased(&self) -> Vec<Digest> {
        const BEGUN: &[u8] = b"\"PersonalDataErasureBegun\"";
        if !self.bytes.windows(BEGUN.len()).any(|window| window == BEGUN) {
            return Vec::new();
        }
        let events = self.events().unwrap_or_default().into_iter();
        let digests = events.filter_map(|event| match event.event {
            Event::Identity(IdentityEvent::PersonalDataErasureBegun { digests, .. }) => Some(digests),
            _ => None,
        });
        digests.flatten().filter_map(|digest| digest.parse().ok()).collect()
    }
}

/// A commit that the store would not find by what it says, or finds by what it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfiled {
    /// Its place in the log; 0 where it is about the store as a whole.
    pub position: u64,
    /// What is wrong, for people.
    pub what: String,
}

/// A log of events: streams with optimistic concurrency, and one order over all of them.
#[async_trait]
pub trait EventStore: Send + Sync {
    /// Stores a commit, durably before it answers.
    ///
    /// The same commit (its ids, in their order, in its stream) may be sent any number of times: it is stored once,
    /// and every time answered with what is stored, whatever version is expected. A caller that gets
    /// [`AppendError::Store`] does not know whether the commit was stored and finds out by sending it again. Dropping
    /// the future does not take the commit back.
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError>;

    /// Stores commits that another store answered as [`Self::commits`], byte for byte, as the next ones of this log: how a
    /// log is copied whole. Each is to have the position that it had, so that the copy begins with an empty store and
    /// nobody appends meanwhile; all else is as with [`Self::append`]. In case of an error the first ones may be stored.
    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError>;

    /// Deletes personal values beside commits for ever, each by the position of its commit and its digest, with all that is
    /// kept under them; the bytes of the commits stay. What is gone already is passed over. Answers how many were there. In
    /// case of an error the first ones may be gone, and the same call again goes on.
    ///
    /// Other processes that share the store may remember the last two commits as they saw them, until two more are stored:
    /// those that put the erasure on record, one before it and one after.
    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError>;

    /// Sees to it that nothing of what was erased is left in the places where the store keeps its bytes, as far as those are
    /// the store's own, nor what a process from before an erasure filed after it. May take as long as writing all of it anew.
    async fn scrub(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The events of one stream whose version is above `after_version`, in order. Fewer than `limit` (at most
    /// [`MAX_PAGE`]): there are no more. A stream that does not exist has no events.
    async fn read_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError>;

    /// The events that pass the filter, from where an earlier page of the same filter and order ended. `limit` is at
    /// least 1 and at most [`MAX_PAGE`]; what lies outside is taken as the nearer of the two.
    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError>;

    /// The commits behind a position (0: from the beginning), in the order of the log, as they are stored. At most
    /// `limit` (at least 1, at most [`MAX_PAGE`]), and fewer where they are large; none: there are no more. They come
    /// from where the bytes are, not by way of an index, and no commit ever appears before one that was answered.
    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError>;

    /// Whether what is kept beside the bytes of these commits (indexes, row headers) follows from them: what does not,
    /// and the position of the last commit that was looked at. `None`: there are no more. The first page, after 0, also
    /// looks at what belongs to no commit.
    ///
    /// A backend that keeps nothing beside the bytes, or cannot be changed behind its back, has nothing to look at.
    async fn misfiled(&self, after: u64, limit: u32) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
        let _ = (after, limit);
        Ok((Vec::new(), None))
    }
}

/// The place behind an event in the answer to a question; `None`: the store has no such event. How a reader goes on that
/// kept nothing but the events themselves.
///
/// # Errors
/// The store cannot be read.
pub async fn behind(
    store: &dyn EventStore,
    event: EventId,
    filter: &Filter,
    order: Order,
) -> Result<Option<Cursor>, StoreError> {
    let found = store.query(&Filter { ids: vec![event], ..Filter::default() }, order, None, 1).await?;
    let Some(place) = found.places.first() else { return Ok(None) };
    Ok(Some(found.end.at(*place).of(filter.normalised()?.fingerprint())))
}

/// All events of one stream, in order.
pub async fn load_stream(store: &dyn EventStore, stream: &StreamId) -> Result<Vec<Recorded>, StoreError> {
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let after = events.last().map_or(0, |event| event.version);
        let page = store.read_stream(stream, after, MAX_PAGE).await?;
        let last = page.len() < MAX_PAGE as usize;
        events.extend(page);
        if last {
            return Ok(events);
        }
    }
}
