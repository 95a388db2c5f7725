//! Archives that depend on their content alone.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The name that Function Compute starts unless told otherwise.
pub(super) const PROGRAM: &str = "bootstrap";

/// The archive cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the archive cannot be written: {0}")]
pub struct ArchiveError(String);

/// An archive with the program, executable, and with the time that archives begin at.
///
/// # Errors
/// Only if memory runs out: nothing else can go wrong.
pub fn pack(program: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(PROGRAM, options).map_err(|error| ArchiveError(error.to_string()))?;
    archive.write_all(program).map_err(|error| ArchiveError(error.to_string()))?;
    Ok(archive.finish().map_err(|error| ArchiveError(error.to_string()))?.into_inner())
}
