//! Connections that read. They never wait for the one that writes, nor it for them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{Options, connection};
use crate::error::StoreError;

/// How many reads run at once; further ones wait.
const READERS: usize = 4;

#[derive(Debug)]
pub(super) struct Readers {
    pub(super) path: PathBuf,
    pub(super) options: Options,
    /// What cursors of this store are tied to.
    tag: u32,
    permits: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path, options: &Options, tag: u32) -> Self {
        Self {
            path: path.to_owned(),
            options: options.clone(),
            tag,
            permits: Semaphore::new(READERS),
            idle: Mutex::default(),
        }
    }

    /// Runs a read on a thread that may block, in one transaction: it sees one state of the store.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection, u32) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closed)?;
        let readers = Arc::clone(self);
        let work = tokio::task::spawn_blocking(move || {
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut conn = match idle {
                Some(conn) => conn,
                None => connection::connect(&readers.path, &readers.options, true)?,
            };
            let tx = conn.transaction()?;
            let answer = read(&tx, readers.tag)?;
            tx.finish()?;
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            Ok(answer)
        });
        work.await.map_err(|error| StoreError::Backend(Box::new(error)))?
    }
}
