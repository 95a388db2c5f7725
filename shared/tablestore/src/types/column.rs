//! An attribute column of a row.

use super::Value;

/// One version of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
    /// The version, in milliseconds since 1970. Where a row is written, none leaves it to the service; in answers it
    /// is always there.
    pub timestamp: Option<i64>,
}
