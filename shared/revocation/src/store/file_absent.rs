//! Built without `sqlite`: there is no store in a file.

use std::path::Path;
use std::sync::Arc;

use event_store::{EventStore, Part};

use crate::config::ConfigError;
use crate::connect::ConnectError;

pub(super) fn built_in() -> Result<(), ConfigError> {
    Err(absent())
}

pub(super) fn open(_: &Path, _: bool) -> Result<Arc<dyn EventStore>, ConnectError> {
    Err(absent().into())
}

pub(super) fn set_up(_: &Path) -> Result<Vec<Part>, ConnectError> {
    Err(absent().into())
}

pub(super) fn check(_: &Path) -> Result<Vec<Part>, ConnectError> {
    Err(absent().into())
}

fn absent() -> ConfigError {
    ConfigError::Bad(
        "store.kind is sqlite, and this program was built without SQLite; nothing was opened. Set REAPER_STORE_KIND to \
         tablestore and REAPER_STORE_INSTANCE to the instance that holds the events, or build the program with the feature \
         sqlite"
            .to_owned(),
    )
}
