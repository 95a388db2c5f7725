//! An instance: its tables, open transactions, and the file they are kept in.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::error::OtsError;
use super::index::Index;
use super::journal::{Journal, Record};
use super::knobs::TablestoreKnobs;
use super::message::{
    CreateIndexRequest, CreateTableRequest, DropIndexRequest, TableRequest, UpdateTableRequest,
};
use super::plainbuffer::{Cell, Variant, WireRow, read_rows, write_rows};
use super::rows::{Row, Stored};
use super::table::Table;
use super::transaction::Transaction;
use super::value::Key;

/// Everything that an instance holds.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) tables: BTreeMap<String, Table>,
    pub(crate) transactions: BTreeMap<String, Transaction>,
    /// When the last operations on tables were.
    pub(crate) table_operations: VecDeque<Timestamp>,
    journal: Option<Journal>,
    rng: StdRng,
}

impl Instance {
    /// An empty instance, or what is in the file.
    ///
    /// # Errors
    /// The file cannot be used.
    pub(crate) fn open(file: Option<&Path>, seed: u64) -> io::Result<Self> {
        let mut instance = Self {
            tables: BTreeMap::new(),
            transactions: BTreeMap::new(),
            table_operations: VecDeque::new(),
            journal: None,
            rng: StdRng::seed_from_u64(seed),
        };
        if let Some(path) = file {
            let (journal, records) = Journal::open(path)?;
            for record in records {
                instance.replay(record)?;
            }
            for index in instance.tables.values_mut().flat_map(|table| table.indexes.values_mut()) {
                while index.release() {}
            }
            instance.journal = Some(journal);
        }
        Ok(instance)
    }

