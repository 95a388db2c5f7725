//! UpdateRow: changes columns of a row, and makes the row if it is not there.

use super::Operation;
use super::write::write_operation;
use crate::plainbuffer::encode_row;
use crate::types::RowUpdate;

pub use super::WriteRowOutput as UpdateRowOutput;

write_operation! {
    UpdateRowFluentBuilder, UpdateRowError, Operation::UpdateRow, UpdateRowRequest,
    /// The row and its changes.
    update: RowUpdate => row_change by |update| encode_row(update.wire())
}
