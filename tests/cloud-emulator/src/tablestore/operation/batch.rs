//! BatchGetRow and BatchWriteRow. Neither is atomic: each row has its own result in an answer that is itself a success.
//! What needs no table to be found wrong fails the whole request.

use std::collections::BTreeSet;

use super::{Desk, row};
use crate::tablestore::change::{Kind, RowChange};
use crate::tablestore::error::OtsError;
use crate::tablestore::limits;
use crate::tablestore::message::{
    BatchGetRowRequest, BatchResponse, BatchWriteRowRequest, RowInBatchResponse, RowInBatchWriteRowRequest,
    TableInBatchGetRowRequest, TableInBatchResponse,
};
use crate::tablestore::plainbuffer::{Cell, read_key};
use crate::tablestore::selection::{Selection, Wanted};

pub(super) fn get(desk: &mut Desk<'_>, request: &BatchGetRowRequest) -> Result<BatchResponse, OtsError> {
    if request.tables.is_empty() {
        return Err(OtsError::parameter("No row specified in the request of BatchGetRow."));
    }
    check_names(request.tables.iter().map(|table| table.table_name.as_str()))?;
    let rows = request.tables.iter().map(|table| table.primary_key.len()).sum();
    check_count(rows, limits::BATCH_GET_ROWS)?;
    let read = request.tables.iter().map(|table| {
        let keys = table.primary_key.iter().map(|key| Ok(read_key(key)?));
        Ok((table.table_name.as_str(), selection(table)?, keys.collect::<Result<Vec<_>, OtsError>>()?))
    });
    let read = read.collect::<Result<Vec<_>, OtsError>>()?;
    let tables = read.iter().map(|(name, selection, keys)| TableInBatchResponse {
        table_name: (*name).to_owned(),
        rows: keys.iter().map(|key| one(desk, name, key, selection)).collect(),
    });
    Ok(BatchResponse { tables: tables.collect() })
}

fn selection(table: &TableInBatchGetRowRequest) -> Result<Selection, OtsError> {
    Selection::new(&Wanted {
        columns_to_get: &table.columns_to_get,
        start_column: table.start_column.as_ref(),
        end_column: table.end_column.as_ref(),
        time_range: table.time_range,
        max_versions: table.max_versions,
        filter: table.filter.as_ref(),
    })
}

fn one(desk: &mut Desk<'_>, table: &str, key: &[Cell], selection: &Selection) -> RowInBatchResponse {
    match row::read(desk, table, key, selection, None) {
        Ok((consumed, row)) => {
            RowInBatchResponse { is_ok: true, error: None, consumed: Some(consumed), row: Some(row) }
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &OtsError) -> RowInBatchResponse {
    RowInBatchResponse { is_ok: false, error: Some(error.message()), consumed: None, row: None }
}

fn check_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), OtsError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(OtsError::parameter(format!("Duplicated table name: '{name}'.")));
        }
    }
    Ok(())
}

fn check_count(rows: usize, limit: usize) -> Result<(), OtsError> {
    if rows > limit {
        return Err(OtsError::parameter(format!("Rows count exceeds the upper limit: {limit}.")));
    }
    Ok(())
}

pub(super) fn write(desk: &mut Desk<'_>, request: &BatchWriteRowRequest) -> Result<BatchResponse, OtsError> {
    if request.tables.is_empty() {
        return Err(OtsError::parameter("No row is specified in BatchWriteRow."));
    }
    check_names(request.tables.iter().map(|table| table.table_name.as_str()))?;
    check_count(request.tables.iter().map(|table| table.rows.len()).sum(), limits::BATCH_WRITE_ROWS)?;
    let mut tables = Vec::new();
    for table in &request.tables {
        if table.rows.is_empty() {
            let message = format!("No operation is specified for table: '{}'.", table.table_name);
            return Err(OtsError::parameter(message));
        }
        let changes = table.rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        check_repeated(&changes)?;
        tables.push((table.table_name.as_str(), changes));
    }
    let size: usize = tables.iter().flat_map(|(_, changes)| changes).map(|change| change.size).sum();
    if size > limits::WRITTEN_DATA {
        return Err(OtsError::request_size("BatchWriteRow", limits::WRITTEN_DATA, size));
    }
    let transaction = request.transaction_id.as_deref();
    if let Some(id) = transaction
        && !desk.instance.transactions.contains_key(id)
    {
        return Err(OtsError::no_such_transaction());
    }
    let results = tables.iter().map(|(name, changes)| TableInBatchResponse {
        table_name: (*name).to_owned(),
        rows: changes.iter().map(|change| changed(desk, name, change, transaction)).collect(),
    });
    Ok(BatchResponse { tables: results.collect() })
}

fn decode(row: &RowInBatchWriteRowRequest) -> Result<RowChange, OtsError> {
    let kind = match row.operation {
        1 => Kind::Put,
        2 => Kind::Update,
        3 => Kind::Delete,
        _ => return Err(OtsError::parameter("The type of row in batch write operation is invalid.")),
    };
    RowChange::decode(kind, &row.row_change, row.condition.as_ref(), row.return_content.as_ref())
}

/// The same row twice is fine as long as nothing is expected of it.
fn check_repeated(changes: &[RowChange]) -> Result<(), OtsError> {
    for (place, change) in changes.iter().enumerate() {
        let repeated = changes.iter().enumerate().any(|(other, c)| other != place && c.key == change.key);
        if repeated && change.condition.is_some() {
            let message = "Repeated rows do not support row condition check in BatchModify.";
            return Err(OtsError::parameter(message));
        }
        if repeated && !change.unconditional() {
            let message = "Repeated rows do not support row exist expectation check in BatchModify.";
            return Err(OtsError::parameter(message));
        }
    }
    Ok(())
}

fn changed(
    desk: &mut Desk<'_>,
    table: &str,
    change: &RowChange,
    transaction: Option<&str>,
) -> RowInBatchResponse {
    match row::change_row(desk, table, change, transaction) {
        Ok(done) => {
            RowInBatchResponse { is_ok: true, error: None, consumed: Some(done.consumed), row: done.row }
        }
        Err(error) => failed(&error),
    }
}
