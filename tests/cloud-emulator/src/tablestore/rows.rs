//! Rows as they are stored: one version a column.

use std::collections::BTreeMap;

use super::plainbuffer::{Cell, Variant, WireRow};
use super::schema::KeySchema;
use super::value::{Key, Value};

/// A value with the version it was written as.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stored {
    pub(crate) value: Value,
    /// Milliseconds since 1970.
    pub(crate) timestamp: i64,
}

/// The attribute columns of a row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Row {
    pub(crate) columns: BTreeMap<String, Stored>,
}

/// Rows by their key.
pub(crate) type Rows = BTreeMap<Key, Row>;

impl Row {
    /// Names and values of the columns, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.columns.iter().map(|(name, stored)| name.len() + stored.value.size()).sum()
    }

    /// The whole row as it is sent.
    pub(crate) fn wire(&self, schema: &KeySchema, key: &Key) -> WireRow {
        let cells = self.columns.iter().map(|(name, stored)| stored.wire(name)).collect();
        WireRow { key: schema.wire(key), cells, deleted: false }
    }
}

impl Stored {
    pub(crate) fn wire(&self, name: &str) -> Cell {
        Cell { timestamp: Some(self.timestamp), ..Cell::new(name, Variant::Value(self.value.clone())) }
    }
}
