//! The parts of batches.

use super::{Condition, Filter, PrimaryKey, ReturnValues, Row, RowUpdate, TimeRange};
use crate::plainbuffer::{EncodeError, WireRow, encode_row};
use crate::protobuf;

/// Rows of one table to be read in a batch, all in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct KeysAndColumns {
    pub(crate) keys: Vec<PrimaryKey>,
    pub(crate) columns_to_get: Vec<String>,
    pub(crate) max_versions: Option<i32>,
    pub(crate) time_range: Option<TimeRange>,
    pub(crate) filter: Option<Filter>,
}

impl KeysAndColumns {
    /// These rows, with all columns.
    pub fn new(keys: impl IntoIterator<Item = PrimaryKey>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            columns_to_get: Vec::new(),
            max_versions: None,
            time_range: None,
            filter: None,
        }
    }

    /// Adds a row.
    #[must_use]
    pub fn key(mut self, key: PrimaryKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds columns to be read. Default all.
    #[must_use]
    pub fn columns_to_get(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns_to_get.extend(names.into_iter().map(Into::into));
        self
    }

    /// How many versions of each column are read at most. Default 1, or no limit with a time range.
    #[must_use]
    pub fn max_versions(self, max_versions: i32) -> Self {
        Self { max_versions: Some(max_versions), ..self }
    }

    /// Which versions are read.
    #[must_use]
    pub fn time_range(self, time_range: TimeRange) -> Self {
        Self { time_range: Some(time_range), ..self }
    }

    /// Only rows that fulfil this are returned.
    #[must_use]
    pub fn filter(self, filter: impl Into<Filter>) -> Self {
        Self { filter: Some(filter.into()), ..self }
    }

    /// The rows.
    pub fn keys(&self) -> &[PrimaryKey] {
        &self.keys
    }
}

/// One write of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct WriteRequest {
    change: Change,
    condition: Condition,
    return_values: ReturnValues,
}

#[derive(Debug, Clone, PartialEq)]
enum Change {
    Put(Row),
    Update(RowUpdate),
    Delete(PrimaryKey),
}

impl WriteRequest {
    /// Puts a row.
    pub fn put(row: Row) -> Self {
        Self::new(Change::Put(row))
    }

    /// Changes columns of a row.
    pub fn update(update: RowUpdate) -> Self {
        Self::new(Change::Update(update))
    }

    /// Deletes a row.
    pub fn delete(key: PrimaryKey) -> Self {
        Self::new(Change::Delete(key))
    }

    fn new(change: Change) -> Self {
        Self { change, condition: Condition::ignore(), return_values: ReturnValues::None }
    }

    /// What has to hold for it to happen.
    #[must_use]
    pub fn condition(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }

    /// What it answers.
    #[must_use]
    pub fn return_values(self, return_values: ReturnValues) -> Self {
        Self { return_values, ..self }
    }

    /// The key of the row that it writes.
    pub fn primary_key(&self) -> &PrimaryKey {
        match &self.change {
            Change::Put(row) => row.primary_key(),
            Change::Update(update) => update.primary_key(),
            Change::Delete(key) => key,
        }
    }

    pub(crate) fn wire(&self) -> Result<protobuf::RowInBatchWriteRowRequest, EncodeError> {
        let (kind, row) = match &self.change {
            Change::Put(row) => (protobuf::OperationType::Put, encode_row(&row.clone().into())?),
            Change::Update(update) => (protobuf::OperationType::Update, encode_row(update.wire())?),
            Change::Delete(key) => {
                (protobuf::OperationType::Delete, encode_row(&WireRow::deletion(key.clone()))?)
            }
        };
        Ok(protobuf::RowInBatchWriteRowRequest {
            r#type: kind.into(),
            row_change: row.into(),
            condition: Some(self.condition.wire()?),
            return_content: self.return_values.wire(),
        })
    }
}
