//! Append-only event store with optimistic concurrency: trait, contract suite, backends on SQLite and Tablestore.
//!
//! Start reading at [`EventStore`], the whole interface. One [`Commit`] is one atomic record of events of one stream.
//! What it stores is never changed: the bytes of a commit hold everything that was said about its events, personal values
//! by their digests. Those values stand beside the bytes and can be erased; all else that a backend keeps (indexes for
//! reading) can be made again from both.

mod archive;
mod body;
mod clock;
#[cfg(feature = "contract")]
pub mod contract;
mod cursor;
mod disclosure;
mod error;
mod filter;
mod follow;
mod keys;
mod memory;
mod part;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
#[cfg(feature = "tablestore")]
mod tablestore;

pub use archive::{ArchiveError, Imported, export, import};
pub use clock::Clock;
pub use cursor::{Cursor, CursorError};
pub use disclosure::{Digest, Disclosure, DisclosureError};
pub use error::{AppendError, Invalid, StoreError};
pub use filter::{Filter, MAX_VALUES};
pub use follow::follow;
pub use memory::MemoryStore;
pub use part::{Part, Standing};
#[cfg(feature = "sqlite")]
pub use sqlite::{Options, SqliteStore, Synchronous};
pub use store::{
    Appended, Commit, EventStore, MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, MAX_INDEXED_BYTES, MAX_PAGE,
    Misfiled, Order, Page, StoredCommit, behind, load_stream,
};
#[cfg(feature = "tablestore")]
pub use tablestore::{Deadline, Outbox, TablestoreOptions, TablestoreStore, TablestoreTable, Waiting};
