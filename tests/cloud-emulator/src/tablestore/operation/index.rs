//! CreateIndex and DropIndex.

use std::collections::BTreeSet;

use super::Desk;
use crate::tablestore::error::OtsError;
use crate::tablestore::journal::Record;
use crate::tablestore::limits;
use crate::tablestore::message::{CreateIndexRequest, DropIndexRequest, Empty, IndexMeta};
use crate::tablestore::table::Table;

/// `include_base_data` takes up the rows that are there; until they are all in, the index cannot be read.
pub(super) fn create(desk: &mut Desk<'_>, request: &CreateIndexRequest) -> Result<Empty, OtsError> {
    desk.name(&request.main_table_name);
    desk.count_operation()?;
    let meta = request.index_meta.as_ref().ok_or_else(OtsError::undecodable)?;
    desk.name(&meta.name);
    let table = desk.instance.tables.get(&request.main_table_name).ok_or_else(OtsError::no_such_table)?;
    check(table, meta)?;
    desk.check_new(&meta.name)?;
    desk.check_quota(1)?;
    let at = desk.now.as_millisecond();
    desk.instance.record(&Record { at, create_index: Some(request.clone()), ..Record::default() })?;
    let put = desk.instance.put_index(request, desk.knobs, desk.now);
    put.map(|()| Empty {}).ok_or_else(OtsError::undecodable)
}

pub(super) fn drop(desk: &mut Desk<'_>, request: &DropIndexRequest) -> Result<Empty, OtsError> {
    let DropIndexRequest { main_table_name, index_name } = request;
    desk.name(main_table_name);
    desk.name(index_name);
    desk.count_operation()?;
    let table = desk.instance.tables.get(main_table_name).ok_or_else(OtsError::no_such_table)?;
    if !table.indexes.contains_key(index_name) {
        return Err(OtsError::no_such_index());
    }
    let at = desk.now.as_millisecond();
    desk.instance.record(&Record { at, drop_index: Some(request.clone()), ..Record::default() })?;
    if let Some(table) = desk.instance.tables.get_mut(main_table_name) {
        table.indexes.remove(index_name);
    }
    Ok(Empty {})
}

/// Rows that expire do not go together with an index (DOC:tablestore, "Use secondary indexes"); message invented.
pub(super) fn needs_rows_for_ever() -> OtsError {
    OtsError::parameter("An index needs TimeToLive -1 or AllowUpdate false.")
}

/// Whether a table can have this index.
pub(super) fn check(table: &Table, meta: &IndexMeta) -> Result<(), OtsError> {
    let wrong = |message: String| Err(OtsError::parameter(message));
    if !limits::is_name(&meta.name) {
        return wrong(format!("Invalid table name: '{}'.", meta.name));
    }
    if table.options.time_to_live != Some(-1) && table.options.allow_update != Some(false) {
        return Err(needs_rows_for_ever());
    }
    let limit = limits::KEY_COLUMNS;
    if !(1..=limit).contains(&meta.primary_key.len()) {
        return wrong(format!("The number of primary key columns must be in range: [1, {limit}]."));
    }
    let mut names = BTreeSet::new();
    if let Some(name) = meta.primary_key.iter().find(|name| !names.insert(name.as_str())) {
        return wrong(format!("Duplicated primary key name: '{name}'."));
    }
    for name in meta.primary_key.iter().chain(&meta.defined_column) {
        let known = table.defined.contains_key(name) || table.schema.position(name).is_some();
        if !known {
            return wrong(format!("Column does not exist:'{name}'."));
        }
    }
    if table.index_key(meta).is_none() {
        return wrong("Invalid column type, only STRING,INTEGER,BINARY is allowed.".to_owned());
    }
    if let Some(name) = meta.defined_column.iter().find(|name| names.contains(name.as_str())) {
        return wrong(format!("Duplicated attribute column name with primary key column: '{name}'."));
    }
    match (meta.index_type, meta.index_update_mode) {
        (0, 0) => Ok(()),
        (1, 1) if table.schema.names().first().copied() == meta.primary_key.first().map(String::as_str) => {
            Ok(())
        }
        // DOC:tablestore, "Secondary index overview"; the messages are invented.
        (1, 1) => wrong("The first column of a local index must be that of its table.".to_owned()),
        (kind, mode) => wrong(format!("Invalid index: type {kind} with update mode {mode}.")),
    }
}
