//! PlainBuffer, the row format of Tablestore, written from the packages' sources alone (tablestore 6.4.8,
//! `plainbuffer/*`) and independent of the project's own client: each is the check on the other.
//!
//! ```text
//! buffer = u32 0x75, row+             row  = 0x01 key cell+ [0x02 cell+] [0x08] 0x09 u8 row checksum
//! cell   = 0x03 0x04 u32 name [0x05 u32 variant] [0x06 u8 operation] [0x07 i64 milliseconds] 0x0A u8 cell checksum
//! ```
//! Every checksum is verified on the way in and written on the way out.

mod checksum;
mod read;
#[cfg(test)]
mod vectors;
mod write;

pub(crate) use read::{Malformed, read_key, read_row, read_rows, read_variant};
pub(crate) use write::write_rows;
#[cfg(test)]
pub(crate) use write::write_variant;

use super::value::Value;

/// First four bytes of every buffer, little-endian.
const HEADER: u32 = 0x75;

const TAG_KEY: u8 = 0x01;
const TAG_CELLS: u8 = 0x02;
const TAG_CELL: u8 = 0x03;
const TAG_NAME: u8 = 0x04;
const TAG_VALUE: u8 = 0x05;
const TAG_OPERATION: u8 = 0x06;
const TAG_TIMESTAMP: u8 = 0x07;
const TAG_DELETED: u8 = 0x08;
const TAG_ROW_CHECKSUM: u8 = 0x09;
const TAG_CELL_CHECKSUM: u8 = 0x0A;

const INTEGER: u8 = 0;
const DOUBLE: u8 = 1;
const BOOLEAN: u8 = 2;
const STRING: u8 = 3;
const NULL: u8 = 6;
const BLOB: u8 = 7;
const INF_MIN: u8 = 9;
const INF_MAX: u8 = 0x0A;
const AUTO_INCREMENT: u8 = 0x0B;

/// UpdateRow deletes all versions of a column.
pub(crate) const DELETE_ALL_VERSIONS: u8 = 1;
/// UpdateRow deletes the version with the cell's timestamp.
pub(crate) const DELETE_ONE_VERSION: u8 = 3;
/// UpdateRow adds to an integer.
pub(crate) const INCREMENT: u8 = 4;

/// What a cell may hold on the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Variant {
    /// A stored value.
    Value(Value),
    Null,
    /// Before every value; only in the keys of a range.
    InfMin,
    /// After every value; only in the keys of a range.
    InfMax,
    /// To be filled in by the service; only in keys that are written.
    AutoIncrement,
}

/// A cell as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) value: Option<Variant>,
    pub(crate) operation: Option<u8>,
    /// Milliseconds since 1970.
    pub(crate) timestamp: Option<i64>,
}

impl Cell {
    pub(crate) fn new(name: &str, value: Variant) -> Self {
        Self { name: name.to_owned(), value: Some(value), operation: None, timestamp: None }
    }
}

/// A row as it was sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct WireRow {
    pub(crate) key: Vec<Cell>,
    pub(crate) cells: Vec<Cell>,
    /// The delete marker.
    pub(crate) deleted: bool,
}
