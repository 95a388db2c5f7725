//! From bytes to rows.

use super::checksum::Crc8;
use super::reader::Reader;
use super::{
    CELL, CELL_CHECKSUM, CELL_NAME, CELL_OPERATION, CELL_TIMESTAMP, CELL_VALUE, Cell, CellOperation,
    DELETE_MARKER, DecodeError, DecodeErrorKind, HEADER, ROW_CHECKSUM, ROW_DATA, ROW_KEY,
    TYPE_AUTO_INCREMENT, TYPE_BINARY, TYPE_BOOLEAN, TYPE_DOUBLE, TYPE_INF_MAX, TYPE_INF_MIN, TYPE_INTEGER,
    TYPE_NULL, TYPE_STRING, Variant, WireRow,
};
use crate::types::{KeyColumn, KeyValue, PrimaryKey, Value};

/// Decodes a buffer with any number of rows.
///
/// # Errors
/// When a byte of it is not as it has to be; then none of its rows is returned.
pub fn decode_rows(bytes: &[u8]) -> Result<Vec<WireRow>, DecodeError> {
    let mut reader = Reader::new(bytes);
    header(&mut reader)?;
    let mut rows = Vec::new();
    while !reader.is_empty() {
        rows.push(row(&mut reader)?);
    }
    Ok(rows)
}

/// Decodes a buffer with one row.
///
/// # Errors
/// As [`decode_rows`], and when there is no row or more than one.
pub fn decode_row(bytes: &[u8]) -> Result<WireRow, DecodeError> {
    let mut reader = Reader::new(bytes);
    header(&mut reader)?;
    let row = row(&mut reader)?;
    reader.end()?;
    Ok(row)
}

/// Decodes a value that stands alone, as in filters.
///
/// # Errors
/// When it is not exactly one value.
pub fn decode_variant(bytes: &[u8]) -> Result<Variant<'_>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let variant = variant(&mut reader)?;
    reader.end()?;
    Ok(variant)
}

fn header(reader: &mut Reader<'_>) -> Result<(), DecodeError> {
    let start = reader.clone();
    match reader.u32()? {
        HEADER => Ok(()),
        other => Err(start.error(DecodeErrorKind::Header(other))),
    }
}

fn row(reader: &mut Reader<'_>) -> Result<WireRow, DecodeError> {
    let mut checksum = Crc8::default();
    reader.expect(ROW_KEY, "the primary key of a row")?;
    let mut columns = Vec::new();
    while reader.take(CELL) {
        columns.push(key_column(reader, &mut checksum)?);
    }
    let mut cells = Vec::new();
    if reader.take(ROW_DATA) {
        while reader.take(CELL) {
            cells.push(cell(reader, &mut checksum)?);
        }
    }
    let deleted = reader.take(DELETE_MARKER);
    checksum.update(&[u8::from(deleted)]);
    reader.expect(ROW_CHECKSUM, "a cell or the checksum of the row")?;
    let at = reader.clone();
    let (stored, computed) = (reader.byte()?, checksum.value());
    if stored != computed {
        return Err(at.error(DecodeErrorKind::RowChecksum { stored, computed }));
    }
    Ok(WireRow { primary_key: PrimaryKey::from_columns(columns), cells, deleted })
}

fn key_column(reader: &mut Reader<'_>, row: &mut Crc8) -> Result<KeyColumn, DecodeError> {
    let mut checksum = Crc8::default();
    let name = name(reader, &mut checksum)?;
    reader.expect(CELL_VALUE, "the value of a primary key column")?;
    let at = reader.clone();
    let variant = sized_variant(reader)?;
    add_to_checksum(&mut checksum, variant);
    let value = KeyValue::try_from(variant).map_err(|kind| at.error(DecodeErrorKind::Type(kind)))?;
    end_of_cell(reader, checksum, row)?;
    Ok(KeyColumn { name: name.to_owned(), value })
}

