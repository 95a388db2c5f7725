//! Protobuf and PlainBuffer by hand, as small as the tests need them.

/// A protobuf message being written.
#[derive(Clone, Default)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn number(mut self, tag: u8, number: u64) -> Self {
        self.0.push(tag << 3);
        self.varint(number);
        self
    }

    pub(crate) fn bytes(mut self, tag: u8, bytes: &[u8]) -> Self {
        self.0.push(tag << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, tag: u8, text: &str) -> Self {
        self.bytes(tag, text.as_bytes())
    }

    pub(crate) fn message(self, tag: u8, message: &Self) -> Self {
        self.bytes(tag, &message.0)
    }

    fn varint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}

/// A protobuf message that was read: its fields with lengths and its numbers, by tag.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fields {
    parts: Vec<(u64, Vec<u8>)>,
    numbers: Vec<(u64, u64)>,
}

impl Fields {
    pub(crate) fn read(mut bytes: &[u8]) -> Self {
        let mut fields = Self::default();
        while !bytes.is_empty() {
            let key = varint(&mut bytes);
            let number = varint(&mut bytes);
            match key & 7 {
                0 => fields.numbers.push((key >> 3, number)),
                2 => {
                    let (part, rest) = bytes.split_at(number as usize);
                    fields.parts.push((key >> 3, part.to_vec()));
                    bytes = rest;
                }
                other => panic!("wire type {other}"),
            }
        }
        fields
    }

    pub(crate) fn all(&self, tag: u64) -> Vec<Vec<u8>> {
        self.parts.iter().filter(|(other, _)| *other == tag).map(|(_, part)| part.clone()).collect()
    }

    pub(crate) fn part(&self, tag: u64) -> Option<Vec<u8>> {
        self.all(tag).pop()
    }

    pub(crate) fn text(&self, tag: u64) -> String {
        String::from_utf8(self.part(tag).unwrap_or_default()).expect("text")
    }

    pub(crate) fn number(&self, tag: u64) -> Option<u64> {
        self.numbers.iter().find(|(other, _)| *other == tag).map(|(_, number)| *number)
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0.. {
        let (first, rest) = bytes.split_first().expect("a varint");
        *bytes = rest;
        number |= u64::from(first & 0x7f) << (7 * place);
        if first & 0x80 == 0 {
            break;
        }
    }
    number
}

/// A value of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
    Min,
    Max,
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Value {
    /// Type and payload.
    pub(crate) fn variant(&self) -> Vec<u8> {
        match self {
            Self::Integer(number) => [&[0], number.to_le_bytes().as_slice()].concat(),
            Self::Text(text) => {
                [&[3], (text.len() as u32).to_le_bytes().as_slice(), text.as_bytes()].concat()
            }
            Self::Min => vec![9],
            Self::Max => vec![10],
        }
    }
}

/// A row: a key, and columns where there are any.
pub(crate) fn row(key: &[(&str, Value)], columns: &[(&str, Value)], deleted: bool) -> Vec<u8> {
    let (mut buffer, mut crc) = (vec![0x75, 0, 0, 0, 1], 0);
    for (name, value) in key {
        crc = crc8(crc, &[cell(&mut buffer, name, value)]);
    }
    if !columns.is_empty() {
        buffer.push(2);
    }
    for (name, value) in columns {
        crc = crc8(crc, &[cell(&mut buffer, name, value)]);
    }
    if deleted {
        buffer.push(8);
    }
    buffer.extend_from_slice(&[9, crc8(crc, &[u8::from(deleted)])]);
    buffer
}

fn cell(buffer: &mut Vec<u8>, name: &str, value: &Value) -> u8 {
    let variant = value.variant();
    buffer.extend_from_slice(&[3, 4]);
    buffer.extend_from_slice(&(name.len() as u32).to_le_bytes());
    buffer.extend_from_slice(name.as_bytes());
    buffer.push(5);
    buffer.extend_from_slice(&(variant.len() as u32).to_le_bytes());
    buffer.extend_from_slice(&variant);
    let crc = crc8(crc8(0, name.as_bytes()), &variant);
    buffer.extend_from_slice(&[10, crc]);
    crc
}

fn crc8(crc: u8, bytes: &[u8]) -> u8 {
    bytes.iter().fold(crc, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 == 0 { crc << 1 } else { (crc << 1) ^ 7 })
    })
}

/// The cells of every row in a buffer, key columns first, with every checksum checked.
pub(crate) fn read_rows(buffer: &[u8]) -> Vec<Vec<(String, Value)>> {
    let mut rows = Vec::new();
    let mut rest = buffer;
    if rest.is_empty() {
        return rows;
    }
    assert_eq!(take(&mut rest, 4), [0x75, 0, 0, 0]);
    while !rest.is_empty() {
        assert_eq!(take(&mut rest, 1), [1]);
        let (mut cells, mut crc) = (Vec::new(), 0);
        loop {
            match take(&mut rest, 1)[0] {
                2 => {}
                3 => {
                    let (cell, checksum) = read_cell(&mut rest);
                    crc = crc8(crc, &[checksum]);
                    cells.push(cell);
                }
                9 => break,
                other => panic!("tag {other}"),
            }
        }
        assert_eq!(take(&mut rest, 1), [crc8(crc, &[0])], "the checksum of the row");
        rows.push(cells);
    }
    rows
}

fn read_cell(rest: &mut &[u8]) -> ((String, Value), u8) {
    assert_eq!(take(rest, 1), [4]);
    let name = sized(rest);
    let mut crc = crc8(0, &name);
    assert_eq!(take(rest, 1), [5]);
    let variant = sized(rest);
    crc = crc8(crc, &variant);
    let mut tag = take(rest, 1)[0];
    if tag == 7 {
        crc = crc8(crc, &take(rest, 8));
        tag = take(rest, 1)[0];
    }
    assert_eq!(tag, 10);
    assert_eq!(take(rest, 1), [crc], "the checksum of a cell");
    let value = match variant[0] {
        0 => Value::Integer(i64::from_le_bytes(variant[1..].try_into().expect("8 bytes"))),
        3 => Value::Text(String::from_utf8(variant[5..].to_vec()).expect("text")),
        other => panic!("type {other}"),
    };
    ((String::from_utf8(name).expect("a name"), value), crc)
}

fn sized(rest: &mut &[u8]) -> Vec<u8> {
    let length = u32::from_le_bytes(take(rest, 4).try_into().expect("4 bytes"));
    take(rest, length as usize)
}

fn take(rest: &mut &[u8], count: usize) -> Vec<u8> {
    let (taken, after) = rest.split_at(count);
    *rest = after;
    taken.to_vec()
}
