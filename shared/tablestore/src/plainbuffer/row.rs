//! A row as it is on the wire: in requests it can also say what to do to its cells.

use crate::types::{PrimaryKey, Value};

/// A row in a buffer.
#[derive(Debug, Clone, PartialEq)]
pub struct WireRow {
    /// Its primary key; may be empty in an answer where the columns asked for are named.
    pub primary_key: PrimaryKey,
    /// Its attributes, or what to do to them.
    pub cells: Vec<Cell>,
    /// Whether the row is to be deleted.
    pub deleted: bool,
}

impl WireRow {
    /// Only a primary key.
    pub fn key(primary_key: PrimaryKey) -> Self {
        Self { primary_key, cells: Vec::new(), deleted: false }
    }

    /// A primary key whose row is to be deleted.
    pub fn deletion(primary_key: PrimaryKey) -> Self {
        Self { deleted: true, ..Self::key(primary_key) }
    }
}

/// An attribute, or what to do to one.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The column.
    pub name: String,
    /// Its value; none where versions are deleted.
    pub value: Option<Value>,
    /// What to do; none means to put the value.
    pub operation: Option<CellOperation>,
    /// The version, in milliseconds since 1970.
    pub timestamp: Option<i64>,
}

/// What UpdateRow can do to a cell besides putting a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellOperation {
    /// Delete every version of the column.
    DeleteAllVersions,
    /// Delete the version that the timestamp names.
    DeleteOneVersion,
    /// Add the value to the column's.
    Increment,
}

impl CellOperation {
    pub(crate) fn byte(self) -> u8 {
        match self {
            CellOperation::DeleteAllVersions => 1,
            CellOperation::DeleteOneVersion => 3,
            CellOperation::Increment => 4,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::DeleteAllVersions, Self::DeleteOneVersion, Self::Increment]
            .into_iter()
            .find(|operation| operation.byte() == byte)
    }
}
