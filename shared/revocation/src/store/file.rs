//! The store in one file.

use std::path::Path;
use std::sync::Arc;

use event_store::{EventStore, Options, Part, SqliteStore};

use crate::config::ConfigError;
use crate::connect::ConnectError;

pub(super) fn built_in() -> Result<(), ConfigError> {
    Ok(())
}

pub(super) fn open(path: &Path, read_only: bool) -> Result<Arc<dyn EventStore>, ConnectError> {
    let options = Options { read_only, ..Options::default() };
    Ok(Arc::new(SqliteStore::open(path, options)?))
}

pub(super) fn set_up(path: &Path) -> Result<Vec<Part>, ConnectError> {
    Ok(SqliteStore::set_up(path)?)
}

pub(super) fn check(path: &Path) -> Result<Vec<Part>, ConnectError> {
    Ok(SqliteStore::check(path)?)
}
