//! PutRow: puts a row, in place of the one with the same key if there is one.

use super::Operation;
use super::write::write_operation;
use crate::plainbuffer::encode_row;
use crate::types::Row;

pub use super::WriteRowOutput as PutRowOutput;

write_operation! {
    PutRowFluentBuilder, PutRowError, Operation::PutRow, PutRowRequest,
    /// The row.
    row: Row => row by |row| encode_row(&row.into())
}
