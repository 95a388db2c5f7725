//! Reading the parts that answers have in common.

use bytes::Bytes;

use crate::error::ResponseProblem;
use crate::plainbuffer::{DecodeError, WireRow, decode_row, decode_rows};
use crate::protobuf;
use crate::types::{ConsumedCapacity, PrimaryKey, Row};

/// A part that the protocol requires.
pub(super) fn present<T>(name: &str, part: Option<T>) -> Result<T, ResponseProblem> {
    part.ok_or_else(|| ResponseProblem::Message(format!("`{name}` is missing")))
}

pub(super) fn consumed(
    consumed: Option<protobuf::ConsumedCapacity>,
) -> Result<ConsumedCapacity, ResponseProblem> {
    let consumed = present("consumed", consumed)?;
    present("capacity_unit", consumed.capacity_unit).map(ConsumedCapacity::from)
}

/// A row, or none where there are no bytes.
pub(super) fn row(bytes: &Bytes) -> Result<Option<Row>, ResponseProblem> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Ok(Some(plain(decode_row(bytes)?)?))
}

/// All rows, or none where there are no bytes.
pub(super) fn rows(bytes: &Bytes) -> Result<Vec<Row>, ResponseProblem> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    decode_rows(bytes)?.into_iter().map(plain).collect()
}

/// A primary key.
pub(super) fn key(bytes: &Bytes) -> Result<PrimaryKey, ResponseProblem> {
    let (key, columns) = plain(decode_row(bytes)?)?.into_parts();
    if key.columns().is_empty() || !columns.is_empty() {
        return Err(ResponseProblem::Message("a primary key is not one".to_owned()));
    }
    Ok(key)
}

fn plain(row: WireRow) -> Result<Row, ResponseProblem> {
    Row::try_from(row).map_err(|kind| DecodeError::new(0, kind).into())
}
