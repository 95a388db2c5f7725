//! A table with its rows and indexes.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::index::{Index, Source};
use super::message::{CapacityUnit, IndexMeta, ReservedThroughputDetails, TableMeta, TableOptions};
use super::rows::{Row, Rows};
use super::schema::{KeyColumn, KeySchema};
use super::value::{ColumnKind, Key, KeyValue};

/// `deviation_cell_version_in_sec` where none is given.
const DEVIATION: i64 = 86_400;

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) meta: TableMeta,
    pub(crate) schema: KeySchema,
    pub(crate) defined: BTreeMap<String, ColumnKind>,
    pub(crate) options: TableOptions,
    pub(crate) throughput: CapacityUnit,
    pub(crate) throughput_changed: Timestamp,
    /// Whether it was created with local transactions.
    pub(crate) transactional: bool,
    pub(crate) rows: Rows,
    pub(crate) indexes: BTreeMap<String, Index>,
    /// This many more calls are answered `OTSTableNotReady`.
    pub(crate) not_ready_calls: u32,
    /// The last value that an auto-increment column got.
    pub(crate) last_number: i64,
    /// Partitions with a transaction, by its id.
    pub(crate) locks: BTreeMap<KeyValue, String>,
}

impl Table {
    /// An empty table of a request that was checked.
    pub(crate) fn new(
        meta: TableMeta,
        options: TableOptions,
        throughput: CapacityUnit,
        at: Timestamp,
    ) -> Self {
        let kind = |number| super::value::KeyKind::from_number(number);
        let columns = meta.primary_key.iter().filter_map(|column| {
            let auto_increment = column.option.is_some();
            Some(KeyColumn { name: column.name.clone(), kind: kind(column.kind)?, auto_increment })
        });
        let defined = meta.defined_column.iter();
        let defined = defined.filter_map(|c| Some((c.name.clone(), ColumnKind::from_number(c.kind)?)));
        Self {
            schema: KeySchema(columns.collect()),
            defined: defined.collect(),
            meta,
            options: TableOptions {
                deviation_cell_version_in_sec: Some(
                    options.deviation_cell_version_in_sec.unwrap_or(DEVIATION),
                ),
                allow_update: Some(options.allow_update.unwrap_or(true)),
                ..options
            },
            throughput,
            throughput_changed: at,
            transactional: false,
            rows: Rows::new(),
            indexes: BTreeMap::new(),
            not_ready_calls: 0,
            last_number: 0,
            locks: BTreeMap::new(),
        }
    }

    /// The key columns of an index on this table, and where they come from. `None` if a column is not there or cannot
    /// be in a key.
    pub(crate) fn index_key(&self, meta: &IndexMeta) -> Option<(KeySchema, Vec<Source>)> {
        let own = |place: usize| Some((self.schema.0.get(place)?.clone(), Source::Key(place)));
        let mut columns = Vec::new();
        for name in &meta.primary_key {
            columns.push(match self.schema.position(name) {
                Some(place) => own(place)?,
                None => {
                    let kind = self.defined.get(name)?.as_key()?;
                    let column = KeyColumn { name: name.clone(), kind, auto_increment: false };
                    (column, Source::Column(name.clone()))
                }
            });
        }
        for (place, column) in self.schema.0.iter().enumerate() {
            if !meta.primary_key.contains(&column.name) {
                columns.push(own(place)?);
            }
        }
        let (mut keys, sources): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
        keys.iter_mut().for_each(|key| key.auto_increment = false);
        Some((KeySchema(keys), sources))
    }

    /// Stores a row, or removes it, and tells the indexes. `lag` gives the delay of each global index.
    pub(crate) fn store(
        &mut self,
        key: Key,
        new: Option<Row>,
        now: Timestamp,
        mut lag: impl FnMut() -> Timestamp,
    ) {
        let old = match new.clone() {
            Some(row) => self.rows.insert(key.clone(), row),
            None => self.rows.remove(&key),
        };
        for index in self.indexes.values_mut() {
            if index.is_local() {
                index.follow(&key, old.as_ref(), new.as_ref(), now);
                while index.release() {}
            } else {
                index.follow(&key, old.as_ref(), new.as_ref(), lag());
            }
        }
    }

    pub(crate) fn throughput_details(&self) -> ReservedThroughputDetails {
        ReservedThroughputDetails {
            capacity_unit: self.throughput,
            last_increase_time: self.throughput_changed.as_second(),
            last_decrease_time: None,
        }
    }
}
