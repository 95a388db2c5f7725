//! The value of a cell, as it is on the wire.

use crate::types::{KeyValue, Value};

use super::{
    TYPE_AUTO_INCREMENT, TYPE_BINARY, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_INF_MAX, TYPE_INF_MIN, TYPE_INTEGER,
    TYPE_NULL, TYPE_STRING,
};

/// Every value that the format knows; borrowed, so that megabytes are not copied on the way in or out.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Variant<'a> {
    /// 64 bits with sign.
    Integer(i64),
    /// 64 bits, IEEE 754.
    Double(f64),
    /// One byte, 0 or 1.
    Boolean(bool),
    /// UTF-8.
    String(&'a str),
    /// Bytes.
    Binary(&'a [u8]),
    /// No value.
    Null,
    /// Before every value of a primary key column.
    InfMin,
    /// Behind every value of a primary key column.
    InfMax,
    /// To be filled in by the service.
    AutoIncrement,
}

impl Variant<'_> {
    /// The byte that names the type.
    pub(crate) fn type_byte(self) -> u8 {
        match self {
            Variant::Integer(_) => TYPE_INTEGER,
            Variant::Double(_) => TYPE_DOUBLE,
            Variant::Boolean(_) => TYPE_BOOLEAN,
            Variant::String(_) => TYPE_STRING,
            Variant::Binary(_) => TYPE_BINARY,
            Variant::Null => TYPE_NULL,
            Variant::InfMin => TYPE_INF_MIN,
            Variant::InfMax => TYPE_INF_MAX,
            Variant::AutoIncrement => TYPE_AUTO_INCREMENT,
        }
    }
}

impl<'a> From<&'a Value> for Variant<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Integer(value) => Variant::Integer(*value),
            Value::Double(value) => Variant::Double(*value),
            Value::Boolean(value) => Variant::Boolean(*value),
            Value::String(value) => Variant::String(value),
            Value::Binary(value) => Variant::Binary(value),
        }
    }
}

impl<'a> From<&'a KeyValue> for Variant<'a> {
    fn from(value: &'a KeyValue) -> Self {
        match value {
            KeyValue::Integer(value) => Variant::Integer(*value),
            KeyValue::Boolean(value) => Variant::Boolean(*value),
            KeyValue::String(value) => Variant::String(value),
            KeyValue::Binary(value) => Variant::Binary(value),
            KeyValue::InfMin => Variant::InfMin,
            KeyValue::InfMax => Variant::InfMax,
            KeyValue::AutoIncrement => Variant::AutoIncrement,
        }
    }
}

/// The type byte where an attribute cannot hold the value.
impl TryFrom<Variant<'_>> for Value {
    type Error = u8;

    fn try_from(variant: Variant<'_>) -> Result<Self, u8> {
        Ok(match variant {
            Variant::Integer(value) => Value::Integer(value),
            Variant::Double(value) => Value::Double(value),
            Variant::Boolean(value) => Value::Boolean(value),
            Variant::String(value) => Value::String(value.to_owned()),
            Variant::Binary(value) => Value::Binary(value.to_vec()),
            Variant::Null | Variant::InfMin | Variant::InfMax | Variant::AutoIncrement => {
                return Err(variant.type_byte());
            }
        })
    }
}

/// The type byte where a primary key column cannot hold the value.
impl TryFrom<Variant<'_>> for KeyValue {
    type Error = u8;

    fn try_from(variant: Variant<'_>) -> Result<Self, u8> {
        Ok(match variant {
            Variant::Integer(value) => KeyValue::Integer(value),
            Variant::Boolean(value) => KeyValue::Boolean(value),
            Variant::String(value) => KeyValue::String(value.to_owned()),
            Variant::Binary(value) => KeyValue::Binary(value.to_vec()),
            Variant::InfMin => KeyValue::InfMin,
            Variant::InfMax => KeyValue::InfMax,
            Variant::AutoIncrement => KeyValue::AutoIncrement,
            Variant::Double(_) | Variant::Null => return Err(variant.type_byte()),
        })
    }
}
