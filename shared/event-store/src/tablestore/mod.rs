//! The backend on Tablestore: three tables of one instance, shared by any number of processes on any machines.
//!
//! The log holds one row a commit, numbered without gaps. A commit is stored by one put at the next number, on the
//! condition that nothing is there (`append`). Beside it stands the index, rows that lead from what events are found by
//! to the numbers of their commits (`layout`). Whoever stores a commit stores the index rows of the commit before in
//! the same request, so that the index is complete but for the last two commits, and readers look at those themselves
//! (`follow`, `walk`). No read depends on a clock or on an index that lags. `docs/decisions/0011` has the argument. The outbox is
//! for processes that may not append (`outbox`).

mod append;
mod erase;
mod failure;
mod follow;
mod kept;
mod layout;
mod lift;
mod misfiled;
mod outbox;
mod query;
mod remote;
mod setup;
mod tail;
mod walk;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use kubeconfig::{Recorded, StreamId};
use tablestore_rs::Client;
use tokio::sync::OnceCell;

use crate::body::Prepared;
use crate::clock::Clock;
use crate::cursor::Cursor;
use crate::disclosure::Digest;
use crate::error::{AppendError, StoreError};
use crate::filter::Filter;
use crate::store::{Appended, Commit, EventStore, MAX_PAGE, Misfiled, Order, Page, StoredCommit};
pub use outbox::{Outbox, Waiting};
use remote::Remote;
pub use setup::TablestoreTable;
use tail::Tail;

/// How a store is used.
#[derive(Debug, Clone)]
pub struct TablestoreOptions {
    /// The names of the tables are this with `_log`, `_index` and `_outbox` behind it.
    pub prefix: String,
    /// Refuse to write. Reading never writes, so that read access to the tables is enough for it.
    pub read_only: bool,
    /// How long a call may take with all its tries.
    pub timeout: Duration,
    /// When calls have to have ended beside that.
    pub deadline: Deadline,
    /// Where `recorded_at` comes from.
    pub clock: Clock,
}

use TablestoreOptions as Options;

impl Default for TablestoreOptions {
    fn default() -> Self {
        Self {
            prefix: "reaper".to_owned(),
            read_only: false,
            timeout: Duration::from_secs(30),
            deadline: Deadline::none(),
            clock: Clock::system(),
        }
    }
}

/// When the caller has to be done, asked for at each call: the end of an invocation, for example.
#[derive(Clone)]
pub struct Deadline(Arc<dyn Fn() -> Option<Instant> + Send + Sync>);

impl Deadline {
    /// Never.
    pub fn none() -> Self {
        Self::new(|| None)
    }

    /// Whatever this says when a call begins.
    pub fn new(deadline: impl Fn() -> Option<Instant> + Send + Sync + 'static) -> Self {
        Self(Arc::new(deadline))
    }

    fn get(&self) -> Option<Instant> {
        (self.0)()
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deadline")
    }
}

/// A store in three tables. A clone is cheap and shares what is known of the log.
#[derive(Debug, Clone)]
pub struct TablestoreStore(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    remote: Remote,
    clock: Clock,
    read_only: bool,
    /// The tag of cursors.
    identity: OnceCell<u32>,
    tail: Mutex<Option<Tail>>,
    /// Held by the one who appends.
    turn: tokio::sync::Mutex<()>,
}

impl TablestoreStore {
    /// A store in the client's instance. Nothing is called yet: a missing table or missing rights show at the first
    /// use.
    pub fn new(client: Client, options: Options) -> Self {
        Self(Arc::new(Inner {
            remote: Remote::new(client, &options),
            clock: options.clock,
            read_only: options.read_only,
            identity: OnceCell::new(),
            tail: Mutex::new(None),
            turn: tokio::sync::Mutex::new(()),
        }))
    }
}

#[async_trait]
impl EventStore for TablestoreStore {
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        if self.0.read_only {
            return Err(StoreError::ReadOnly.into());
        }
        self.0.append(&Prepared::new(commit)?).await
    }

    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError> {
        if self.0.read_only {
            return Err(StoreError::ReadOnly.into());
        }
        // The place of each is given: it is compared with the end of the log, not with what was known of it.
        self.0.catch_up().await?;
        for commit in commits {
            self.0.append(&Prepared::stored(commit)?).await?;
        }
        Ok(())
    }

    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        if self.0.read_only {
            return Err(StoreError::ReadOnly);
        }
        self.0.erase(values).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        if self.0.read_only {
            return Err(StoreError::ReadOnly);
        }
        self.0.scrub().await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.0.read_stream(stream, after_version, limit.min(MAX_PAGE) as usize).await
    }

    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        self.0.page(&filter.normalised()?, order, after.copied(), limit).await
    }

    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError> {
        self.0.commits(after, limit.clamp(1, MAX_PAGE) as usize).await
    }

    async fn misfiled(&self, after: u64, limit: u32) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
        self.0.misfiled(after, limit.clamp(1, MAX_PAGE) as usize).await
    }
}
