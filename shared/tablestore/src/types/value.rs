//! Values of attributes and of primary key columns.

/// The value of an attribute column. At most 2 MB (see [`limits`](crate::limits)).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// 64 bits with sign.
    Integer(i64),
    /// IEEE 754, 64 bits.
    Double(f64),
    /// True or false.
    Boolean(bool),
    /// UTF-8.
    String(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl Value {
    /// The integer, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        if let Value::Integer(value) = self { Some(*value) } else { None }
    }

    /// The double, if it is one.
    pub fn as_double(&self) -> Option<f64> {
        if let Value::Double(value) = self { Some(*value) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_boolean(&self) -> Option<bool> {
        if let Value::Boolean(value) = self { Some(*value) } else { None }
    }

    /// The string, if it is one.
    pub fn as_string(&self) -> Option<&str> {
        if let Value::String(value) = self { Some(value) } else { None }
    }

    /// The bytes, if it is binary.
    pub fn as_binary(&self) -> Option<&[u8]> {
        if let Value::Binary(value) = self { Some(value) } else { None }
    }
}

/// The value of a primary key column. Strings and bytes at most 1 KB.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyValue {
    /// 64 bits with sign.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// UTF-8.
    String(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// Before every value: only for the ends of a range.
    InfMin,
    /// Behind every value: only for the ends of a range.
    InfMax,
    /// Filled in by the service: only where a row is put, in a column that the table declares so.
    AutoIncrement,
}

impl KeyValue {
    /// The integer, if it is one.
    pub fn as_integer(&self) -> Option<i64> {
        if let KeyValue::Integer(value) = self { Some(*value) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_boolean(&self) -> Option<bool> {
        if let KeyValue::Boolean(value) = self { Some(*value) } else { None }
    }

    /// The string, if it is one.
    pub fn as_string(&self) -> Option<&str> {
        if let KeyValue::String(value) = self { Some(value) } else { None }
    }

    /// The bytes, if it is binary.
    pub fn as_binary(&self) -> Option<&[u8]> {
        if let KeyValue::Binary(value) = self { Some(value) } else { None }
    }
}

/// Conversions of what both kinds of value can hold.
macro_rules! from {
    ($($kind:ident($source:ty) by $convert:expr;)*) => {$(
        impl From<$source> for Value {
            fn from(value: $source) -> Self {
                Value::$kind($convert(value))
            }
        }

        impl From<$source> for KeyValue {
            fn from(value: $source) -> Self {
                KeyValue::$kind($convert(value))
            }
        }
    )*};
}

from! {
    Integer(i64) by i64::from;
    Integer(i32) by i64::from;
    Integer(u32) by i64::from;
    Boolean(bool) by bool::from;
    String(&str) by str::to_owned;
    String(String) by String::from;
    Binary(&[u8]) by <[u8]>::to_vec;
    Binary(Vec<u8>) by Vec::from;
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Value::Double(value)
    }
}
