//! PlainBuffer, the encoding of rows inside Tablestore's protobuf messages.
//!
//! ```text
//! buffer  = u32 0x75, row*
//! row     = 0x01 cell* [0x02 cell*] [0x08] 0x09 u8(row checksum)
//! cell    = 0x03 0x04 u32(length) name [0x05 u32(length) variant] [0x06 u8(operation)] [0x07 i64(timestamp, ms)]
//!           0x0A u8(cell checksum)
//! variant = u8 type, payload
//! ```
//!
//! All integers are little-endian. Source: package tablestore 6.4.8 for Python, `plainbuffer/*`.
//!
//! The decoder trusts nothing: each length is checked against the bytes that are there before anything is allocated,
//! each cell and row checksum is verified, the last row's too, and a byte too few or too many is an error.
//! The checksum is an 8-bit CRC without the lengths of names in it: it finds accidents, it is no protection against
//! a forger. That is what the signature of the response is for.

pub(crate) mod checksum;
mod decode;
mod encode;
mod error;
mod reader;
mod row;
mod value;

pub use decode::{decode_row, decode_rows, decode_variant};
pub use encode::{encode_row, encode_rows, encode_variant};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use row::{Cell, CellOperation, WireRow};
pub use value::Variant;

/// First four bytes of every buffer.
const HEADER: u32 = 0x75;

const ROW_KEY: u8 = 0x01;
const ROW_DATA: u8 = 0x02;
const CELL: u8 = 0x03;
const CELL_NAME: u8 = 0x04;
const CELL_VALUE: u8 = 0x05;
const CELL_OPERATION: u8 = 0x06;
const CELL_TIMESTAMP: u8 = 0x07;
const DELETE_MARKER: u8 = 0x08;
const ROW_CHECKSUM: u8 = 0x09;
const CELL_CHECKSUM: u8 = 0x0A;

const TYPE_INTEGER: u8 = 0x00;
const TYPE_DOUBLE: u8 = 0x01;
const TYPE_BOOLEAN: u8 = 0x02;
const TYPE_STRING: u8 = 0x03;
const TYPE_NULL: u8 = 0x06;
const TYPE_BINARY: u8 = 0x07;
const TYPE_INF_MIN: u8 = 0x09;
const TYPE_INF_MAX: u8 = 0x0A;
const TYPE_AUTO_INCREMENT: u8 = 0x0B;
