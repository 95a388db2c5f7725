//! The operations: for each a builder, an output and an error, as aws-sdk-dynamodb has them.

pub mod abort_transaction;
pub mod batch_get_row;
pub mod batch_write_row;
pub mod commit_transaction;
pub mod create_index;
pub mod create_table;
pub mod delete_row;
pub mod delete_table;
pub mod describe_table;
pub mod drop_index;
pub mod get_range;
pub mod get_row;
pub mod list_tables;
pub mod put_row;
pub mod start_local_transaction;
pub mod update_row;

mod acknowledgement;
mod answer;
mod batch;
mod read;
mod transaction_end;
mod write;

pub use acknowledgement::Acknowledgement;
pub use batch::RowError;
pub use write::WriteRowOutput;

use std::fmt;

use crate::error::ConstructionFailure;

/// An operation of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// See [`abort_transaction`].
    AbortTransaction,
    /// See [`batch_get_row`].
    BatchGetRow,
    /// See [`batch_write_row`].
    BatchWriteRow,
    /// See [`commit_transaction`].
    CommitTransaction,
    /// See [`create_index`].
    CreateIndex,
    /// See [`create_table`].
    CreateTable,
    /// See [`delete_row`].
    DeleteRow,
    /// See [`delete_table`].
    DeleteTable,
    /// See [`describe_table`].
    DescribeTable,
    /// See [`drop_index`].
    DropIndex,
    /// See [`get_range`].
    GetRange,
    /// See [`get_row`].
    GetRow,
    /// See [`list_tables`].
    ListTable,
    /// See [`put_row`].
    PutRow,
    /// See [`start_local_transaction`].
    StartLocalTransaction,
    /// See [`update_row`].
    UpdateRow,
}

/// What repeating an operation can do, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OperationClass {
    /// Changes nothing: repeating is always safe.
    Read,
    /// Changes rows or transactions: repeated only where it is known not to have been carried out.
    Write,
    /// Changes tables or indexes: repeated as a write is, and takes longer.
    Definition,
}

impl Operation {
    /// Its name, which is the path of its requests.
    pub fn name(self) -> &'static str {
        match self {
            Operation::AbortTransaction => "AbortTransaction",
            Operation::BatchGetRow => "BatchGetRow",
            Operation::BatchWriteRow => "BatchWriteRow",
            Operation::CommitTransaction => "CommitTransaction",
            Operation::CreateIndex => "CreateIndex",
            Operation::CreateTable => "CreateTable",
            Operation::DeleteRow => "DeleteRow",
            Operation::DeleteTable => "DeleteTable",
            Operation::DescribeTable => "DescribeTable",
            Operation::DropIndex => "DropIndex",
            Operation::GetRange => "GetRange",
            Operation::GetRow => "GetRow",
            Operation::ListTable => "ListTable",
            Operation::PutRow => "PutRow",
            Operation::StartLocalTransaction => "StartLocalTransaction",
            Operation::UpdateRow => "UpdateRow",
        }
    }

    /// Its class.
    pub fn class(self) -> OperationClass {
        match self {
            Operation::BatchGetRow
            | Operation::DescribeTable
            | Operation::GetRange
            | Operation::GetRow
            | Operation::ListTable => OperationClass::Read,
            Operation::AbortTransaction
            | Operation::BatchWriteRow
            | Operation::CommitTransaction
            | Operation::DeleteRow
            | Operation::PutRow
            | Operation::StartLocalTransaction
            | Operation::UpdateRow => OperationClass::Write,
            Operation::CreateIndex
            | Operation::CreateTable
            | Operation::DeleteTable
            | Operation::DropIndex => OperationClass::Definition,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A member that an operation needs.
fn required<T>(name: &'static str, member: Option<T>) -> Result<T, ConstructionFailure> {
    member.ok_or(ConstructionFailure::Missing(name))
}

/// A text that an operation needs, and that says nothing when empty.
fn required_text(name: &'static str, member: &Option<String>) -> Result<String, ConstructionFailure> {
    required(name, member.clone().filter(|text| !text.is_empty()))
}
