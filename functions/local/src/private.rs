//! Files with names of people in them: only their owner reads them, and none that is there is written over unasked.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crate::exit::Exit;
use crate::failure::Failure;

const OWNER_ONLY: u32 = 0o600;

/// Makes a file; with `force` in place of one that is there.
///
/// # Errors
/// There is one, or none can be made.
pub(crate) fn create(path: &Path, force: bool) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).mode(OWNER_ONLY);
    let options = if force { options.create(true).truncate(true) } else { options.create_new(true) };
    // The mode is for a file that is made: one that was there has its own.
    let made = options
        .open(path)
        .and_then(|file| file.set_permissions(Permissions::from_mode(OWNER_ONLY)).map(|()| file));
    made.map_err(|error| {
        let failure = Failure::new(Exit::Failed, format!("{} cannot be made: {error}", path.display()))
            .not_done("nothing was written");
        match error.kind() {
            io::ErrorKind::AlreadyExists => failure.next("name another file"),
            _ => failure,
        }
    })
}

/// Whether standard output is meant, as in other programs.
pub(crate) fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}
