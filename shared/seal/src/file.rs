//! Files that are replaced as a whole, and the checkpoint that is kept in one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::checkpoint::SignedCheckpoint;

/// Puts the text into the file, on the disk before it answers: whoever reads sees all of the old or all of the new.
pub(crate) fn replace(path: &Path, mode: u32, text: &[u8]) -> io::Result<()> {
    let folder = folder(path);
    let mut new = Builder::new().prefix(".reaper-").tempfile_in(&folder)?;
    new.write_all(text)?;
    #[cfg(unix)]
    new.as_file().set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    new.as_file().sync_all()?;
    new.persist(path)?;
    // The name, too.
    File::open(folder)?.sync_all()
}

pub(crate) fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => ".".into(),
    }
}

/// The checkpoint in a file, if there is one; its signatures are not checked.
///
/// # Errors
/// The file cannot be read or holds something else.
pub fn kept_checkpoint(path: &Path) -> io::Result<Option<SignedCheckpoint>> {
    match fs::read_to_string(path) {
        Ok(text) => SignedCheckpoint::parse(&text).map(Some).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Keeps the checkpoint in a file, readable by all. A larger one of the same log that is there already stays: of two
/// that seal at once the later may write first.
///
/// # Errors
/// The file cannot be written.
pub fn keep_checkpoint(path: &Path, checkpoint: &SignedCheckpoint) -> io::Result<()> {
    if kept_checkpoint(path)?.is_some_and(|kept| kept.is_ahead_of(checkpoint)) {
        return Ok(());
    }
    replace(path, 0o644, checkpoint.to_string().as_bytes())
}
