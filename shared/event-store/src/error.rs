//! What can go wrong.

use std::path::PathBuf;

use kubeconfig::{EventId, StreamId};

use crate::cursor::CursorError;
use crate::filter::MAX_VALUES;
use crate::store::{MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, MAX_INDEXED_BYTES};

/// Why a commit was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody else was faster: read the stream again and decide anew.
    #[error("stream {stream} is at version {actual}, expected {expected}")]
    Conflict {
        /// The stream.
        stream: StreamId,
        /// The version that the commit was made for.
        expected: u64,
        /// The version that the stream is at.
        actual: u64,
    },
    /// The id is stored already, and not as part of this very commit.
    #[error("event id {id} is stored already, in another commit")]
    IdReused {
        /// The id.
        id: EventId,
    },
    /// The commit is a copy, and the log is elsewhere.
    #[error("commit {position} of another store cannot be commit {next} of this one")]
    NotNext {
        /// Its place in the log that it comes from.
        position: u64,
        /// The next place in this one.
        next: u64,
    },
    /// No store may take this commit.
    #[error("commit refused: {0}")]
    Invalid(#[from] Invalid),
    /// The store failed. Whether the commit is stored is unknown; sending it again is safe.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a commit itself.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// A commit says something.
    #[error("it has no events")]
    Empty,
    /// Too many events.
    #[error("it has {0} events, the most is {MAX_EVENTS}")]
    TooManyEvents(usize),
    /// One id twice.
    #[error("it holds the event id {0} twice")]
    RepeatedId(EventId),
    /// The event would not be readable in this stream.
    #[error("an event {type_name} does not belong in stream {stream}")]
    WrongStream {
        /// The stream.
        stream: StreamId,
        /// The type of the event.
        type_name: String,
    },
    /// The event has no type name, or it cannot be written as JSON.
    #[error("event {0} cannot be encoded")]
    Unencodable(EventId),
    /// The fields of one event are too large.
    #[error("event {id} has {bytes} bytes of data, the most is {MAX_EVENT_BYTES}")]
    EventTooLarge {
        /// The event.
        id: EventId,
        /// Its size.
        bytes: usize,
    },
    /// The events together are too large.
    #[error("it has {0} bytes, the most is {MAX_COMMIT_BYTES}")]
    CommitTooLarge(usize),
    /// A name that is searched by is too long.
    #[error("event {id}: its {what} has {bytes} bytes, the most is {MAX_INDEXED_BYTES}")]
    NameTooLong {
        /// The event.
        id: EventId,
        /// `actor` or `type`.
        what: &'static str,
        /// Its size.
        bytes: usize,
    },
}

/// Why a store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The cursor does not fit the question.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// More values than one condition may name.
    #[error("the filter names {count} {what}, the most is {MAX_VALUES}")]
    TooManyValues {
        /// Which condition.
        what: &'static str,
        /// How many it names.
        count: usize,
    },
    /// Others kept the store locked for longer than the store waits. Trying again later may succeed.
    #[error("the store is busy")]
    Busy,
    /// No space is left. Nothing of the commit is stored.
    #[error("no space is left for the store")]
    Full,
    /// The store was opened for reading only.
    #[error("the store is open for reading only")]
    ReadOnly,
    /// There is no store at this place, and reading alone makes none.
    #[error("there is no store at {}", .0.display())]
    Missing(PathBuf),
    /// The tables are not there, or hold no store yet.
    #[error("the store is not set up: {0}; `reaper store init` sets it up")]
    NotSetUp(String),
    /// The service that keeps the store does not accept who asks.
    #[error("the store does not accept these credentials")]
    Denied(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The file is something else.
    #[error("{} is not an event store: {reason}", .path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// How that is known.
        reason: String,
    },
    /// A newer version of this program wrote it.
    #[error("{what} has form {found}, this version reads up to {known}: use a newer version")]
    Newer {
        /// `the store` or `commit N`.
        what: String,
        /// The form that was found.
        found: u32,
        /// The newest form that this version knows.
        known: u32,
    },
    /// An older version of this program wrote the store, and reading alone does not change it.
    #[error("the store has form {found}, this version needs {known}: `reaper store init` brings it there")]
    Outdated {
        /// The form that was found.
        found: u32,
        /// The form that is needed.
        known: u32,
    },
    /// What is stored cannot be read.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The disk or the file system failed.
    #[error("the store cannot be read or written")]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The backend failed in a way that has no name here.
    #[error("the store failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The part that writes has ended.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// Whether the same question may be answered later. What is damaged stays so, and what was asked wrongly, too.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Busy
            | Self::Full
            | Self::Missing(_)
            | Self::NotSetUp(_)
            | Self::Denied(_)
            | Self::Outdated { .. }
            | Self::Io(_)
            | Self::Backend(_)
            | Self::Closed => true,
            Self::Cursor(_)
            | Self::TooManyValues { .. }
            | Self::ReadOnly
            | Self::NotAStore { .. }
            | Self::Newer { .. }
            | Self::Damaged(_) => false,
        }
    }
}
