//! Writing. What goes out was stored before, so nothing can be wrong with it.

use super::{
    AUTO_INCREMENT, BLOB, BOOLEAN, Cell, DOUBLE, HEADER, INF_MAX, INF_MIN, INTEGER, NULL, STRING, TAG_CELL,
    TAG_CELL_CHECKSUM, TAG_CELLS, TAG_DELETED, TAG_KEY, TAG_NAME, TAG_OPERATION, TAG_ROW_CHECKSUM,
    TAG_TIMESTAMP, TAG_VALUE, Variant, WireRow, checksum,
};
use crate::tablestore::value::Value;

/// The rows behind one header; no bytes at all if there are none.
pub(crate) fn write_rows<'a>(rows: impl IntoIterator<Item = &'a WireRow>) -> Vec<u8> {
    let mut buffer = Vec::new();
    for row in rows {
        if buffer.is_empty() {
            buffer.extend_from_slice(&HEADER.to_le_bytes());
        }
        write_row(&mut buffer, row);
    }
    buffer
}

fn write_row(buffer: &mut Vec<u8>, row: &WireRow) {
    let mut crc = 0;
    buffer.push(TAG_KEY);
    for cell in &row.key {
        crc = checksum::crc8(crc, &[write_cell(buffer, cell)]);
    }
    if !row.cells.is_empty() {
        buffer.push(TAG_CELLS);
        for cell in &row.cells {
            crc = checksum::crc8(crc, &[write_cell(buffer, cell)]);
        }
    }
    if row.deleted {
        buffer.push(TAG_DELETED);
    }
    buffer.extend_from_slice(&[TAG_ROW_CHECKSUM, checksum::end_of_row(crc, row.deleted)]);
}

/// Writes a cell and gives its checksum.
fn write_cell(buffer: &mut Vec<u8>, cell: &Cell) -> u8 {
    buffer.extend_from_slice(&[TAG_CELL, TAG_NAME]);
    write_sized(buffer, cell.name.as_bytes());
    if let Some(value) = &cell.value {
        buffer.push(TAG_VALUE);
        write_sized(buffer, &write_variant(value));
    }
    if let Some(operation) = cell.operation {
        buffer.extend_from_slice(&[TAG_OPERATION, operation]);
    }
    if let Some(timestamp) = cell.timestamp {
        buffer.push(TAG_TIMESTAMP);
        buffer.extend_from_slice(&timestamp.to_le_bytes());
    }
    let checksum = checksum::of_cell(cell);
    buffer.extend_from_slice(&[TAG_CELL_CHECKSUM, checksum]);
    checksum
}

/// A bare variant, as filters hold it.
pub(crate) fn write_variant(variant: &Variant) -> Vec<u8> {
    let mut buffer = Vec::new();
    match variant {
        Variant::Value(Value::Integer(number)) => {
            buffer.push(INTEGER);
            buffer.extend_from_slice(&number.to_le_bytes());
        }
        Variant::Value(Value::Double(number)) => {
            buffer.push(DOUBLE);
            buffer.extend_from_slice(&number.to_le_bytes());
        }
        Variant::Value(Value::Boolean(flag)) => buffer.extend_from_slice(&[BOOLEAN, u8::from(*flag)]),
        Variant::Value(Value::String(text)) => {
            buffer.push(STRING);
            write_sized(&mut buffer, text.as_bytes());
        }
        Variant::Value(Value::Blob(bytes)) => {
            buffer.push(BLOB);
            write_sized(&mut buffer, bytes);
        }
        Variant::Null => buffer.push(NULL),
        Variant::InfMin => buffer.push(INF_MIN),
        Variant::InfMax => buffer.push(INF_MAX),
        Variant::AutoIncrement => buffer.push(AUTO_INCREMENT),
    }
    buffer
}

fn write_sized(buffer: &mut Vec<u8>, bytes: &[u8]) {
    // Values are at most 2 MB, names at most 255 bytes.
    buffer.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    buffer.extend_from_slice(bytes);
}
