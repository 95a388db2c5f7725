//! CRC-8 of cells and rows: polynomial 0x07, start 0, not reflected, nothing added at the end.

use super::{AUTO_INCREMENT, BLOB, BOOLEAN, Cell, DOUBLE, INF_MAX, INF_MIN, INTEGER, NULL, STRING, Variant};
use crate::tablestore::value::Value;

const TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0_u8; 256];
    let mut index = 0;
    while index < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let mut crc = index as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 0x07 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

/// Continues a checksum over some bytes.
pub(super) fn crc8(crc: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(crc, |crc, byte| TABLE[usize::from(crc ^ byte)])
}

/// The checksum of a cell. The operation comes before the timestamp on the wire, and after it here.
pub(super) fn of_cell(cell: &Cell) -> u8 {
    let mut crc = crc8(0, cell.name.as_bytes());
    if let Some(value) = &cell.value {
        crc = of_variant(crc, value);
    }
    if let Some(timestamp) = cell.timestamp {
        crc = crc8(crc, &timestamp.to_le_bytes());
    }
    if let Some(operation) = cell.operation {
        crc = crc8(crc, &[operation]);
    }
    crc
}

fn of_variant(crc: u8, variant: &Variant) -> u8 {
    let sized = |kind: u8, bytes: &[u8]| {
        // Lengths come from a u32 on the wire, or are far below it.
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        crc8(crc8(crc8(crc, &[kind]), &length.to_le_bytes()), bytes)
    };
    match variant {
        Variant::Value(Value::Integer(number)) => crc8(crc8(crc, &[INTEGER]), &number.to_le_bytes()),
        Variant::Value(Value::Double(number)) => crc8(crc8(crc, &[DOUBLE]), &number.to_le_bytes()),
        Variant::Value(Value::Boolean(flag)) => crc8(crc, &[BOOLEAN, u8::from(*flag)]),
        Variant::Value(Value::String(text)) => sized(STRING, text.as_bytes()),
        Variant::Value(Value::Blob(bytes)) => sized(BLOB, bytes),
        Variant::Null => crc8(crc, &[NULL]),
        Variant::InfMin => crc8(crc, &[INF_MIN]),
        Variant::InfMax => crc8(crc, &[INF_MAX]),
        Variant::AutoIncrement => crc8(crc, &[AUTO_INCREMENT]),
    }
}

/// Ends a row's checksum, which so far covers the checksums of its cells in their order.
pub(super) fn end_of_row(crc: u8, deleted: bool) -> u8 {
    crc8(crc, &[u8::from(deleted)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_starts_as_in_the_packages() {
        assert_eq!(TABLE[..4], [0x00, 0x07, 0x0e, 0x09]);
        // The check value of CRC-8/SMBUS, which has the same parameters.
        assert_eq!(crc8(0, b"123456789"), 0xf4);
    }
}
