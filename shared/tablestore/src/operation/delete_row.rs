//! DeleteRow: deletes a row; it is no error if there is none.

use super::Operation;
use super::write::write_operation;
use crate::plainbuffer::{WireRow, encode_row};
use crate::types::PrimaryKey;

pub use super::WriteRowOutput as DeleteRowOutput;

write_operation! {
    DeleteRowFluentBuilder, DeleteRowError, Operation::DeleteRow, DeleteRowRequest,
    /// The row.
    primary_key: PrimaryKey => primary_key by |key| encode_row(&WireRow::deletion(key))
}
