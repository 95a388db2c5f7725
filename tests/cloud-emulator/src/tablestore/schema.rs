//! The primary key of a table or index, and keys that are checked against it.

use super::error::OtsError;
use super::limits;
use super::plainbuffer::{Cell, Variant};
use super::value::{Key, KeyKind, KeyValue};

/// One column of a primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) kind: KeyKind,
    /// The service fills it in.
    pub(crate) auto_increment: bool,
}

/// The columns of a primary key, the partition key first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeySchema(pub(crate) Vec<KeyColumn>);

/// A key as a write names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WrittenKey {
    Given(Key),
    /// The column at this place is to be filled in.
    AutoIncrement(Key, usize),
}

impl WrittenKey {
    /// Its partition key.
    pub(crate) fn partition(self) -> Option<KeyValue> {
        let (Self::Given(key) | Self::AutoIncrement(key, _)) = self;
        key.into_iter().next()
    }
}

impl KeySchema {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|column| column.name.as_str()).collect()
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// Name, number and value of the columns. The wording is asserted by OTS-T, that of the type is by its pattern.
    fn check(&self, cells: &[Cell]) -> Result<(), OtsError> {
        if cells.len() != self.0.len() {
            let (input, meta) = (cells.len(), self.0.len());
            return Err(OtsError::key(format!("Validate PK size fail. Input: {input}, Meta: {meta}.")));
        }
        for (cell, column) in cells.iter().zip(&self.0) {
            if cell.name != column.name {
                return Err(OtsError::key(format!(
                    "Validate PK name fail. Input: {}, Meta: {}.",
                    cell.name, column.name
                )));
            }
        }
        Ok(())
    }

    fn value(column: &KeyColumn, variant: Option<&Variant>) -> Result<KeyValue, OtsError> {
        let wrong = |input: &str| {
            OtsError::key(format!("Validate PK type fail. Input: {input}, Meta: {}.", column.kind))
        };
        let value = match variant {
            Some(Variant::Value(value)) => value.clone(),
            Some(Variant::InfMin) => return Ok(KeyValue::InfMin),
            Some(Variant::InfMax) => return Ok(KeyValue::InfMax),
            Some(Variant::AutoIncrement) => {
                return Err(OtsError::parameter("PKAutoIncr can't be used for read operations."));
            }
            Some(Variant::Null) | None => {
                let name = &column.name;
                let message = format!("Cell data broken, PK value cannot be NULL, name: '{name}'.");
                return Err(OtsError::parameter(message));
            }
        };
        let kind = value.kind();
        let key = KeyValue::from_value(value).ok_or_else(|| wrong(&kind.to_string()))?;
        if key.kind() == Some(column.kind) { Ok(key) } else { Err(wrong(&kind.to_string())) }
    }

    /// The end of a range, in which the infinities may stand.
    pub(crate) fn bound(&self, cells: &[Cell]) -> Result<Key, OtsError> {
        self.check(cells)?;
        let values = cells.iter().zip(&self.0);
        let key: Key = values
            .map(|(cell, column)| Self::value(column, cell.value.as_ref()))
            .collect::<Result<_, _>>()?;
        limits::check_key(&self.names(), &key)?;
        Ok(key)
    }

    /// The key of one row.
    pub(crate) fn exact(&self, cells: &[Cell]) -> Result<Key, OtsError> {
        let key = self.bound(cells)?;
        if key.iter().any(|value| value.kind().is_none()) {
            return Err(OtsError::key("INF_MIN and INF_MAX are for ranges only.")); // message invented
        }
        Ok(key)
    }

    /// The key of a row that is written.
    pub(crate) fn written(&self, cells: &[Cell]) -> Result<WrittenKey, OtsError> {
        self.check(cells)?;
        let Some(place) = cells.iter().position(|cell| cell.value == Some(Variant::AutoIncrement)) else {
            return self.exact(cells).map(WrittenKey::Given);
        };
        if !self.0.get(place).is_some_and(|column| column.auto_increment) {
            return Err(OtsError::key(format!(
                "Validate PK type fail. Input: AUTO_INCREMENT, Meta: {place}."
            )));
        }
        let mut cells = cells.to_vec();
        if let Some(cell) = cells.get_mut(place) {
            cell.value = Some(Variant::Value(super::value::Value::Integer(0)));
        }
        self.exact(&cells).map(|key| WrittenKey::AutoIncrement(key, place))
    }

    /// A key as it is sent.
    pub(crate) fn wire(&self, key: &Key) -> Vec<Cell> {
        let columns = self.0.iter().zip(key);
        columns
            .map(|(column, value)| {
                let variant = match value.to_value() {
                    Some(value) => Variant::Value(value),
                    None if *value == KeyValue::InfMin => Variant::InfMin,
                    None => Variant::InfMax,
                };
                Cell::new(&column.name, variant)
            })
            .collect()
    }

    /// Names and values, in bytes.
    pub(crate) fn size(&self, key: &Key) -> usize {
        self.0.iter().zip(key).map(|(column, value)| column.name.len() + value.size()).sum()
    }
}
