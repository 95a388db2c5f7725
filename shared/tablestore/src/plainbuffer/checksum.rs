//! The CRC-8 of cells and rows: polynomial 0x07, start 0, not reflected, no final xor.

const TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u8;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 0x07 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

/// A running checksum.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Crc8(u8);

impl Crc8 {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = TABLE[usize::from(self.0 ^ byte)];
        }
    }

    pub(crate) fn value(self) -> u8 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_starts_as_published_and_the_check_value_is_that_of_crc_8() {
        assert_eq!(TABLE[..4], [0x00, 0x07, 0x0e, 0x09]);
        let mut crc = Crc8::default();
        crc.update(b"123456789");
        assert_eq!(crc.value(), 0xF4, "CRC-8 (SMBus) of the usual check string");
    }
}
