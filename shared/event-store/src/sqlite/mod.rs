//! The embedded backend: one SQLite file, shared by any number of processes of one machine.

mod append;
mod connection;
mod disclosures;
mod erase;
mod query;
mod raw;
mod readers;
mod schema;
mod setup;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use kubeconfig::{Recorded, StreamId};

use crate::body::{Opened, Prepared};
use crate::clock::Clock;
use crate::cursor::Cursor;
use crate::disclosure::Digest;
use crate::error::{AppendError, StoreError};
use crate::filter::Filter;
use crate::store::{Appended, Commit, EventStore, MAX_PAGE, Misfiled, Order, Page, StoredCommit};
use readers::Readers;
use writer::Writer;

/// When a commit counts as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// When the disk confirms it: it survives a power failure.
    #[default]
    Full,
    /// When the operating system has it: it survives the end of the process, not that of the machine. For tests and
    /// demonstrations.
    Normal,
}

/// How a store is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Refuse to write, and neither create nor migrate the file. The user still needs write access to the folder:
    /// SQLite keeps the index of its write-ahead log there (sqlite.org, "Write-Ahead Logging", 5).
    pub read_only: bool,
    /// When a commit counts as stored.
    pub synchronous: Synchronous,
    /// How long to wait while another process writes, before [`StoreError::Busy`].
    pub busy_timeout: Duration,
    /// Where `recorded_at` comes from.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            read_only: false,
            synchronous: Synchronous::Full,
            busy_timeout: Duration::from_secs(5),
            clock: Clock::system(),
        }
    }
}

/// A store in one file. Cheap to share behind an [`Arc`]; dropping it waits until what was sent is stored.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Arc<Readers>,
    writer: Option<Writer>,
}

impl SqliteStore {
    /// Opens the file, or makes it, readable by its owner only. Blocks for as long as the file system takes, and up
    /// to the busy timeout where another process is making or migrating the same file.
    pub fn open(path: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let conn = connection::open(path, &options)?;
        let tag = schema::store_tag(&conn)?;
        let readers = Arc::new(Readers::new(path, &options, tag));
        let writer = if options.read_only { None } else { Some(Writer::start(conn, options.clock)?) };
        Ok(Self { readers, writer })
    }
}

impl SqliteStore {
    /// Changes what stands beside commits, on a connection of its own.
    async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Path, &Options) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if self.writer.is_none() {
            return Err(StoreError::ReadOnly);
        }
        let readers = Arc::clone(&self.readers);
        let work = tokio::task::spawn_blocking(move || write(&readers.path, &readers.options));
        work.await.map_err(|error| StoreError::Backend(Box::new(error)))?
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        let writer = self.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        let stored = writer.append(Prepared::new(commit)?).await?;
        let recorded = Opened::new(stored.number, &stored.body, || Ok(stored.disclosures))?.events()?;
        Ok(Appended { recorded, duplicate: stored.duplicate })
    }

    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError> {
        let writer = self.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        // They share transactions, in their order.
        let mut answers = Vec::with_capacity(commits.len());
        for commit in commits {
            answers.push(writer.send(Prepared::stored(commit)?).await?);
        }
        for answer in answers {
            answer.await.map_err(|_| StoreError::Closed)??;
        }
        Ok(())
    }

    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        let values = values.to_vec();
        self.write(move |path, options| erase::erase(path, options, &values)).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.write(erase::scrub).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after_version: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let stream = stream.clone();
        let limit = limit.min(MAX_PAGE) as usize;
        self.readers.run(move |conn, _| query::read_stream(conn, &stream, after_version, limit)).await
    }

    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        let filter = filter.normalised()?;
        let after = after.copied();
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        self.readers.run(move |conn, tag| query::page(conn, tag, &filter, order, after, limit)).await
    }

    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError> {
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        self.readers.run(move |conn, _| raw::commits(conn, after, limit)).await
    }

    async fn misfiled(&self, after: u64, limit: u32) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        self.readers.run(move |conn, _| raw::misfiled(conn, after, limit)).await
    }
}
