//! AbortTransaction: takes all writes of a transaction back. It also ends by itself after 60 s.

use super::Operation;
use super::transaction_end::transaction_end;

pub use super::Acknowledgement as AbortTransactionOutput;

transaction_end! { AbortTransactionFluentBuilder, AbortTransactionError, Operation::AbortTransaction }