fn cell(reader: &mut Reader<'_>, row: &mut Crc8) -> Result<Cell, DecodeError> {
    let mut checksum = Crc8::default();
    let name = name(reader, &mut checksum)?;
    let mut value = None;
    if reader.take(CELL_VALUE) {
        let at = reader.clone();
        let variant = sized_variant(reader)?;
        add_to_checksum(&mut checksum, variant);
        value = Some(Value::try_from(variant).map_err(|kind| at.error(DecodeErrorKind::Type(kind)))?);
    }
    let operation = if reader.take(CELL_OPERATION) { Some(operation(reader)?) } else { None };
    let timestamp = if reader.take(CELL_TIMESTAMP) { Some(reader.i64()?) } else { None };
    // The wire has the operation first, the checksum has it last.
    if let Some(timestamp) = timestamp {
        checksum.update(&timestamp.to_le_bytes());
    }
    if let Some(operation) = operation {
        checksum.update(&[operation.byte()]);
    }
    end_of_cell(reader, checksum, row)?;
    Ok(Cell { name: name.to_owned(), value, operation, timestamp })
}

fn operation(reader: &mut Reader<'_>) -> Result<CellOperation, DecodeError> {
    let at = reader.clone();
    let byte = reader.byte()?;
    CellOperation::from_byte(byte).ok_or_else(|| at.error(DecodeErrorKind::Operation(byte)))
}

fn name<'a>(reader: &mut Reader<'a>, checksum: &mut Crc8) -> Result<&'a str, DecodeError> {
    reader.expect(CELL_NAME, "the name of a column")?;
    let name = reader.text()?;
    checksum.update(name.as_bytes());
    Ok(name)
}

fn end_of_cell(reader: &mut Reader<'_>, cell: Crc8, row: &mut Crc8) -> Result<(), DecodeError> {
    reader.expect(CELL_CHECKSUM, "the checksum of a cell")?;
    let at = reader.clone();
    let (stored, computed) = (reader.byte()?, cell.value());
    if stored != computed {
        return Err(at.error(DecodeErrorKind::CellChecksum { stored, computed }));
    }
    row.update(&[computed]);
    Ok(())
}

/// A value behind its length, which has to be the length that the value has.
fn sized_variant<'a>(reader: &mut Reader<'a>) -> Result<Variant<'a>, DecodeError> {
    let at = reader.clone();
    let declared = reader.u32()?;
    let variant = variant(reader)?;
    let actual = 1 + match variant {
        Variant::Integer(_) | Variant::Double(_) => 8,
        Variant::Boolean(_) => 1,
        Variant::String(text) => 4 + text.len() as u64,
        Variant::Binary(bytes) => 4 + bytes.len() as u64,
        Variant::Null | Variant::InfMin | Variant::InfMax | Variant::AutoIncrement => 0,
    };
    if u64::from(declared) == actual {
        Ok(variant)
    } else {
        Err(at.error(DecodeErrorKind::Length { declared, actual }))
    }
}

fn variant<'a>(reader: &mut Reader<'a>) -> Result<Variant<'a>, DecodeError> {
    let at = reader.clone();
    Ok(match reader.byte()? {
        TYPE_INTEGER => Variant::Integer(reader.i64()?),
        TYPE_DOUBLE => Variant::Double(reader.f64()?),
        TYPE_BOOLEAN => match reader.byte()? {
            0 => Variant::Boolean(false),
            1 => Variant::Boolean(true),
            other => return Err(at.error(DecodeErrorKind::Boolean(other))),
        },
        TYPE_STRING => Variant::String(reader.text()?),
        TYPE_BINARY => Variant::Binary(reader.prefixed()?),
        TYPE_NULL => Variant::Null,
        TYPE_INF_MIN => Variant::InfMin,
        TYPE_INF_MAX => Variant::InfMax,
        TYPE_AUTO_INCREMENT => Variant::AutoIncrement,
        other => return Err(at.error(DecodeErrorKind::Type(other))),
    })
}

/// What of a value goes into the checksum of its cell: type, inner length and payload.
pub(super) fn add_to_checksum(checksum: &mut Crc8, variant: Variant<'_>) {
    checksum.update(&[variant.type_byte()]);
    let mut sized = |bytes: &[u8]| {
        // Longer values are refused before: lengths come from 32 bits or were checked to fit.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        checksum.update(&length.to_le_bytes());
        checksum.update(bytes);
    };
    match variant {
        Variant::String(text) => sized(text.as_bytes()),
        Variant::Binary(bytes) => sized(bytes),
        Variant::Integer(value) => checksum.update(&value.to_le_bytes()),
        Variant::Double(value) => checksum.update(&value.to_le_bytes()),
        Variant::Boolean(value) => checksum.update(&[u8::from(value)]),
        Variant::Null | Variant::InfMin | Variant::InfMax | Variant::AutoIncrement => {}
    }
}
