//! GetRow, PutRow, UpdateRow, DeleteRow.

use super::Desk;
use crate::tablestore::capacity;
use crate::tablestore::change::{Kind, RowChange};
use crate::tablestore::error::OtsError;
use crate::tablestore::instance::auto_number;
use crate::tablestore::limits;
use crate::tablestore::message::{
    ConsumedCapacity, GetRowRequest, GetRowResponse, WriteRowRequest, WriteRowResponse,
};
use crate::tablestore::plainbuffer::{Cell, read_key, write_rows};
use crate::tablestore::selection::{Selection, Wanted};
use crate::tablestore::write::outcome;

pub(super) fn get(desk: &mut Desk<'_>, request: &GetRowRequest) -> Result<GetRowResponse, OtsError> {
    let key = read_key(&request.primary_key)?;
    let selection = Selection::new(&Wanted {
        columns_to_get: &request.columns_to_get,
        start_column: request.start_column.as_ref(),
        end_column: request.end_column.as_ref(),
        time_range: request.time_range,
        max_versions: request.max_versions,
        filter: request.filter.as_ref(),
    })?;
    let (consumed, row) =
        read(desk, &request.table_name, &key, &selection, request.transaction_id.as_deref())?;
    Ok(GetRowResponse { consumed, row })
}

/// Reads one row; no bytes if it is not there.
pub(super) fn read(
    desk: &mut Desk<'_>,
    table: &str,
    key: &[Cell],
    selection: &Selection,
    transaction: Option<&str>,
) -> Result<(ConsumedCapacity, Vec<u8>), OtsError> {
    let view = desk.view(table, transaction)?;
    let key = view.schema.exact(key)?;
    let picked = view.rows.get(&key).map(|row| selection.pick(view.schema, &key, row));
    let (row, size) = picked.unwrap_or((None, 0));
    if let Some(id) = transaction {
        desk.check_partition(id, &key)?;
    }
    Ok((capacity::read(size), write_rows(&row)))
}

pub(super) fn write(
    desk: &mut Desk<'_>,
    kind: Kind,
    request: &WriteRowRequest,
) -> Result<WriteRowResponse, OtsError> {
    let change =
        RowChange::decode(kind, &request.row, request.condition.as_ref(), request.return_content.as_ref())?;
    if change.size > limits::WRITTEN_DATA {
        let operation = if kind == Kind::Put { "PutRow" } else { "UpdateRow" };
        return Err(OtsError::request_size(operation, limits::WRITTEN_DATA, change.size));
    }
    change_row(desk, &request.table_name, &change, request.transaction_id.as_deref())
}

/// Makes one change, atomically with its condition.
pub(super) fn change_row(
    desk: &mut Desk<'_>,
    name: &str,
    change: &RowChange,
    transaction: Option<&str>,
) -> Result<WriteRowResponse, OtsError> {
    desk.table(name)?;
    let outcome = {
        let table = desk.instance.tables.get(name).ok_or_else(OtsError::no_such_table)?;
        let rows = match transaction {
            None => &table.rows,
            Some(id) => {
                let open = desk.instance.transactions.get(id).filter(|open| open.table == name);
                &open.ok_or_else(OtsError::no_such_transaction)?.rows
            }
        };
        let partition = table.schema.written(&change.key)?.partition();
        match (transaction, &partition) {
            (Some(id), Some(partition)) => desk.check_partition(id, &vec![partition.clone()])?,
            (None, Some(partition)) if table.locks.contains_key(partition) => {
                return Err(OtsError::conflict());
            }
            _ => {}
        }
        outcome(table, rows, change, desk.now)?
    };
    let response = WriteRowResponse {
        consumed: outcome.consumed,
        row: outcome.answer.as_ref().map(|row| write_rows([row])),
    };
    if !outcome.changed {
        return Ok(response);
    }
    if let Some(id) = transaction {
        let open = desk.instance.transactions.get_mut(id).ok_or_else(OtsError::no_such_transaction)?;
        open.written += change.size;
        if open.written > limits::WRITTEN_DATA {
            // Unconfirmed, as is the message.
            return Err(OtsError::request_size("transaction", limits::WRITTEN_DATA, open.written));
        }
        open.touched.insert(outcome.key.clone());
        match outcome.row {
            Some(row) => open.rows.insert(outcome.key, row),
            None => open.rows.remove(&outcome.key),
        };
        return Ok(response);
    }
    if let Some(table) = desk.instance.tables.get_mut(name)
        && let Some(number) = auto_number(table, &outcome.key)
    {
        table.last_number = table.last_number.max(number);
    }
    desk.instance.store(name, vec![(outcome.key, outcome.row)], desk.knobs, desk.now)?;
    Ok(response)
}
