//! What has to hold for a write to happen, and what it answers.

use super::Filter;
use crate::plainbuffer::EncodeError;
use crate::protobuf;

/// What has to hold for a row to be written. The service checks it atomically with the write; where it does not hold,
/// the write fails with `OTSConditionCheckFail`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Condition {
    row_existence: RowExistence,
    column_condition: Option<Filter>,
}

/// Whether the row has to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowExistence {
    /// Either way.
    #[default]
    Ignore,
    /// It has to be there.
    ExpectExist,
    /// It must not be there: what an append needs.
    ExpectNotExist,
}

impl Condition {
    /// No condition.
    pub fn ignore() -> Self {
        Self::default()
    }

    /// The row has to be there.
    pub fn expect_exist() -> Self {
        Self { row_existence: RowExistence::ExpectExist, column_condition: None }
    }

    /// The row must not be there.
    pub fn expect_not_exist() -> Self {
        Self { row_existence: RowExistence::ExpectNotExist, column_condition: None }
    }

    /// Besides, the columns of the row have to fulfil this.
    #[must_use]
    pub fn column_condition(self, filter: impl Into<Filter>) -> Self {
        Self { column_condition: Some(filter.into()), ..self }
    }

    pub(crate) fn wire(&self) -> Result<protobuf::Condition, EncodeError> {
        let row_existence = match self.row_existence {
            RowExistence::Ignore => protobuf::RowExistenceExpectation::Ignore,
            RowExistence::ExpectExist => protobuf::RowExistenceExpectation::ExpectExist,
            RowExistence::ExpectNotExist => protobuf::RowExistenceExpectation::ExpectNotExist,
        };
        Ok(protobuf::Condition {
            row_existence: row_existence.into(),
            column_condition: self.column_condition.as_ref().map(Filter::wire).transpose()?,
        })
    }
}

/// What a write answers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ReturnValues {
    /// Nothing.
    #[default]
    None,
    /// The primary key: the way to learn what an auto-increment column got.
    PrimaryKey,
    /// The named columns as they are after the write: the way to learn what an increment gave.
    AfterModify(Vec<String>),
}

impl ReturnValues {
    pub(crate) fn wire(&self) -> Option<protobuf::ReturnContent> {
        let (kind, names) = match self {
            ReturnValues::None => return None,
            ReturnValues::PrimaryKey => (protobuf::ReturnType::PrimaryKey, Vec::new()),
            ReturnValues::AfterModify(names) => (protobuf::ReturnType::AfterModify, names.clone()),
        };
        Some(protobuf::ReturnContent { return_type: Some(kind.into()), return_column_names: names })
    }
}
