//! Sealing what is stored, and the key that it is done with.

use std::path::PathBuf;

use kubeconfig::run::SweepReport;
use seal::{KeyFileError, KeyRing, SealError, Sealed, Sealing};

use crate::cause::Cause;
use crate::checkpoint::CheckpointPlace;
use crate::drive::TimeBudget;
use crate::reaper::Reaper;

/// Why nothing was sealed, or not all of it was done. The HTTP interface never sees it.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// What was stored could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyFileError),
    /// The checkpoint could not be read, then nothing was sealed, or not be kept outside of the store.
    #[error("the checkpoint file {} cannot be used: {source}", .path.display())]
    CheckpointFile {
        /// The file, or the address of the object.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Reaper {
    /// Seals what was stored since the last seal, and keeps the checkpoint in the file or object that is configured. `None`:
    /// nothing was new.
    ///
    /// # Errors
    /// There is no key, the store failed, or it contradicts what was sealed before: then nothing is sealed.
    pub async fn seal(&self, cause: &Cause, budget: TimeBudget) -> Result<Option<Sealed>, SealingError> {
        let keys = self.config.seal.keys()?;
        self.seal_with(&keys, false, cause, budget).await
    }

    /// Replaces the key: a seal is made with the old one and a new one, and the old one is forgotten. What a crash left
    /// half done is finished.
    ///
    /// # Errors
    /// As for sealing, or the keys stand in no file. The old key stays as long as there is no seal with both.
    pub async fn rotate_seal_key(&self, cause: &Cause) -> Result<KeyRing, SealingError> {
        let mut keys = self.config.seal.keys()?;
        keys.begin_rotation()?;
        self.seal_with(&keys, true, cause, TimeBudget::UNLIMITED).await?;
        keys.end_rotation()?;
        Ok(keys)
    }

    async fn seal_with(
        &self,
        keys: &KeyRing,
        even_seals: bool,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<Option<Sealed>, SealingError> {
        let unusable =
            |source| SealingError::CheckpointFile { path: self.config.seal.checkpoint_path.clone(), source };
        let place = CheckpointPlace::of(&self.config.seal.checkpoint_path);
        let place = place.map_err(|error| unusable(std::io::Error::other(error)))?;
        let kept = place.read(&self.cloud).await.map_err(unusable)?;
        let sealing = Sealing {
            keys,
            kept: kept.as_ref(),
            actor: &cause.actor,
            correlation: cause.correlation,
            even_seals,
        };
        let sealed = sealing.seal(self.store.as_ref(), || budget.allows(std::time::Duration::ZERO)).await?;
        if let Some(sealed) = &sealed {
            place.keep(&self.cloud, &sealed.checkpoint).await.map_err(unusable)?;
        }
        Ok(sealed)
    }

    /// The end of a sweep: it is over, whatever becomes of its seal, but a seal that fails counts as an error.
    pub(crate) async fn seal_after_sweep(&self, cause: &Cause, budget: TimeBudget, report: &mut SweepReport) {
        match self.seal(cause, budget).await {
            Ok(Some(sealed)) => {
                let size = sealed.checkpoint.checkpoint().size;
                tracing::info!(seal.commits = sealed.commits, seal.size = size, "sealed");
            }
            Ok(None) => {}
            // Who has no key does not seal, e.g. a person's own sweep; who has one seals this, too.
            Err(SealingError::Key(KeyFileError::Missing(path))) => {
                if seal::latest(self.store.as_ref()).await.is_ok_and(|latest| latest.is_some()) {
                    let path = path.display();
                    tracing::warn!(seal.key = %path, "no key here: the next sweep that has one seals this");
                }
            }
            Err(error) => {
                tracing::error!(error = %error, "the store could not be sealed");
                report.errors += 1;
            }
        }
    }
}
