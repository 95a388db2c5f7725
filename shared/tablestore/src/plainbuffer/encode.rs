//! From rows to bytes.

use super::checksum::Crc8;
use super::decode::add_to_checksum;
use super::{
    CELL, CELL_CHECKSUM, CELL_NAME, CELL_OPERATION, CELL_TIMESTAMP, CELL_VALUE, Cell, DELETE_MARKER,
    EncodeError, HEADER, ROW_CHECKSUM, ROW_DATA, ROW_KEY, Variant, WireRow,
};
use crate::types::KeyColumn;

/// Encodes one row, as requests carry it.
///
/// # Errors
/// When it has no primary key, or a name or value is too long for the format.
pub fn encode_row(row: &WireRow) -> Result<Vec<u8>, EncodeError> {
    if row.primary_key.columns().is_empty() {
        return Err(EncodeError::NoPrimaryKey);
    }
    encode_rows(std::slice::from_ref(row))
}

/// Encodes rows behind one header, as answers carry them.
///
/// # Errors
/// When a name or value is too long for the format.
pub fn encode_rows(rows: &[WireRow]) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::with_capacity(4 + rows.iter().map(estimate).sum::<usize>());
    out.extend(HEADER.to_le_bytes());
    for row in rows {
        encode(&mut out, row)?;
    }
    Ok(out)
}

/// Encodes a value that stands alone, as in filters.
///
/// # Errors
/// When it is too long for the format.
pub fn encode_variant(variant: Variant<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    put_variant(&mut out, variant)?;
    Ok(out)
}

fn encode(out: &mut Vec<u8>, row: &WireRow) -> Result<(), EncodeError> {
    let mut checksum = Crc8::default();
    out.push(ROW_KEY);
    for column in row.primary_key.columns() {
        put_key_column(out, &mut checksum, column)?;
    }
    if !row.cells.is_empty() {
        out.push(ROW_DATA);
        for cell in &row.cells {
            put_cell(out, &mut checksum, cell)?;
        }
    }
    if row.deleted {
        out.push(DELETE_MARKER);
    }
    checksum.update(&[u8::from(row.deleted)]);
    out.extend([ROW_CHECKSUM, checksum.value()]);
    Ok(())
}

fn put_key_column(out: &mut Vec<u8>, row: &mut Crc8, column: &KeyColumn) -> Result<(), EncodeError> {
    let mut checksum = Crc8::default();
    put_name(out, &mut checksum, &column.name)?;
    put_value(out, &mut checksum, Variant::from(&column.value))?;
    put_checksum(out, checksum, row);
    Ok(())
}

fn put_cell(out: &mut Vec<u8>, row: &mut Crc8, cell: &Cell) -> Result<(), EncodeError> {
    let mut checksum = Crc8::default();
    put_name(out, &mut checksum, &cell.name)?;
    if let Some(value) = &cell.value {
        put_value(out, &mut checksum, Variant::from(value))?;
    }
    if let Some(operation) = cell.operation {
        out.extend([CELL_OPERATION, operation.byte()]);
    }
    // The wire has the operation first, the checksum has it last.
    if let Some(timestamp) = cell.timestamp {
        out.push(CELL_TIMESTAMP);
        out.extend(timestamp.to_le_bytes());
        checksum.update(&timestamp.to_le_bytes());
    }
    if let Some(operation) = cell.operation {
        checksum.update(&[operation.byte()]);
    }
    put_checksum(out, checksum, row);
    Ok(())
}

fn put_name(out: &mut Vec<u8>, checksum: &mut Crc8, name: &str) -> Result<(), EncodeError> {
    out.extend([CELL, CELL_NAME]);
    put_bytes(out, name.as_bytes())?;
    checksum.update(name.as_bytes());
    Ok(())
}

fn put_value(out: &mut Vec<u8>, checksum: &mut Crc8, variant: Variant<'_>) -> Result<(), EncodeError> {
    out.push(CELL_VALUE);
    let at = out.len();
    out.extend([0; 4]);
    put_variant(out, variant)?;
    let length = length(out.len() - at - 4)?;
    out[at..at + 4].copy_from_slice(&length.to_le_bytes());
    add_to_checksum(checksum, variant);
    Ok(())
}

fn put_variant(out: &mut Vec<u8>, variant: Variant<'_>) -> Result<(), EncodeError> {
    out.push(variant.type_byte());
    match variant {
        Variant::Integer(value) => out.extend(value.to_le_bytes()),
        Variant::Double(value) => out.extend(value.to_le_bytes()),
        Variant::Boolean(value) => out.push(u8::from(value)),
        Variant::String(text) => put_bytes(out, text.as_bytes())?,
        Variant::Binary(bytes) => put_bytes(out, bytes)?,
        Variant::Null | Variant::InfMin | Variant::InfMax | Variant::AutoIncrement => {}
    }
    Ok(())
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), EncodeError> {
    out.extend(length(bytes.len())?.to_le_bytes());
    out.extend(bytes);
    Ok(())
}

fn put_checksum(out: &mut Vec<u8>, cell: Crc8, row: &mut Crc8) {
    out.extend([CELL_CHECKSUM, cell.value()]);
    row.update(&[cell.value()]);
}

fn length(length: usize) -> Result<u32, EncodeError> {
    u32::try_from(length).map_err(|_| EncodeError::TooLong(length))
}

/// About how many bytes a row takes, so that the buffer rarely grows.
fn estimate(row: &WireRow) -> usize {
    let payload = |variant: Variant<'_>| match variant {
        Variant::String(text) => text.len(),
        Variant::Binary(bytes) => bytes.len(),
        _ => 8,
    };
    let keys = row.primary_key.columns().iter().map(|c| c.name.len() + payload((&c.value).into()));
    let cells =
        row.cells.iter().map(|c| 11 + c.name.len() + c.value.as_ref().map_or(0, |v| payload(v.into())));
    5 + keys.chain(cells).map(|bytes| bytes + 18).sum::<usize>()
}
