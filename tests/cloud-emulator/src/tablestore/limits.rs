//! The limits of DOC:tablestore/product-overview/limits-on-widecolumn-model and general-limits-of-tablestore.

use super::error::OtsError;
use super::value::{Key, Value};

/// Columns of a primary key.
pub(crate) const KEY_COLUMNS: usize = 4;
/// Bytes of a string or binary value in a key.
pub(crate) const KEY_VALUE: usize = 1024;
/// Bytes of an attribute value.
pub(crate) const VALUE: usize = 2 * 1024 * 1024;
/// Attribute columns that one request may write to a row.
pub(crate) const WRITTEN_COLUMNS: usize = 1024;
/// `columns_to_get`.
pub(crate) const READ_COLUMNS: usize = 128;
/// Bytes of the data of PutRow, UpdateRow and BatchWriteRow, and of a transaction.
pub(crate) const WRITTEN_DATA: usize = 4 * 1024 * 1024;
/// Rows of BatchWriteRow.
pub(crate) const BATCH_WRITE_ROWS: usize = 200;
/// Rows of BatchGetRow.
pub(crate) const BATCH_GET_ROWS: usize = 100;
/// Rows that GetRange looks at.
pub(crate) const SCANNED_ROWS: usize = 5000;
/// Bytes that GetRange looks at.
pub(crate) const SCANNED_DATA: usize = 4 * 1024 * 1024;
/// Bytes of a request.
pub(crate) const BODY: usize = 5 * 1024 * 1024;
/// Tables and indexes of an instance.
pub(crate) const TABLES: usize = 64;
/// Predefined columns of a table.
pub(crate) const DEFINED_COLUMNS: usize = 32;
/// Conditions in a filter (DOC:tablestore/product-overview/general-limits-of-tablestore; number unconfirmed).
pub(crate) const FILTERS: usize = 10;
/// Names of tables and columns.
const NAME: usize = 255;

/// Whether a table, index or column may be called so.
pub(crate) fn is_name(name: &str) -> bool {
    let start = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    start && name.len() <= NAME && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub(crate) fn check_column_name(name: &str) -> Result<(), OtsError> {
    if is_name(name) { Ok(()) } else { Err(OtsError::parameter(format!("Invalid column name: '{name}'."))) }
}

pub(crate) fn check_key(names: &[&str], key: &Key) -> Result<(), OtsError> {
    for (name, value) in names.iter().zip(key) {
        let size = value.size();
        if size > KEY_VALUE {
            return Err(OtsError::parameter(format!(
                "The length of primary key column: '{name}' exceeds the MaxLength: {KEY_VALUE} with CurrentLength: {size}."
            )));
        }
    }
    Ok(())
}

pub(crate) fn check_value(name: &str, value: &Value) -> Result<(), OtsError> {
    let size = value.size();
    if size > VALUE {
        return Err(OtsError::parameter(format!(
            "The length of attribute column: '{name}' exceeded the MaxLength:{VALUE} with Current Length:{size}."
        )));
    }
    Ok(())
}

pub(crate) fn check_columns_to_get(count: usize) -> Result<(), OtsError> {
    if count > READ_COLUMNS {
        return Err(OtsError::parameter(format!(
            "The number of columns from the request exceeds the limit, limit count: {READ_COLUMNS}, column count: {count}."
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_underscores_and_start_with_no_digit() {
        for good in ["a", "_", "Z9_", &"x".repeat(255)] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "9a", "a-b", "a b", "ä", "a.b", &"x".repeat(256)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
