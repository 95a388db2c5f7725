//! Changes of single columns.

use super::{PrimaryKey, Value};
use crate::plainbuffer::{Cell, CellOperation, WireRow};

/// What UpdateRow does to a row. Columns that are not named stay as they are; a row that is not there is made.
///
/// ```
/// use tablestore_rs::types::{PrimaryKey, RowUpdate};
///
/// let update = RowUpdate::new(PrimaryKey::new().column("id", "a"))
///     .put("state", "open")
///     .increment("visits", 1)
///     .delete_all_versions("draft");
/// # let _ = update;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RowUpdate {
    row: WireRow,
}

impl RowUpdate {
    /// Without changes yet.
    pub fn new(primary_key: PrimaryKey) -> Self {
        Self { row: WireRow::key(primary_key) }
    }

    /// Puts a value; its version is the time at which the service writes it.
    #[must_use]
    pub fn put(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push(name.into(), Some(value.into()), None, None)
    }

    /// Puts a value as a given version, in milliseconds since 1970.
    #[must_use]
    pub fn put_at(self, name: impl Into<String>, value: impl Into<Value>, timestamp: i64) -> Self {
        self.push(name.into(), Some(value.into()), None, Some(timestamp))
    }

    /// Deletes a column with all its versions.
    #[must_use]
    pub fn delete_all_versions(self, name: impl Into<String>) -> Self {
        self.push(name.into(), None, Some(CellOperation::DeleteAllVersions), None)
    }

    /// Deletes one version of a column, named in milliseconds since 1970.
    #[must_use]
    pub fn delete_version(self, name: impl Into<String>, timestamp: i64) -> Self {
        self.push(name.into(), None, Some(CellOperation::DeleteOneVersion), Some(timestamp))
    }

    /// Adds to an integer column, which counts as 0 where it is not there.
    #[must_use]
    pub fn increment(self, name: impl Into<String>, by: i64) -> Self {
        self.push(name.into(), Some(by.into()), Some(CellOperation::Increment), None)
    }

    fn push(
        mut self,
        name: String,
        value: Option<Value>,
        operation: Option<CellOperation>,
        timestamp: Option<i64>,
    ) -> Self {
        self.row.cells.push(Cell { name, value, operation, timestamp });
        self
    }

    /// The key of the row that is changed.
    pub fn primary_key(&self) -> &PrimaryKey {
        &self.row.primary_key
    }

    /// The changes as they go on the wire.
    pub(crate) fn wire(&self) -> &WireRow {
        &self.row
    }
}
