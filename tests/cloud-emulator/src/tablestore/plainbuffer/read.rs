//! Reading, with the service's wording for everything that can be wrong.

use super::{
    AUTO_INCREMENT, BLOB, BOOLEAN, Cell, DOUBLE, HEADER, INF_MAX, INF_MIN, INTEGER, NULL, STRING, TAG_CELL,
    TAG_CELL_CHECKSUM, TAG_CELLS, TAG_DELETED, TAG_KEY, TAG_NAME, TAG_OPERATION, TAG_ROW_CHECKSUM,
    TAG_TIMESTAMP, TAG_VALUE, Variant, WireRow, checksum,
};
use crate::tablestore::value::Value;

/// What is wrong with a buffer. The wording is that of the service's error page
/// (DOC:tablestore/developer-reference/error-codes, "PlainBuffer encoding").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("Cell data broken, mismatch header, actual: {0}, expect: {HEADER}.")]
    Header(u32),
    #[error("Input encoded PK broken, length is shorter than expect.")]
    Short,
    #[error("Cell data broken, mismatch tag, actual tag({actual}), expect({expected}).")]
    Tag { actual: u8, expected: u8 },
    #[error("Cell data broken, no PK follow PKTag.")]
    NoKey,
    #[error("Cell data broken, no Cells follow CellTag.")]
    NoCells,
    #[error("Cell data broken, cell is not end with checksum[10] tag.")]
    NoCellChecksum,
    #[error("Cell data broken, row is not end with checksum tag.")]
    NoRowChecksum,
    #[error("Cell data broken, checksum is mismatch, {sent}:{calculated}:")]
    Checksum { sent: u8, calculated: u8 },
    #[error("data format is invalid, unknown variant type occured.")]
    Variant,
    #[error("Cell data broken, wrong string format, size: {0}.")]
    Length(u32),
    #[error("Value of column {0} must be UTF8 encoding.")]
    Encoding(String),
    #[error("Invalid boolean real value, value length: {0}.")]
    Boolean(u8),
    #[error("NaN can't be set to double value.")]
    NotANumber,
    #[error("Infinity can't be set to double value.")]
    Infinity,
    #[error("Cell data broken, has more data in cell, but they can't be parsed.")]
    Trailing,
}

/// Exactly one row. Zeros behind it are no part of it: the Node package (5.6.5) makes its buffers one byte too long for
/// each value of a key that has no payload, and sends them whole.
pub(crate) fn read_row(buffer: &[u8]) -> Result<WireRow, Malformed> {
    let mut reader = Reader::start(buffer)?;
    let row = reader.row()?;
    let padding = row.key.iter().filter(|cell| !matches!(cell.value, Some(Variant::Value(_)))).count();
    if reader.rest.len() <= padding && reader.rest.iter().all(|byte| *byte == 0) {
        return Ok(row);
    }
    reader.end(row)
}

/// Exactly one row that is a key and nothing else.
pub(crate) fn read_key(buffer: &[u8]) -> Result<Vec<Cell>, Malformed> {
    let row = read_row(buffer)?;
    if row.cells.is_empty() && !row.deleted { Ok(row.key) } else { Err(Malformed::Trailing) }
}

/// Rows back to back behind one header.
pub(crate) fn read_rows(buffer: &[u8]) -> Result<Vec<WireRow>, Malformed> {
    let mut reader = Reader::start(buffer)?;
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        rows.push(reader.row()?);
    }
    Ok(rows)
}

