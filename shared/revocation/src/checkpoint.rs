//! The latest checkpoint, kept outside of the store: in a file, or in an object of OSS where no file stays.

use std::io;
use std::path::{Path, PathBuf};

use alibaba_cloud::oss::SCHEME;
use alibaba_cloud::{Client, ObjectAddress, ObjectAddressError};
use seal::SignedCheckpoint;

use crate::config::Config;
use crate::connect::client;

/// The longest object that is read as a checkpoint, in bytes: three lines and a few signatures.
const MAX_OBJECT: usize = 64 << 10;

/// Where a checkpoint is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CheckpointPlace {
    /// None is.
    Nowhere,
    /// A file.
    File(PathBuf),
    /// An object.
    Object(ObjectAddress),
}

impl CheckpointPlace {
    /// What a path in the configuration means.
    pub(crate) fn of(path: &Path) -> Result<Self, ObjectAddressError> {
        match path.to_str() {
            Some("") => Ok(Self::Nowhere),
            Some(text) if text.starts_with(SCHEME) => text.parse().map(Self::Object),
            _ => Ok(Self::File(path.to_owned())),
        }
    }

    /// The checkpoint that is kept, if one is; its signatures are not checked.
    pub(crate) async fn read(&self, cloud: &Client) -> io::Result<Option<SignedCheckpoint>> {
        match self {
            Self::Nowhere => Ok(None),
            Self::File(path) => seal::kept_checkpoint(path),
            Self::Object(object) => {
                let text = cloud.oss().get_text(object, MAX_OBJECT).await.map_err(io::Error::other)?;
                let kept = text.map(|text| SignedCheckpoint::parse(&text));
                kept.transpose().map_err(io::Error::other)
            }
        }
    }

    /// Keeps a checkpoint. A larger one of the same log that is there already stays. OSS cannot compare and put in one
    /// call: of two that seal in the same moment the smaller may come to stay, until the next seal.
    pub(crate) async fn keep(&self, cloud: &Client, checkpoint: &SignedCheckpoint) -> io::Result<()> {
        match self {
            Self::Nowhere => Ok(()),
            Self::File(path) => seal::keep_checkpoint(path, checkpoint),
            Self::Object(object) => match self.read(cloud).await? {
                Some(kept) if kept.is_ahead_of(checkpoint) => Ok(()),
                _ => {
                    let text = checkpoint.to_string();
                    cloud.oss().put_text(object, &text).await.map_err(io::Error::other)
                }
            },
        }
    }
}

/// The checkpoint at a path, which may be the address of an object, if there is one; its signatures are not checked. The
/// configuration says how the cloud is reached.
///
/// # Errors
/// It cannot be read, or is something else.
pub async fn kept_checkpoint(config: &Config, path: &Path) -> io::Result<Option<SignedCheckpoint>> {
    let place = CheckpointPlace::of(path).map_err(io::Error::other)?;
    match place {
        CheckpointPlace::Nowhere => Ok(None),
        CheckpointPlace::File(path) => seal::kept_checkpoint(&path),
        CheckpointPlace::Object(_) => place.read(&client(config).map_err(io::Error::other)?).await,
    }
}
