//! The contract, on SQLite.

use std::sync::Arc;

use event_store::contract::Fresh;
use event_store::{Clock, Options, SqliteStore};

event_store::contract!(async |clock: Clock| {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { clock, ..Options::default() };
    let store = SqliteStore::open(folder.path().join("events.db"), options).unwrap();
    Fresh { store: Arc::new(store), keep: Box::new(folder) }
});
