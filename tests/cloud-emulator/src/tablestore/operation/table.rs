//! CreateTable, DescribeTable, ListTable, UpdateTable, DeleteTable.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Desk, index};
use crate::tablestore::error::OtsError;
use crate::tablestore::journal::Record;
use crate::tablestore::limits;
use crate::tablestore::message::{
    CreateTableRequest, DefinedColumnSchema, DescribeTableResponse, Empty, IndexMeta, ListTableResponse,
    PrimaryKeySchema, TableMeta, TableOptions, TableRequest, UpdateTableRequest, UpdateTableResponse,
};
use crate::tablestore::schema::KeySchema;
use crate::tablestore::table::Table;
use crate::tablestore::value::{ColumnKind, KeyKind};

/// `table_status`: ACTIVE.
const ACTIVE: i32 = 1;

/// Shortest life of rows, in seconds; unconfirmed.
const SHORTEST_LIFE: i32 = 86_400;

pub(super) fn create(desk: &mut Desk<'_>, request: &CreateTableRequest) -> Result<Empty, OtsError> {
    let meta = request.table_meta.as_ref().ok_or_else(OtsError::undecodable)?;
    desk.name(&meta.table_name);
    desk.count_operation()?;
    check_meta(meta)?;
    let options = request.table_options.ok_or_else(|| missing("Time-to-live"))?;
    options.time_to_live.ok_or_else(|| missing("Time-to-live"))?;
    options.max_versions.ok_or_else(|| missing("MaxVersions"))?;
    check_options(&options)?;
    let throughput = request.reserved_throughput.ok_or_else(OtsError::undecodable)?.capacity_unit;
    check_units(throughput.read, throughput.write)?;
    if request.enable_local_txn.unwrap_or(false) && has_auto_increment(meta) {
        // Unconfirmed, as is the message.
        return Err(OtsError::parameter("Local transactions and AUTO_INCREMENT do not go together."));
    }
    desk.check_new(&meta.table_name)?;
    let table = Table::new(meta.clone(), options, throughput, desk.now);
    let mut names = BTreeSet::from([meta.table_name.as_str()]);
    for index in &request.index_metas {
        desk.name(&index.name);
        index::check(&table, index)?;
        desk.check_new(&index.name)?;
        if !names.insert(&index.name) {
            return Err(OtsError::exists());
        }
    }
    desk.check_quota(names.len())?;
    let at = desk.now.as_millisecond();
    desk.instance.record(&Record { at, create_table: Some(request.clone()), ..Record::default() })?;
    let put = desk.instance.put_table(request, desk.knobs.not_ready_calls, desk.now);
    put.map(|()| Empty {}).ok_or_else(OtsError::undecodable)
}

fn missing(what: &str) -> OtsError {
    OtsError::parameter(format!("{what} is missing while creating table."))
}

fn has_auto_increment(meta: &TableMeta) -> bool {
    meta.primary_key.iter().any(|column| column.option.is_some())
}

fn check_meta(meta: &TableMeta) -> Result<(), OtsError> {
    let wrong = |message: String| Err(OtsError::parameter(message));
    if !limits::is_name(&meta.table_name) {
        return wrong(format!("Invalid table name: '{}'.", meta.table_name));
    }
    let limit = limits::KEY_COLUMNS;
    if !(1..=limit).contains(&meta.primary_key.len()) {
        return wrong(format!("The number of primary key columns must be in range: [1, {limit}]."));
    }
    let mut names = BTreeSet::new();
    for (place, column) in meta.primary_key.iter().enumerate() {
        limits::check_column_name(&column.name)?;
        if !names.insert(&column.name) {
            return wrong(format!("Duplicated primary key name: '{}'.", column.name));
        }
        let Some(kind) = KeyKind::from_number(column.kind) else {
            return wrong("Invalid column type, only STRING,INTEGER,BINARY is allowed.".to_owned());
        };
        if column.option.is_some() && place == 0 {
            return wrong(format!("First primary key can't be auto increment, table: {}.", meta.table_name));
        }
        if column.option.is_some() && kind != KeyKind::Integer {
            return wrong("AUTO_INCREMENT primary key must be integer.".to_owned());
        }
    }
    if meta.primary_key.iter().filter(|column| column.option.is_some()).count() > 1 {
        return wrong("AUTO_INCREMENT primary key count must <= 1.".to_owned());
    }
    if meta.defined_column.len() > limits::DEFINED_COLUMNS {
        return wrong("The number of defined columns must be in range: [0, 32].".to_owned());
    }
    for column in &meta.defined_column {
        limits::check_column_name(&column.name)?;
        if !names.insert(&column.name) {
            let name = &column.name;
            return wrong(format!("Duplicated attribute column name with primary key column: '{name}'."));
        }
        if ColumnKind::from_number(column.kind).is_none() {
            return wrong(format!("{} is an invalid type for the attribute column.", column.kind));
        }
    }
    Ok(())
}

fn check_options(options: &TableOptions) -> Result<(), OtsError> {
    let wrong = |message: &str| Err(OtsError::parameter(message));
    match options.time_to_live {
        Some(0 | ..=-2) => return wrong("TimeToLive cannot be 0 or less than -1."),
        Some(1..SHORTEST_LIFE) => return wrong("TimeToLive cannot be less than 86400."), // message invented
        _ => {}
    }
    match options.max_versions {
        Some(..=0) => wrong("The maximum versions cannot be less than or equal to 0."),
        Some(2..) => wrong("Only one version is emulated."), // invented
        _ => match options.deviation_cell_version_in_sec {
            Some(..0) => wrong("The maximum deviation must be in range [0, INT64_MAX/1000000]."),
            _ => Ok(()),
        },
    }
}

