//! Secondary indexes. A global index follows its table with a lag: changes wait in a queue until they are due on the
//! emulator's clock, or are let through one by one. A local index follows at once.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::message::IndexMeta;
use super::rows::{Row, Rows};
use super::schema::KeySchema;
use super::value::{Key, KeyValue};

/// An index of a table.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) meta: IndexMeta,
    /// The columns of the index, then those columns of the table's key that are not among them.
    pub(crate) schema: KeySchema,
    /// What readers of the index see.
    pub(crate) rows: Rows,
    sources: Vec<Source>,
    pending: BTreeMap<(Timestamp, u64), Pending>,
    /// When the last waiting change of a partition is due: those of one partition key stay in their order.
    latest: BTreeMap<KeyValue, Timestamp>,
    sequence: u64,
    /// Rows from before the index that are still waiting.
    building: usize,
}

/// Where a column of an index's key comes from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// The column of the table's key at this place.
    Key(usize),
    Column(String),
}

/// A change that is not shown yet.
#[derive(Debug)]
struct Pending {
    partition: Option<KeyValue>,
    remove: Option<Key>,
    put: Option<(Key, Row)>,
    base: bool,
}

impl Index {
    pub(crate) fn new(meta: IndexMeta, schema: KeySchema, sources: Vec<Source>) -> Self {
        Self {
            meta,
            schema,
            sources,
            rows: Rows::new(),
            pending: BTreeMap::new(),
            latest: BTreeMap::new(),
            sequence: 0,
            building: 0,
        }
    }

    pub(crate) const fn is_local(&self) -> bool {
        self.meta.index_type == 1
    }

    /// Rows from before the index are still missing.
    pub(crate) const fn is_building(&self) -> bool {
        self.building > 0
    }

    pub(crate) fn waiting(&self) -> usize {
        self.pending.len()
    }

    /// The entry of a row: none if one of the indexed columns is missing or of a type that cannot be in a key.
    fn entry(&self, key: &Key, row: &Row) -> Option<(Key, Row)> {
        let indexed = self.sources.iter().map(|source| match source {
            Source::Key(place) => key.get(*place).cloned(),
            Source::Column(name) => KeyValue::from_value(row.columns.get(name)?.value.clone()),
        });
        let indexed = indexed.collect::<Option<Key>>()?;
        let covered = self.meta.defined_column.iter();
        let covered = covered.filter_map(|name| Some((name.clone(), row.columns.get(name)?.clone())));
        Some((indexed, Row { columns: covered.collect() }))
    }

    /// Follows a change of a row.
    pub(crate) fn follow(&mut self, key: &Key, old: Option<&Row>, new: Option<&Row>, due: Timestamp) {
        let old = old.and_then(|row| self.entry(key, row)).map(|(key, _)| key);
        let put = new.and_then(|row| self.entry(key, row));
        let remove = old.filter(|old| put.as_ref().is_none_or(|(new, _)| new != old));
        self.wait(Pending { partition: key.first().cloned(), remove, put, base: false }, due);
    }

    /// Takes up a row that was there before the index.
    pub(crate) fn take_up(&mut self, key: &Key, row: &Row, due: Timestamp) {
        let put = self.entry(key, row);
        if put.is_some() {
            self.building += 1;
            self.wait(Pending { partition: key.first().cloned(), remove: None, put, base: true }, due);
        }
    }

    fn wait(&mut self, change: Pending, due: Timestamp) {
        if change.remove.is_none() && change.put.is_none() {
            return;
        }
        let mut due = due;
        if let Some(partition) = &change.partition {
            let latest = self.latest.entry(partition.clone()).or_insert(due);
            due = due.max(*latest);
            *latest = due;
        }
        self.sequence += 1;
        self.pending.insert((due, self.sequence), change);
    }

    /// Shows what is due.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        while self.pending.first_key_value().is_some_and(|((due, _), _)| *due <= now) {
            self.release();
        }
    }

    /// Shows the next change, due or not; false if none waits.
    pub(crate) fn release(&mut self) -> bool {
        let Some((_, change)) = self.pending.pop_first() else { return false };
        if let Some(key) = &change.remove {
            self.rows.remove(key);
        }
        if let Some((key, row)) = change.put {
            self.rows.insert(key, row);
        }
        self.building -= usize::from(change.base);
        if self.pending.is_empty() {
            self.latest.clear();
        }
        true
    }
}
