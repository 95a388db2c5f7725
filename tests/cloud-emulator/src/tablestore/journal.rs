//! Tables in a file: a log that is only ever appended to, one record a commit.
//!
//! A record reaches the operating system before its call is answered, so a killed process loses nothing that it
//! answered; a machine that loses power may. A record that was cut off while it was written is dropped when the file is
//! opened again. There is no compaction: the file is for tests and for trying things out. Transactions that were open
//! are gone afterwards, and global indexes are up to date.
//!
//! ```text
//! file   = "otstables1\n", record*
//! record = u32 length, little-endian; the first 8 bytes of the SHA-256 of the message; the message, protobuf
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use prost::Message;
use sha2::{Digest, Sha256};

use super::message::{
    CreateIndexRequest, CreateTableRequest, DropIndexRequest, TableRequest, UpdateTableRequest,
};

/// What the file begins with: a file of something else is left alone.
const MAGIC: &[u8] = b"otstables1\n";

/// Length and digest.
const HEAD: usize = 12;

/// One commit. Exactly one of the changes is set.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Record {
    /// Milliseconds since 1970, on the emulator's clock.
    #[prost(int64, required, tag = "1")]
    pub(crate) at: i64,
    #[prost(message, optional, tag = "2")]
    pub(crate) create_table: Option<CreateTableRequest>,
    #[prost(message, optional, tag = "3")]
    pub(crate) delete_table: Option<TableRequest>,
    #[prost(message, optional, tag = "4")]
    pub(crate) update_table: Option<UpdateTableRequest>,
    #[prost(message, optional, tag = "5")]
    pub(crate) create_index: Option<CreateIndexRequest>,
    #[prost(message, optional, tag = "6")]
    pub(crate) drop_index: Option<DropIndexRequest>,
    /// The table whose rows changed.
    #[prost(string, optional, tag = "7")]
    pub(crate) table: Option<String>,
    /// The rows as they are now, in PlainBuffer; with a delete marker if they are gone.
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(crate) rows: Option<Vec<u8>>,
}

/// The open file.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
}

impl Journal {
    /// Opens or makes the file, and reads what is in it.
    ///
    /// # Errors
    /// The file cannot be read, or something other than its end is damaged.
    pub(crate) fn open(path: &Path) -> io::Result<(Self, Vec<Record>)> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        // Also the beginning may have been cut off while it was written.
        if bytes.len() < MAGIC.len() && MAGIC.starts_with(&bytes) {
            file.write_all(MAGIC.get(bytes.len()..).unwrap_or_default())?;
            return Ok((Self { file }, Vec::new()));
        }
        let what = "it is there, and no file of tables";
        let bytes =
            bytes.strip_prefix(MAGIC).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, what))?;
        let (records, good) = parse(bytes)?;
        file.set_len(u64::try_from(MAGIC.len() + good).map_err(io::Error::other)?)?;
        Ok((Self { file }, records))
    }

    /// Appends a record.
    ///
    /// # Errors
    /// The record is not on file then.
    pub(crate) fn append(&mut self, record: &Record) -> io::Result<()> {
        let before = self.file.metadata()?.len();
        let written = self.file.write_all(&framed(record)?);
        if written.is_err() {
            self.file.set_len(before)?;
        }
        written
    }
}

fn framed(record: &Record) -> io::Result<Vec<u8>> {
    let message = record.encode_to_vec();
    let mut bytes = u32::try_from(message.len()).map_err(io::Error::other)?.to_le_bytes().to_vec();
    bytes.extend_from_slice(&digest(&message));
    bytes.extend_from_slice(&message);
    Ok(bytes)
}

fn digest(message: &[u8]) -> [u8; 8] {
    let mut digest = [0; 8];
    digest.copy_from_slice(&Sha256::digest(message)[..8]);
    digest
}

/// The records, and how many bytes they take.
fn parse(bytes: &[u8]) -> io::Result<(Vec<Record>, usize)> {
    let (mut records, mut good) = (Vec::new(), 0);
    while let Some((head, rest)) = bytes[good..].split_at_checked(HEAD) {
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
        let length = usize::try_from(length).map_err(io::Error::other)?;
        let Some(message) = rest.get(..length) else { break };
        let last = rest.len() == length;
        match Record::decode(message) {
            Ok(record) if digest(message) == head[4..] => records.push(record),
            // Written up to its length, but not all of it.
            _ if last => break,
            _ => {
                let what = format!("the record at byte {good} is damaged, and others follow it");
                return Err(io::Error::new(io::ErrorKind::InvalidData, what));
            }
        }
        good += HEAD + length;
    }
    Ok((records, good))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(table: &str) -> Record {
        Record { at: 1, table: Some(table.to_owned()), rows: Some(vec![1, 2, 3]), ..Record::default() }
    }

    #[test]
    fn what_was_cut_off_at_the_end_is_dropped_and_nothing_else() {
        let mut bytes = framed(&record("a")).unwrap();
        let first = bytes.len();
        bytes.extend(framed(&record("b")).unwrap());
        for cut in first..bytes.len() {
            let (records, good) = parse(&bytes[..cut]).unwrap();
            assert_eq!((records, good), (vec![record("a")], first), "cut at {cut}");
        }
        assert_eq!(parse(&bytes).unwrap(), (vec![record("a"), record("b")], bytes.len()));
    }

    #[test]
    fn damage_before_the_end_is_an_error() {
        let mut bytes = framed(&record("a")).unwrap();
        bytes[HEAD] ^= 1;
        assert_eq!(parse(&bytes).unwrap().1, 0);
        bytes.extend(framed(&record("b")).unwrap());
        assert_eq!(parse(&bytes).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