fn check_units(read: Option<i32>, write: Option<i32>) -> Result<(), OtsError> {
    match [read, write].into_iter().flatten().find(|unit| *unit < 0) {
        Some(unit) => {
            let message = format!("Invalid Capacity Unit:{unit}. Capacity Unit must be nonnegative.");
            Err(OtsError::parameter(message))
        }
        None => Ok(()),
    }
}

pub(super) fn describe(
    desk: &mut Desk<'_>,
    request: &TableRequest,
) -> Result<DescribeTableResponse, OtsError> {
    let name = &request.table_name;
    desk.name(name);
    if let Some((table, index)) = desk.instance.index(name) {
        let covered = |column: &&_| index.meta.defined_column.contains(name_of(column));
        let defined = table.meta.defined_column.iter().filter(covered).cloned().collect();
        let meta = TableMeta {
            table_name: name.clone(),
            primary_key: key_message(&index.schema),
            defined_column: defined,
        };
        return Ok(description(table, meta, Vec::new()));
    }
    let table = desk.instance.tables.get(name).ok_or_else(OtsError::no_such_table)?;
    let indexes = table.indexes.values().map(|index| IndexMeta {
        index_sync_phase: Some(if index.is_building() { 1 } else { 2 }),
        ..index.meta.clone()
    });
    let indexes = indexes.collect();
    Ok(description(table, table.meta.clone(), indexes))
}

fn name_of(column: &DefinedColumnSchema) -> &String {
    &column.name
}

fn key_message(schema: &KeySchema) -> Vec<PrimaryKeySchema> {
    let columns = schema.0.iter();
    columns.map(|c| PrimaryKeySchema { name: c.name.clone(), kind: c.kind as i32, option: None }).collect()
}

fn description(table: &Table, meta: TableMeta, indexes: Vec<IndexMeta>) -> DescribeTableResponse {
    DescribeTableResponse {
        table_meta: meta,
        reserved_throughput_details: table.throughput_details(),
        table_options: table.options,
        table_status: ACTIVE,
        index_metas: indexes,
    }
}

/// The names of tables, not those of indexes; whether the service lists those as well is unconfirmed.
pub(super) fn list(desk: &mut Desk<'_>, _: &Empty) -> Result<ListTableResponse, OtsError> {
    Ok(ListTableResponse { table_names: desk.instance.tables.keys().cloned().collect() })
}

pub(super) fn update(
    desk: &mut Desk<'_>,
    request: &UpdateTableRequest,
) -> Result<UpdateTableResponse, OtsError> {
    let name = &request.table_name;
    desk.name(name);
    desk.count_operation()?;
    let table = desk.instance.tables.get(name).ok_or_else(OtsError::no_such_table)?;
    if let Some(options) = &request.table_options {
        if *options == TableOptions::default() {
            return Err(OtsError::parameter("No parameter is specified in table options."));
        }
        check_options(options)?;
        let life = options.time_to_live.or(table.options.time_to_live);
        let updates = options.allow_update.or(table.options.allow_update);
        if !table.indexes.is_empty() && life != Some(-1) && updates != Some(false) {
            return Err(index::needs_rows_for_ever());
        }
    }
    if let Some(throughput) = &request.reserved_throughput {
        check_units(throughput.capacity_unit.read, throughput.capacity_unit.write)?;
    }
    let at = desk.now.as_millisecond();
    desk.instance.record(&Record { at, update_table: Some(request.clone()), ..Record::default() })?;
    desk.instance.change_table(request, desk.now).ok_or_else(OtsError::no_such_table)?;
    let table = desk.instance.tables.get(name).ok_or_else(OtsError::no_such_table)?;
    Ok(UpdateTableResponse {
        reserved_throughput_details: table.throughput_details(),
        table_options: table.options,
    })
}

/// Deletes the table with its rows. Its indexes have to be dropped first; unconfirmed, as is the message.
pub(super) fn delete(desk: &mut Desk<'_>, request: &TableRequest) -> Result<Empty, OtsError> {
    let name = &request.table_name;
    desk.name(name);
    desk.count_operation()?;
    let table = desk.instance.tables.get(name).ok_or_else(OtsError::no_such_table)?;
    if !table.indexes.is_empty() {
        let message = format!("Table[{name}] who has at least one index cannot be deleted.");
        return Err(OtsError::parameter(message));
    }
    let at = desk.now.as_millisecond();
    desk.instance.record(&Record { at, delete_table: Some(request.clone()), ..Record::default() })?;
    desk.instance.tables.remove(name);
    desk.instance.transactions.retain(|_, open| open.table != *name);
    Ok(Empty {})
}

impl Desk<'_> {
    /// Counts an operation on tables.
    pub(super) fn count_operation(&mut self) -> Result<(), OtsError> {
        let limit = usize::try_from(self.knobs.table_operations_per_second).unwrap_or(usize::MAX);
        let operations = &mut self.instance.table_operations;
        let second = SignedDuration::from_secs(1);
        while operations.front().is_some_and(|at| self.now.duration_since(*at) >= second) {
            operations.pop_front();
        }
        if limit > 0 && operations.len() >= limit {
            return Err(OtsError::too_frequent());
        }
        operations.push_back(self.now);
        Ok(())
    }

    /// Tables and indexes share their names.
    pub(super) fn check_new(&self, name: &str) -> Result<(), OtsError> {
        let taken = self.instance.tables.contains_key(name) || self.instance.index(name).is_some();
        if taken { Err(OtsError::exists()) } else { Ok(()) }
    }

    pub(super) fn check_quota(&self, more: usize) -> Result<(), OtsError> {
        let tables = self.instance.tables.values();
        let count: usize = tables.map(|table| 1 + table.indexes.len()).sum();
        if count + more > limits::TABLES { Err(OtsError::too_many_tables()) } else { Ok(()) }
    }
}
