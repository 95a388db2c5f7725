//! A change of one row, read from the request and checked for all that needs no table.

use super::error::OtsError;
use super::filter::Filter;
use super::limits;
use super::message::{Condition, ReturnContent};
use super::plainbuffer::{Cell, DELETE_ALL_VERSIONS, DELETE_ONE_VERSION, INCREMENT, Variant, read_row};
use super::value::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Put,
    Update,
    Delete,
}

/// A change of one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Edit {
    Put { value: Value, timestamp: Option<i64> },
    DeleteAll,
    DeleteOne { timestamp: i64 },
    Increment { by: i64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existence {
    Ignore,
    Expect,
    ExpectNot,
}

/// What the answer shows of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Returns {
    Nothing,
    Key,
    /// These columns after the change.
    AfterModify(Vec<String>),
}

/// A change of one row.
#[derive(Debug, Clone)]
pub(crate) struct RowChange {
    pub(crate) kind: Kind,
    pub(crate) key: Vec<Cell>,
    pub(crate) edits: Vec<(String, Edit)>,
    pub(crate) existence: Existence,
    pub(crate) condition: Option<Filter>,
    pub(crate) returns: Returns,
    /// Names and values, in bytes.
    pub(crate) size: usize,
}

impl RowChange {
    pub(crate) fn decode(
        kind: Kind,
        row: &[u8],
        condition: Option<&Condition>,
        returns: Option<&ReturnContent>,
    ) -> Result<Self, OtsError> {
        let row = read_row(row)?;
        match (kind, row.deleted) {
            (Kind::Delete, false) => {
                let message = "Invalid request of delete row: missing RowDeleteMarker in request.";
                return Err(OtsError::parameter(message));
            }
            (Kind::Put | Kind::Update, true) => {
                let message = "Invalid request of put/update row: unexpected RowDeleteMarker in request.";
                return Err(OtsError::parameter(message));
            }
            _ => {}
        }
        check_key(&row.key)?;
        let count = row.cells.len();
        if count > limits::WRITTEN_COLUMNS {
            let limit = limits::WRITTEN_COLUMNS;
            return Err(OtsError::parameter(format!(
                "The number of attribute columns exceeds the limit, limit count: {limit}, column count: {count}."
            )));
        }
        let size = row.key.iter().chain(&row.cells).map(cell_size).sum();
        let edits = row.cells.into_iter().map(|cell| edit(kind, cell));
        let edits = edits.collect::<Result<Vec<_>, _>>()?;
        if kind == Kind::Update && edits.is_empty() {
            return Err(OtsError::parameter("Attribute column is missing."));
        }
        let (existence, condition) = expectation(condition)?;
        Ok(Self { kind, key: row.key, edits, existence, condition, returns: shown(returns)?, size })
    }

    /// Whether it is to be made whatever the row is like.
    pub(crate) const fn unconditional(&self) -> bool {
        matches!(self.existence, Existence::Ignore) && self.condition.is_none()
    }
}

fn cell_size(cell: &Cell) -> usize {
    let value = match &cell.value {
        Some(Variant::Value(value)) => value.size(),
        _ => 0,
    };
    cell.name.len() + value
}

fn check_key(cells: &[Cell]) -> Result<(), OtsError> {
    for Cell { name, operation, timestamp, .. } in cells {
        if operation.is_some() {
            let message = format!("OpType cannot be given for primary key name :'{name}'.");
            return Err(OtsError::parameter(message));
        }
        if timestamp.is_some() {
            let message = format!("Timestamp cannot be given for primary key name:'{name}'.");
            return Err(OtsError::parameter(message));
        }
    }
    Ok(())
}

fn edit(kind: Kind, cell: Cell) -> Result<(String, Edit), OtsError> {
    let Cell { name, value, operation, timestamp } = cell;
    limits::check_column_name(&name)?;
    let wrong = |message: String| Err(OtsError::parameter(message));
    let edit = match (kind, operation) {
        (Kind::Delete, _) => {
            return wrong("Invalid delete row request: unexpected cells in request.".to_owned());
        }
        (Kind::Put, Some(_)) => {
            return wrong(format!("OpType cannot be given for column name:'{name}' in PutRow."));
        }
        (_, None) => Edit::Put { value: given(&name, value)?, timestamp: checked(timestamp)? },
        (Kind::Update, Some(DELETE_ALL_VERSIONS | DELETE_ONE_VERSION)) if value.is_some() => {
            return wrong(
                "Column value cannot be given when type is DELETE_ONE_VERSION,DELETE_ALL_VERSION.".to_owned(),
            );
        }
        (Kind::Update, Some(DELETE_ALL_VERSIONS)) if timestamp.is_some() => {
            return wrong("Timestamp cannot be given when type is DELETE_ALL_VERSION.".to_owned());
        }
        (Kind::Update, Some(DELETE_ALL_VERSIONS)) => Edit::DeleteAll,
        (Kind::Update, Some(DELETE_ONE_VERSION)) => match timestamp {
            Some(timestamp) => Edit::DeleteOne { timestamp },
            None => return wrong("Timestamp must be given when type is DELETE_ONE_VERSION.".to_owned()),
        },
        (Kind::Update, Some(INCREMENT)) => match given(&name, value)? {
            Value::Integer(by) => Edit::Increment { by },
            other => return wrong(format!("Invalid column type: {}.", other.kind())),
        },
        (Kind::Update, Some(other)) => return wrong(format!("Invalid op type of cell: {other}.")),
    };
    Ok((name, edit))
}

fn given(name: &str, value: Option<Variant>) -> Result<Value, OtsError> {
    match value {
        Some(Variant::Value(value)) => {
            limits::check_value(name, &value)?;
            Ok(value)
        }
        Some(_) => Err(OtsError::parameter("data format is invalid, unknown variant type occured.")),
        None => {
            let message = format!("Cell data broken, attr has no value, name:'{name}'.");
            Err(OtsError::parameter(message))
        }
    }
}

fn checked(timestamp: Option<i64>) -> Result<Option<i64>, OtsError> {
    match timestamp {
        Some(at) if !(0..i64::MAX / 1000).contains(&at) => {
            Err(OtsError::parameter("Timestamp must be in range [0, INT64_MAX/1000)."))
        }
        other => Ok(other),
    }
}

fn expectation(condition: Option<&Condition>) -> Result<(Existence, Option<Filter>), OtsError> {
    let condition = condition.ok_or_else(OtsError::undecodable)?;
    let existence = match condition.row_existence {
        0 => Existence::Ignore,
        1 => Existence::Expect,
        2 => Existence::ExpectNot,
        other => {
            let message = format!("Invalid row-existence expectation: {other}.");
            return Err(OtsError::parameter(message));
        }
    };
    let columns = condition.column_condition.as_ref().filter(|bytes| !bytes.is_empty());
    Ok((existence, columns.map(|bytes| Filter::decode(bytes)).transpose()?))
}

fn shown(returns: Option<&ReturnContent>) -> Result<Returns, OtsError> {
    let Some(returns) = returns else { return Ok(Returns::Nothing) };
    match returns.return_type.unwrap_or(0) {
        0 => Ok(Returns::Nothing),
        1 => Ok(Returns::Key),
        2 => Ok(Returns::AfterModify(returns.return_column_names.clone())),
        other => Err(OtsError::parameter(format!("Invalid return type: {other}."))),
    }
}