/// A bare variant, as filters hold it.
pub(crate) fn read_variant(buffer: &[u8]) -> Result<Variant, Malformed> {
    let mut reader = Reader { rest: buffer };
    let variant = reader.variant("")?;
    reader.end(variant)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn start(buffer: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Self { rest: buffer };
        let header = reader.number()?;
        if header == HEADER { Ok(reader) } else { Err(Malformed::Header(header)) }
    }

    fn end<T>(&self, value: T) -> Result<T, Malformed> {
        if self.rest.is_empty() { Ok(value) } else { Err(Malformed::Trailing) }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed::Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed::Short)
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_le_bytes)
    }

    /// Takes the tag if it is the next one.
    fn optional(&mut self, tag: u8) -> bool {
        let found = self.rest.first() == Some(&tag);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn expect(&mut self, expected: u8) -> Result<(), Malformed> {
        let actual = self.byte()?;
        if actual == expected { Ok(()) } else { Err(Malformed::Tag { actual, expected }) }
    }

    fn row(&mut self) -> Result<WireRow, Malformed> {
        self.expect(TAG_KEY)?;
        let mut crc = 0;
        let key = self.cells(&mut crc)?;
        if key.is_empty() {
            return Err(Malformed::NoKey);
        }
        // Node writes the tag also where no cells follow, as in a delete.
        let cells = if self.optional(TAG_CELLS) { self.cells(&mut crc)? } else { Vec::new() };
        let deleted = self.optional(TAG_DELETED);
        if !self.optional(TAG_ROW_CHECKSUM) {
            return Err(if cells.is_empty() && !self.rest.is_empty() {
                Malformed::NoCells
            } else {
                Malformed::NoRowChecksum
            });
        }
        self.checksum(checksum::end_of_row(crc, deleted))?;
        Ok(WireRow { key, cells, deleted })
    }

    fn cells(&mut self, crc: &mut u8) -> Result<Vec<Cell>, Malformed> {
        let mut cells = Vec::new();
        while self.optional(TAG_CELL) {
            let (cell, checksum) = self.cell()?;
            *crc = checksum::crc8(*crc, &[checksum]);
            cells.push(cell);
        }
        Ok(cells)
    }

    fn cell(&mut self) -> Result<(Cell, u8), Malformed> {
        self.expect(TAG_NAME)?;
        let length = self.number()?;
        let name = self.text(length, "name")?;
        let value = if self.optional(TAG_VALUE) { Some(self.sized_variant(&name)?) } else { None };
        let operation = if self.optional(TAG_OPERATION) { Some(self.byte()?) } else { None };
        let timestamp =
            if self.optional(TAG_TIMESTAMP) { Some(i64::from_le_bytes(self.array()?)) } else { None };
        if !self.optional(TAG_CELL_CHECKSUM) {
            return Err(Malformed::NoCellChecksum);
        }
        let cell = Cell { name, value, operation, timestamp };
        let calculated = checksum::of_cell(&cell);
        self.checksum(calculated)?;
        Ok((cell, calculated))
    }

    fn checksum(&mut self, calculated: u8) -> Result<(), Malformed> {
        let sent = self.byte()?;
        if sent == calculated { Ok(()) } else { Err(Malformed::Checksum { sent, calculated }) }
    }

    fn sized_variant(&mut self, column: &str) -> Result<Variant, Malformed> {
        let length = self.number()?;
        let before = self.rest.len();
        let variant = self.variant(column)?;
        let used = before - self.rest.len();
        if usize::try_from(length) == Ok(used) { Ok(variant) } else { Err(Malformed::Length(length)) }
    }

    fn variant(&mut self, column: &str) -> Result<Variant, Malformed> {
        Ok(match self.byte()? {
            INTEGER => Variant::Value(Value::Integer(i64::from_le_bytes(self.array()?))),
            DOUBLE => Variant::Value(Value::Double(self.double()?)),
            BOOLEAN => match self.byte()? {
                0 => Variant::Value(Value::Boolean(false)),
                1 => Variant::Value(Value::Boolean(true)),
                other => return Err(Malformed::Boolean(other)),
            },
            STRING => {
                let length = self.number()?;
                Variant::Value(Value::String(self.text(length, column)?))
            }
            BLOB => {
                let length = self.number()?;
                Variant::Value(Value::Blob(self.bytes(length)?.to_vec()))
            }
            NULL => Variant::Null,
            INF_MIN => Variant::InfMin,
            INF_MAX => Variant::InfMax,
            AUTO_INCREMENT => Variant::AutoIncrement,
            _ => return Err(Malformed::Variant),
        })
    }

    fn double(&mut self) -> Result<f64, Malformed> {
        let number = f64::from_le_bytes(self.array()?);
        if number.is_nan() {
            Err(Malformed::NotANumber)
        } else if number.is_infinite() {
            Err(Malformed::Infinity)
        } else {
            Ok(number)
        }
    }

    fn bytes(&mut self, length: u32) -> Result<&'a [u8], Malformed> {
        let count = usize::try_from(length).map_err(|_| Malformed::Length(length))?;
        self.take(count).map_err(|_| Malformed::Length(length))
    }

    fn text(&mut self, length: u32, column: &str) -> Result<String, Malformed> {
        let bytes = self.bytes(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Malformed::Encoding(column.to_owned()))
    }
}
