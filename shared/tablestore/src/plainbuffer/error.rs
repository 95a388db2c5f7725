//! What can be wrong with a buffer.

/// Why bytes are no PlainBuffer. Holds no data of a row, so it can be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("PlainBuffer, byte {offset}: {kind}")]
pub struct DecodeError {
    /// Where in the buffer, counted from 0.
    pub offset: usize,
    /// What is wrong there.
    pub kind: DecodeErrorKind,
}

impl DecodeError {
    pub(crate) fn new(offset: usize, kind: DecodeErrorKind) -> Self {
        Self { offset, kind }
    }
}

/// The kinds of damage that the decoder tells apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The buffer ends before what its lengths and tags announce.
    #[error("{needed} more bytes announced than there are")]
    Truncated {
        /// How many bytes are missing.
        needed: usize,
    },
    /// The buffer does not start with 0x75.
    #[error("starts with {0:#010x} instead of 0x00000075")]
    Header(u32),
    /// A tag that cannot be here.
    #[error("expected {expected}, found tag {found:#04x}")]
    Tag {
        /// What can be here.
        expected: &'static str,
        /// What is here.
        found: u8,
    },
    /// A value of a type that is unknown or cannot be here.
    #[error("a value of type {0:#04x} cannot be here")]
    Type(u8),
    /// The length of a value does not fit its type or its own inner length.
    #[error("a value says it has {declared} bytes and has {actual}")]
    Length {
        /// What the length in front of the value says.
        declared: u32,
        /// What the value's type and inner length say.
        actual: u64,
    },
    /// A name or string is not UTF-8.
    #[error("not UTF-8")]
    Utf8,
    /// A boolean is neither 0 nor 1.
    #[error("a boolean is {0:#04x}")]
    Boolean(u8),
    /// An operation on a cell that is unknown.
    #[error("cell operation {0:#04x} is unknown")]
    Operation(u8),
    /// The checksum of a cell does not match.
    #[error("cell checksum is {stored:#04x}, expected {computed:#04x}")]
    CellChecksum {
        /// What the buffer says.
        stored: u8,
        /// What its content gives.
        computed: u8,
    },
    /// The checksum of a row does not match.
    #[error("row checksum is {stored:#04x}, expected {computed:#04x}")]
    RowChecksum {
        /// What the buffer says.
        stored: u8,
        /// What its content gives.
        computed: u8,
    },
    /// There is something behind the end.
    #[error("{0} bytes behind the end")]
    Trailing(usize),
    /// A cell of an answer has no value, or carries an operation, or its row a delete marker.
    #[error("this belongs into a change of a row, not into an answer")]
    NotAnAnswer,
}

/// Why a row cannot be encoded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A name or value is longer than a length on the wire can say (4 GiB).
    #[error("a name or value has {0} bytes, more than the wire format can carry")]
    TooLong(usize),
    /// The row has no primary key.
    #[error("the primary key has no columns")]
    NoPrimaryKey,
}