    /// Puts a record on file. Nothing may be changed if that fails.
    pub(crate) fn record(&mut self, record: &Record) -> Result<(), OtsError> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.append(record).map_err(|error| {
            tracing::error!(%error, "the tables' file cannot be written");
            OtsError::new(500, "OTSInternalServerError", "Internal server error.")
        })
    }

    /// Lets time pass: transactions end, indexes catch up.
    pub(crate) fn settle(&mut self, knobs: &TablestoreKnobs, now: Timestamp) {
        let ended = self.transactions.iter().filter(|(_, open)| open.expires <= now);
        for id in ended.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.end(&id);
        }
        if !knobs.indexes_held {
            for index in self.tables.values_mut().flat_map(|table| table.indexes.values_mut()) {
                index.settle(now);
            }
        }
    }

    /// Ends a transaction and frees its partition; what it changed is dropped unless the caller stores it.
    pub(crate) fn end(&mut self, id: &str) -> Option<Transaction> {
        let transaction = self.transactions.remove(id)?;
        if let Some(table) = self.tables.get_mut(&transaction.table) {
            table.locks.remove(&transaction.partition);
        }
        Some(transaction)
    }

    /// Stores rows of one table in one commit.
    pub(crate) fn store(
        &mut self,
        name: &str,
        changes: Vec<(Key, Option<Row>)>,
        knobs: &TablestoreKnobs,
        now: Timestamp,
    ) -> Result<(), OtsError> {
        let Some(table) = self.tables.get(name) else { return Err(OtsError::no_such_table()) };
        let wire = changes.iter().map(|(key, row)| match row {
            Some(row) => row.wire(&table.schema, key),
            None => WireRow { key: table.schema.wire(key), cells: Vec::new(), deleted: true },
        });
        if self.journal.is_some() {
            let rows = write_rows(&wire.collect::<Vec<_>>());
            let at = now.as_millisecond();
            self.record(&Record { at, table: Some(name.to_owned()), rows: Some(rows), ..Record::default() })?;
        }
        let Self { tables, rng, .. } = self;
        let Some(table) = tables.get_mut(name) else { return Err(OtsError::no_such_table()) };
        for (key, row) in changes {
            table.store(key, row, now, || due(rng, knobs, now));
        }
        Ok(())
    }

    /// Lets changes through to global indexes, due or not; gives how many there were. In the order of their tables'
    /// and indexes' names, then in that in which they are due.
    pub(crate) fn release(&mut self, count: usize) -> usize {
        let mut released = 0;
        for index in self.tables.values_mut().flat_map(|table| table.indexes.values_mut()) {
            while released < count && index.release() {
                released += 1;
            }
        }
        released
    }

    /// How many changes global indexes do not show yet.
    pub(crate) fn waiting(&self) -> usize {
        self.tables.values().flat_map(|table| table.indexes.values()).map(Index::waiting).sum()
    }

    /// The table of an index.
    pub(crate) fn index(&self, name: &str) -> Option<(&Table, &Index)> {
        self.tables.values().find_map(|table| Some((table, table.indexes.get(name)?)))
    }

    fn replay(&mut self, record: Record) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a record does not fit those before it");
        let at = Timestamp::from_millisecond(record.at).map_err(io::Error::other)?;
        if let Some(request) = record.create_table {
            self.put_table(&request, 0, at).ok_or_else(damaged)?;
        } else if let Some(TableRequest { table_name }) = record.delete_table {
            self.tables.remove(&table_name);
        } else if let Some(request) = record.update_table {
            self.change_table(&request, at).ok_or_else(damaged)?;
        } else if let Some(request) = record.create_index {
            self.put_index(&request, &TablestoreKnobs::default(), at).ok_or_else(damaged)?;
        } else if let Some(DropIndexRequest { main_table_name, index_name }) = record.drop_index {
            self.tables.get_mut(&main_table_name).ok_or_else(damaged)?.indexes.remove(&index_name);
        } else if let (Some(name), Some(rows)) = (record.table, record.rows) {
            let table = self.tables.get_mut(&name).ok_or_else(damaged)?;
            for row in read_rows(&rows).map_err(io::Error::other)? {
                let key = table.schema.exact(&row.key).map_err(io::Error::other)?;
                if let Some(number) = auto_number(table, &key) {
                    table.last_number = table.last_number.max(number);
                }
                let stored = (!row.deleted).then(|| row.cells.into_iter().filter_map(stored).collect());
                table.store(key, stored.map(|columns| Row { columns }), at, || at);
            }
        }
        Ok(())
    }

    /// Adds a table of a request that was checked.
    pub(crate) fn put_table(
        &mut self,
        request: &CreateTableRequest,
        not_ready_calls: u32,
        at: Timestamp,
    ) -> Option<()> {
        let meta = request.table_meta.clone()?;
        let name = meta.table_name.clone();
        let throughput = request.reserved_throughput?.capacity_unit;
        let mut table = Table::new(meta, request.table_options?, throughput, at);
        table.not_ready_calls = not_ready_calls;
        table.transactional = request.enable_local_txn.unwrap_or(false);
        for meta in &request.index_metas {
            let (schema, sources) = table.index_key(meta)?;
            table.indexes.insert(meta.name.clone(), Index::new(meta.clone(), schema, sources));
        }
        self.tables.insert(name, table);
        Some(())
    }

    /// Adds an index of a request that was checked.
    pub(crate) fn put_index(
        &mut self,
        request: &CreateIndexRequest,
        knobs: &TablestoreKnobs,
        at: Timestamp,
    ) -> Option<()> {
        let meta = request.index_meta.clone()?;
        let Self { tables, rng, .. } = self;
        let table = tables.get_mut(&request.main_table_name)?;
        let (schema, sources) = table.index_key(&meta)?;
        let mut index = Index::new(meta, schema, sources);
        if request.include_base_data.unwrap_or(false) {
            for (key, row) in &table.rows {
                index.take_up(key, row, due(rng, knobs, at));
            }
            while index.is_local() && index.release() {}
        }
        table.indexes.insert(index.meta.name.clone(), index);
        Some(())
    }

    /// Changes a table as a request says that was checked.
    pub(crate) fn change_table(&mut self, request: &UpdateTableRequest, at: Timestamp) -> Option<()> {
        let table = self.tables.get_mut(&request.table_name)?;
        if let Some(options) = request.table_options {
            let old = table.options;
            table.options.time_to_live = options.time_to_live.or(old.time_to_live);
            table.options.max_versions = options.max_versions.or(old.max_versions);
            table.options.deviation_cell_version_in_sec =
                options.deviation_cell_version_in_sec.or(old.deviation_cell_version_in_sec);
            table.options.allow_update = options.allow_update.or(old.allow_update);
        }
        if let Some(throughput) = request.reserved_throughput {
            let unit = throughput.capacity_unit;
            table.throughput.read = unit.read.or(table.throughput.read);
            table.throughput.write = unit.write.or(table.throughput.write);
            table.throughput_changed = at;
        }
        Some(())
    }
}

/// When a change that is made now shows in a global index.
fn due(rng: &mut StdRng, knobs: &TablestoreKnobs, now: Timestamp) -> Timestamp {
    let jitter = if knobs.index_jitter_ms > 0 { rng.random_range(0..=knobs.index_jitter_ms) } else { 0 };
    let lag = i64::try_from(knobs.index_lag_ms.saturating_add(jitter)).unwrap_or(i64::MAX);
    now.saturating_add(SignedDuration::from_millis(lag)).unwrap_or(Timestamp::MAX)
}

/// The value of the auto-increment column of a key, if there is one.
pub(crate) fn auto_number(table: &Table, key: &Key) -> Option<i64> {
    let place = table.schema.0.iter().position(|column| column.auto_increment)?;
    match key.get(place)? {
        super::value::KeyValue::Integer(number) => Some(*number),
        _ => None,
    }
}

fn stored(cell: Cell) -> Option<(String, Stored)> {
    match (cell.value, cell.timestamp) {
        (Some(Variant::Value(value)), Some(timestamp)) => Some((cell.name, Stored { value, timestamp })),
        _ => None,
    }
}
