//! CommitTransaction: makes all writes of a transaction last. A lost answer leaves it unknown whether they do.

use super::Operation;
use super::transaction_end::transaction_end;

pub use super::Acknowledgement as CommitTransactionOutput;

transaction_end! { CommitTransactionFluentBuilder, CommitTransactionError, Operation::CommitTransaction }
