//! Values of columns, and values that order keys.

use std::fmt;

/// A value of an attribute column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Double(f64),
    Boolean(bool),
    String(String),
    Blob(Vec<u8>),
}

impl Value {
    /// What it counts for in limits and capacity units, in bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Integer(_) | Self::Double(_) => 8,
            Self::Boolean(_) => 1,
            Self::String(text) => text.len(),
            Self::Blob(bytes) => bytes.len(),
        }
    }

    pub(crate) const fn kind(&self) -> ColumnKind {
        match self {
            Self::Integer(_) => ColumnKind::Integer,
            Self::Double(_) => ColumnKind::Double,
            Self::Boolean(_) => ColumnKind::Boolean,
            Self::String(_) => ColumnKind::String,
            Self::Blob(_) => ColumnKind::Blob,
        }
    }
}

/// Type of an attribute column. The numbers are those of `DefinedColumnType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Integer = 1,
    Double = 2,
    Boolean = 3,
    String = 4,
    Blob = 7,
}

impl ColumnKind {
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        let all = [Self::Integer, Self::Double, Self::Boolean, Self::String, Self::Blob];
        all.into_iter().find(|kind| *kind as i32 == number)
    }

    /// The type of a key with this column in it.
    pub(crate) const fn as_key(self) -> Option<KeyKind> {
        match self {
            Self::Integer => Some(KeyKind::Integer),
            Self::String => Some(KeyKind::String),
            Self::Blob => Some(KeyKind::Binary),
            Self::Double | Self::Boolean => None,
        }
    }
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "INTEGER",
            Self::Double => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::String => "STRING",
            Self::Blob => "BINARY",
        })
    }
}

/// Type of a primary key column. The numbers are those of `PrimaryKeyType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Integer = 1,
    String = 2,
    Binary = 3,
}

impl KeyKind {
    pub(crate) fn from_number(number: i32) -> Option<Self> {
        [Self::Integer, Self::String, Self::Binary].into_iter().find(|kind| *kind as i32 == number)
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Integer => "INTEGER",
            Self::String => "STRING",
            Self::Binary => "BINARY",
        })
    }
}

/// One column of a key. The order of the variants is the order of keys: a column has values of one type only, between
/// the two infinities.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyValue {
    InfMin,
    Integer(i64),
    String(String),
    Binary(Vec<u8>),
    InfMax,
}

impl KeyValue {
    /// `None` for types that cannot be in a key.
    pub(crate) fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(Self::Integer(number)),
            Value::String(text) => Some(Self::String(text)),
            Value::Blob(bytes) => Some(Self::Binary(bytes)),
            Value::Double(_) | Value::Boolean(_) => None,
        }
    }

    /// `None` for the infinities.
    pub(crate) fn to_value(&self) -> Option<Value> {
        match self {
            Self::Integer(number) => Some(Value::Integer(*number)),
            Self::String(text) => Some(Value::String(text.clone())),
            Self::Binary(bytes) => Some(Value::Blob(bytes.clone())),
            Self::InfMin | Self::InfMax => None,
        }
    }

    /// `None` for the infinities.
    pub(crate) const fn kind(&self) -> Option<KeyKind> {
        match self {
            Self::Integer(_) => Some(KeyKind::Integer),
            Self::String(_) => Some(KeyKind::String),
            Self::Binary(_) => Some(KeyKind::Binary),
            Self::InfMin | Self::InfMax => None,
        }
    }

    /// In bytes.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Integer(_) => 8,
            Self::String(text) => text.len(),
            Self::Binary(bytes) => bytes.len(),
            Self::InfMin | Self::InfMax => 0,
        }
    }
}

/// A whole key, the partition key first.
pub(crate) type Key = Vec<KeyValue>;
