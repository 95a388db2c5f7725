//! What makes changes to stored events show.

use std::path::PathBuf;

use ::chat::Secret;
use ::seal::{KeyFileError, KeyRing};
use serde::{Deserialize, Serialize};

use crate::checkpoint::CheckpointPlace;

/// What makes changes to stored events show. Without a key nothing is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SealConfig {
    /// The keys themselves, where a process has no file that stays.
    pub key: Option<Secret>,
    /// The file with the keys.
    pub key_path: PathBuf,
    /// The file that the latest checkpoint is kept in, or the address of an object, `oss://bucket/path`; empty: none is.
    pub checkpoint_path: PathBuf,
}

impl Default for SealConfig {
    fn default() -> Self {
        Self { key: None, key_path: "reaper.key".into(), checkpoint_path: "reaper.checkpoint".into() }
    }
}

impl SealConfig {
    /// The keys.
    ///
    /// # Errors
    /// There are none, or they cannot be used.
    pub fn keys(&self) -> Result<KeyRing, KeyFileError> {
        match &self.key {
            Some(keys) => KeyRing::parse(keys.expose()),
            None => KeyRing::load(&self.key_path),
        }
    }

    pub(super) fn problem(&self) -> Option<String> {
        let place = CheckpointPlace::of(&self.checkpoint_path);
        place.err().map(|error| format!("seal.checkpoint_path: {error}"))
    }
}
