//! Rows.

use super::{Column, PrimaryKey, Value};
use crate::plainbuffer::{Cell, DecodeErrorKind, WireRow};

/// A row: what is put, and what is read.
///
/// ```
/// use tablestore_rs::types::{PrimaryKey, Row};
///
/// let row = Row::new(PrimaryKey::new().column("stream", "order-7").column("seq", 1))
///     .column("type", "OrderPlaced")
///     .column("data", b"{}".to_vec());
/// assert_eq!(row.get("type").and_then(|value| value.as_string()), Some("OrderPlaced"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    primary_key: PrimaryKey,
    columns: Vec<Column>,
}

impl Row {
    /// A row without attributes yet.
    pub fn new(primary_key: PrimaryKey) -> Self {
        Self { primary_key, columns: Vec::new() }
    }

    /// Adds an attribute; its version is the time at which the service writes it.
    #[must_use]
    pub fn column(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.push(name.into(), value.into(), None)
    }

    /// Adds an attribute as a given version, in milliseconds since 1970.
    #[must_use]
    pub fn column_at(self, name: impl Into<String>, value: impl Into<Value>, timestamp: i64) -> Self {
        self.push(name.into(), value.into(), Some(timestamp))
    }

    fn push(mut self, name: String, value: Value, timestamp: Option<i64>) -> Self {
        self.columns.push(Column { name, value, timestamp });
        self
    }

    /// The primary key. In an answer to a request that names columns, it can lack columns that were not named.
    pub fn primary_key(&self) -> &PrimaryKey {
        &self.primary_key
    }

    /// The attributes, in the order of the service: by name, newest version first.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The first value of an attribute; in answers that is its newest version.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.value)
    }

    /// Takes the row apart.
    pub fn into_parts(self) -> (PrimaryKey, Vec<Column>) {
        (self.primary_key, self.columns)
    }
}

impl From<Row> for WireRow {
    fn from(row: Row) -> Self {
        let cells = row
            .columns
            .into_iter()
            .map(|Column { name, value, timestamp }| Cell {
                name,
                value: Some(value),
                operation: None,
                timestamp,
            })
            .collect();
        WireRow { cells, ..WireRow::key(row.primary_key) }
    }
}

/// A row of an answer: it cannot carry changes.
impl TryFrom<WireRow> for Row {
    type Error = DecodeErrorKind;

    fn try_from(row: WireRow) -> Result<Self, DecodeErrorKind> {
        if row.deleted {
            return Err(DecodeErrorKind::NotAnAnswer);
        }
        let columns = row.cells.into_iter().map(|cell| match cell {
            Cell { name, value: Some(value), operation: None, timestamp } => {
                Ok(Column { name, value, timestamp })
            }
            _ => Err(DecodeErrorKind::NotAnAnswer),
        });
        Ok(Row { primary_key: row.primary_key, columns: columns.collect::<Result<_, _>>()? })
    }
}
