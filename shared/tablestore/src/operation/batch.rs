//! What both batches have in common: tables in order, and rows that fail by themselves.

use std::fmt;

use super::{OperationClass, answer};
use crate::client::Meta;
use crate::error::{ErrorCode, ErrorMetadata, ProvideErrorMetadata, ResponseProblem};
use crate::protobuf;

/// Why one row of a batch failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    meta: ErrorMetadata,
    class: OperationClass,
}

impl RowError {
    pub(super) fn read(
        error: Option<protobuf::Error>,
        class: OperationClass,
        meta: &Meta,
    ) -> Result<Self, ResponseProblem> {
        let error = answer::present("error", error)?;
        let meta = ErrorMetadata {
            code: ErrorCode::from(error.code.as_str()),
            message: error.message.unwrap_or_default(),
            request_id: meta.request_id.clone(),
            http_status: meta.http_status,
        };
        Ok(Self { meta, class })
    }

    /// What the service says.
    pub fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }

    /// Whether the condition of the write does not hold.
    pub fn is_condition_check_fail(&self) -> bool {
        self.meta.code == ErrorCode::ConditionCheckFail
    }

    /// Whether the row may have been written all the same, so that it has to be read to learn which.
    pub fn may_have_been_applied(&self) -> bool {
        self.meta.may_have_been_applied(self.class)
    }

    /// Whether asking for it again is safe and may help.
    pub fn may_be_repeated(&self) -> bool {
        self.meta.may_be_repeated(self.class)
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.meta.fmt(f)
    }
}

impl std::error::Error for RowError {}

impl ProvideErrorMetadata for RowError {
    fn metadata(&self) -> Option<&ErrorMetadata> {
        Some(&self.meta)
    }
}

/// Adds to what is asked of a table, or adds the table behind the others.
pub(super) fn entry<T: Default>(items: &mut Vec<(String, T)>, table: String) -> &mut T {
    let at = items.iter().position(|(name, _)| *name == table).unwrap_or_else(|| {
        items.push((table, T::default()));
        items.len() - 1
    });
    &mut items[at].1
}

/// The answer has what was asked for, in the same order: only so a row can be told from another.
pub(super) fn same(what: &str, asked: usize, answered: usize) -> Result<(), ResponseProblem> {
    if asked == answered {
        return Ok(());
    }
    Err(ResponseProblem::Message(format!("{asked} {what} were asked for and {answered} answered")))
}

pub(super) fn same_table(asked: &str, answered: &str) -> Result<(), ResponseProblem> {
    if asked == answered {
        return Ok(());
    }
    Err(ResponseProblem::Message("the tables are not those that were asked for".to_owned()))
}
