//! Opening a file, and what SQLite's error codes mean here.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{Options, Synchronous, schema};
use crate::error::StoreError;

/// Prepared statements that a connection keeps: a few fixed ones and one for each shape of filter in use.
const STATEMENTS: usize = 64;

/// The write-ahead log is cut back to this many bytes once it was larger.
const WAL_BYTES: i64 = 64 * 1024 * 1024;

/// Memory for pages of the file, in KiB, on the connection that writes: a commit touches many places of nine indexes.
/// Filling a store with a million events ran at 6,000 events a second with SQLite's 2 MiB, at 10,400 with these.
const WRITER_CACHE: i64 = 64 * 1024;

/// Opens the first connection: makes and migrates the file where that is allowed.
pub(super) fn open(path: &Path, options: &Options) -> Result<Connection, StoreError> {
    if options.read_only {
        if !path.exists() {
            return Err(StoreError::Missing(path.to_owned()));
        }
        schema::check(&file(path, options, true)?, path)?;
        return connect(path, options, true);
    }
    create_private(path).map_err(|error| StoreError::Io(Box::new(error)))?;
    // Before anything is written to it.
    schema::identify(&file(path, options, false)?, path)?;
    let mut conn = connect(path, options, false)?;
    // Switching to the write-ahead log does not always wait for others that do the same: try again until it is time.
    let deadline = Instant::now() + options.busy_timeout;
    loop {
        match prepare_to_write(&conn).and_then(|()| schema::migrate(&mut conn, path)) {
            Err(StoreError::Busy) if Instant::now() < deadline => thread::sleep(Duration::from_millis(5)),
            done => return done.map(|()| conn),
        }
    }
}

/// Opens one more connection to a file that was opened before.
pub(super) fn connect(path: &Path, options: &Options, read_only: bool) -> Result<Connection, StoreError> {
    let access = if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(options.busy_timeout)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "query_only", read_only)?;
    // SQLite's own default differs between builds: say it.
    let synchronous = match options.synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    Ok(conn)
}

/// The bare file, no more than opened.
pub(super) fn file(path: &Path, options: &Options, read_only: bool) -> Result<Connection, StoreError> {
    let access = if read_only { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let conn = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(options.busy_timeout)?;
    Ok(conn)
}

fn prepare_to_write(conn: &Connection) -> Result<(), StoreError> {
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        let what = format!("this file system does not carry a write-ahead log (journal mode {mode})");
        return Err(StoreError::Io(what.into()));
    }
    conn.pragma_update_and_check(None, "journal_size_limit", WAL_BYTES, |_| Ok(()))?;
    // Negative: in KiB, not in pages.
    conn.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    Ok(())
}

/// SQLite gives its other files the mode of the main one, so that it is enough to make that one privately.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        if let Some(what) = damage(&error) {
            return Self::Damaged(what);
        }
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::ReadOnly) => Self::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::Io(Box::new(error))
            }
            _ => Self::Backend(Box::new(error)),
        }
    }
}

/// What is wrong with a file of ours that holds what this program never stored: a value of another type, a text that is not
/// UTF-8, no row where there is always one, or not the tables and indexes that all questions are made for.
fn damage(error: &rusqlite::Error) -> Option<String> {
    use rusqlite::Error;
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..)
        | Error::QueryReturnedNoRows => Some(error.to_string()),
        // Of a table or an index: which of the two errors it is, is SQLite's choice.
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => {
            msg.starts_with("no such ").then(|| msg.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `synchronous`, `foreign_keys`, `query_only` and the journal mode as SQLite has them.
    fn settings(conn: &Connection) -> (i64, bool, bool, String) {
        let ask = |name| conn.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        let mode = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        (ask("synchronous"), ask("foreign_keys") == 1, ask("query_only") == 1, mode)
    }

    #[test]
    fn connections_are_what_the_options_say() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.db");
        let full = Options::default();
        let normal = Options { synchronous: Synchronous::Normal, ..Options::default() };
        // 2 is FULL, 1 is NORMAL (sqlite.org, "PRAGMA synchronous").
        assert_eq!(settings(&open(&path, &full).unwrap()), (2, true, false, "wal".to_owned()));
        assert_eq!(settings(&open(&path, &normal).unwrap()), (1, true, false, "wal".to_owned()));
        assert_eq!(settings(&connect(&path, &full, true).unwrap()), (2, true, true, "wal".to_owned()));
    }
}
