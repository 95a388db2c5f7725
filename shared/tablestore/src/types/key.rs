//! Primary keys.

use super::KeyValue;

/// A primary key, or the end of a range: one to four columns, in the order of the table's schema. The first is the
/// partition key.
///
/// ```
/// use tablestore_rs::types::{KeyValue, PrimaryKey};
///
/// let key = PrimaryKey::new().column("stream", "order-7").column("seq", 1);
/// let last = PrimaryKey::new().column("stream", "order-7").column("seq", KeyValue::InfMax);
/// assert_eq!(key.get("seq"), Some(&KeyValue::Integer(1)));
/// # let _ = last;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PrimaryKey {
    columns: Vec<KeyColumn>,
}

/// A column of a primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyColumn {
    /// The name.
    pub name: String,
    /// The value.
    pub value: KeyValue,
}

impl PrimaryKey {
    /// Without columns yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of these columns.
    pub fn from_columns(columns: Vec<KeyColumn>) -> Self {
        Self { columns }
    }

    /// Adds a column behind the others.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>, value: impl Into<KeyValue>) -> Self {
        self.columns.push(KeyColumn { name: name.into(), value: value.into() });
        self
    }

    /// The columns, in order.
    pub fn columns(&self) -> &[KeyColumn] {
        &self.columns
    }

    /// The value of a column.
    pub fn get(&self, name: &str) -> Option<&KeyValue> {
        self.columns.iter().find(|column| column.name == name).map(|column| &column.value)
    }
}
