//! Where everything stands in the tables, and how a row is written and read.
//!
//! The log: one row a commit, with the personal values beside it, key `(block, number)`. Commits are numbered from 1 without
//! gaps, and a block is a partition of [`BLOCK`] numbers, so that a row's key follows from its number alone.
//!
//! The index: one row for each [tag](Kept::entries) of a commit, key `(tag, place)`. It can be made again from the log.
//!
//! The outbox: one row a commit that waits, key `(put_ms, chance)`: when it was put, and a number by chance.

use std::collections::BTreeMap;

use kubeconfig::run::OutboxPlace;
use tablestore_rs::types::{KeyValue, PrimaryKey, Row, Value};

use super::kept::Kept;
use crate::disclosure::Disclosure;
use crate::error::StoreError;
use crate::store::StoredCommit;

/// Commits in one partition of the log.
pub(super) const BLOCK: u64 = 4096;

/// The form of the tables. Form 2 has the tags of channels; the same log without them is form 1.
pub(super) const FORM: i64 = 2;

/// Bytes of a commit in one cell, below the 2 MB that a cell may hold.
const CELL: usize = 1_500_000;

pub(super) const BLOCK_COLUMN: &str = "block";
pub(super) const NUMBER_COLUMN: &str = "number";
pub(super) const TAG_COLUMN: &str = "tag";
pub(super) const PLACE_COLUMN: &str = "place";
pub(super) const PUT_COLUMN: &str = "put_ms";
pub(super) const CHANCE_COLUMN: &str = "chance";
const BODY: &str = "body_";
const VALUES: &str = "beside_";
const OF: &str = "commit_no";
const BYTES: &str = "bytes";
const VERSION: &str = "version";
const STORE_ID: &str = "store_id";
const STORE_FORM: &str = "form";

/// The tag of the one row that says which store this is.
const STORE: &str = "store";
/// The tag of the rows of blocks that were begun; their place is the number of the block.
pub(super) const BLOCKS: &str = "block";
/// The tag of the rows that lead from a time to a commit; their place is the second.
pub(super) const SECONDS: &str = "second";

/// The names of the tables.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub(super) log: String,
    pub(super) index: String,
    pub(super) outbox: String,
}

impl Tables {
    pub(super) fn named(prefix: &str) -> Self {
        Self {
            log: format!("{prefix}_log"),
            index: format!("{prefix}_index"),
            outbox: format!("{prefix}_outbox"),
        }
    }
}

/// The service counts with a sign.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The block that a commit stands in, from 0.
pub(super) const fn block_of(number: u64) -> u64 {
    number.saturating_sub(1) / BLOCK
}

/// The last number of a block.
pub(super) const fn last_of(block: u64) -> u64 {
    (block + 1) * BLOCK
}

/// The partition key of a block: its number with the bits in reverse, so that blocks that follow each other stand
/// far from each other, and the service can split the table anywhere.
fn partition(block: u64) -> i64 {
    (block.reverse_bits() >> 1).cast_signed()
}

/// A place in the log.
pub(super) fn log_key(block: u64, number: impl Into<KeyValue>) -> PrimaryKey {
    PrimaryKey::new().column(BLOCK_COLUMN, partition(block)).column(NUMBER_COLUMN, number)
}

/// The row of a commit.
pub(super) fn commit_key(number: u64) -> PrimaryKey {
    log_key(block_of(number), signed(number))
}

/// A place in the index.
pub(super) fn index_key(tag: &str, place: impl Into<KeyValue>) -> PrimaryKey {
    PrimaryKey::new().column(TAG_COLUMN, tag).column(PLACE_COLUMN, place)
}

/// A place in the outbox.
pub(super) fn outbox_key(place: OutboxPlace) -> PrimaryKey {
    PrimaryKey::new().column(PUT_COLUMN, place.put_ms).column(CHANCE_COLUMN, place.chance)
}

/// A commit as it is put.
///
/// Personal values stand in the row of their commit, so that both are stored or neither, by one request, and read by one.
/// Erasing them puts the row anew, without them.
pub(super) fn commit_row(number: u64, bytes: &[u8], disclosures: &[Disclosure]) -> Row {
    row_of(commit_key(number), bytes, disclosures)
}

/// A commit with its personal values, at any place.
pub(super) fn row_of(key: PrimaryKey, bytes: &[u8], disclosures: &[Disclosure]) -> Row {
    let row = cells(Row::new(key), BODY, bytes);
    let values: Vec<&[u8]> = disclosures.iter().map(Disclosure::as_json).collect();
    // Line feeds within JSON texts are written as escapes.
    cells(row, VALUES, &values.join(&b'\n'))
}

/// The first cell of values as it is put: it tells whether they are still those that were read.
pub(super) fn first_values(disclosures: &[Disclosure]) -> (String, Vec<u8>) {
    let values: Vec<&[u8]> = disclosures.iter().map(Disclosure::as_json).collect();
    let values = values.join(&b'\n');
    (format!("{VALUES}0"), values[..values.len().min(CELL)].to_vec())
}

fn cells(row: Row, name: &str, bytes: &[u8]) -> Row {
    bytes.chunks(CELL).enumerate().fold(row, |row, (part, bytes)| row.column(format!("{name}{part}"), bytes))
}

/// What a row of the log holds.
pub(super) fn read_commit(row: &Row) -> Result<StoredCommit, StoreError> {
    let damaged = |what: String| StoreError::Damaged(what);
    let number = row.primary_key().get(NUMBER_COLUMN).and_then(KeyValue::as_integer);
    let number = number
        .and_then(|number| u64::try_from(number).ok())
        .ok_or_else(|| damaged("a row of the log has no number".to_owned()))?;
    let (bytes, disclosures) =
        read_row(row).ok_or_else(|| damaged(format!("commit {number} lacks a part")))?;
    Ok(StoredCommit { position: number, bytes, disclosures })
}

/// The bytes and the personal values of a commit, at any place; `None`: some of it is missing.
pub(super) fn read_row(row: &Row) -> Option<(Vec<u8>, Vec<Disclosure>)> {
    let (bytes, body) = read_cells(row, BODY);
    let (values, beside) = read_cells(row, VALUES);
    if body + beside != row.columns().len() {
        return None;
    }
    let values = values.split(|byte| *byte == b'\n').filter(|value| !value.is_empty());
    let disclosures = values.map(|value| Disclosure::from_json(value.to_vec())).collect();
    Some((bytes, disclosures))
}

/// What the cells of one name hold together, and how many there are.
fn read_cells(row: &Row, name: &str) -> (Vec<u8>, usize) {
    let cell = |part: usize| row.get(&format!("{name}{part}")).and_then(Value::as_binary);
    let cells: Vec<&[u8]> = (0..).map_while(cell).map(AsRef::as_ref).collect();
    (cells.concat(), cells.len())
}

/// What a row of the index says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    /// The commit.
    pub(super) number: u64,
    /// The size of its row, so that reads can be planned.
    pub(super) bytes: u64,
    /// The version of its last event; in the rows of streams only.
    pub(super) version: Option<u64>,
}

/// The rows of the index that one commit calls for, by tag and place.
pub(super) type Entries = BTreeMap<(String, i64), Entry>;

impl Kept {
    /// What the commit is found by.
    pub(super) fn entries(&self) -> Entries {
        let mut entries = Entries::new();
        let plain = Entry { number: self.number, bytes: self.size, version: None };
        let place = signed(self.number);
        let stream = Entry { version: Some(self.last_version), ..plain };
        entries.insert((tag::stream(&self.stream), place), stream);
        let mut add = |tag: String, place: i64| entries.insert((tag, place), plain);
        add(tag::kind(self.stream.kind()), place);
        if let Some(cluster) = self.stream.cluster() {
            add(tag::cluster(cluster.as_str()), place);
        }
        if let Some(uid) = self.stream.uid() {
            add(tag::uid(uid.as_str()), place);
        }
        for keys in &self.keys {
            add(tag::actor(&keys.actor), place);
            add(tag::channel(&keys.channel), place);
            add(tag::type_name(&keys.type_name), place);
            add(tag::correlation(&keys.correlation), place);
            if let Some(revocation) = &keys.revocation {
                add(tag::revocation(revocation.as_uuid()), place);
            }
            add(tag::id(&keys.id), 0);
        }
        add(SECONDS.to_owned(), self.recorded_at.div_euclid(1_000_000));
        if self.number == last_of(block_of(self.number)) - BLOCK + 1 {
            add(BLOCKS.to_owned(), signed(block_of(self.number)));
        }
        entries
    }
}

/// The tags, each at most 1 KB as long as names keep to `MAX_INDEXED_BYTES`.
pub(super) mod tag {
    use kubeconfig::StreamId;
    use uuid::Uuid;

    pub(in super::super) fn stream(stream: &StreamId) -> String {
        format!("stream:{stream}")
    }

    pub(in super::super) fn kind(kind: &str) -> String {
        format!("kind:{kind}")
    }

    pub(in super::super) fn cluster(cluster: &str) -> String {
        format!("cluster:{cluster}")
    }

    pub(in super::super) fn uid(uid: &str) -> String {
        format!("uid:{uid}")
    }

    pub(in super::super) fn actor(actor: &str) -> String {
        format!("actor:{actor}")
    }

    /// What the tags of channels begin with.
    pub(in super::super) const CHANNEL: &str = "channel:";

    pub(in super::super) fn channel(channel: &str) -> String {
        format!("{CHANNEL}{channel}")
    }

    pub(in super::super) fn type_name(type_name: &str) -> String {
        format!("type:{type_name}")
    }

    pub(in super::super) fn correlation(correlation: &Uuid) -> String {
        format!("correlation:{correlation}")
    }

    pub(in super::super) fn revocation(revocation: &Uuid) -> String {
        format!("revocation:{revocation}")
    }

    /// What the tags of ids begin with.
    pub(in super::super) const ID: &str = "id:";

    pub(in super::super) fn id(id: &Uuid) -> String {
        format!("{ID}{id}")
    }
}

/// A row of the index.
pub(super) fn entry_row(tag: &str, place: i64, entry: &Entry) -> Row {
    let row = Row::new(index_key(tag, place)).column(OF, signed(entry.number));
    let row = row.column(BYTES, signed(entry.bytes));
    match entry.version {
        Some(version) => row.column(VERSION, signed(version)),
        None => row,
    }
}

/// What a row of the index says.
pub(super) fn read_entry(row: &Row) -> Result<Entry, StoreError> {
    let number = |name: &str| row.get(name).and_then(Value::as_integer).and_then(|n| u64::try_from(n).ok());
    let (Some(of), Some(bytes)) = (number(OF), number(BYTES)) else {
        return Err(StoreError::Damaged("a row of the index does not say which commit it is of".to_owned()));
    };
    Ok(Entry { number: of, bytes, version: number(VERSION) })
}

/// The key of the row that says which store this is.
pub(super) fn store_key() -> PrimaryKey {
    index_key(STORE, 0)
}

/// The row that says which store this is.
pub(super) fn store_row(id: &[u8; 16]) -> Row {
    Row::new(store_key()).column(STORE_FORM, FORM).column(STORE_ID, &id[..])
}

/// What the row says that says which store this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) form: i64,
    pub(super) id: [u8; 16],
}

impl Identity {
    /// The tag of cursors, if this version can read the tables as they are.
    pub(super) fn tag(&self) -> Result<u32, StoreError> {
        let number = |form: i64| u32::try_from(form).unwrap_or(u32::MAX);
        let (found, known) = (number(self.form), number(FORM));
        match self.form {
            FORM => Ok(u32::from_be_bytes([self.id[0], self.id[1], self.id[2], self.id[3]])),
            ..FORM => Err(StoreError::Outdated { found, known }),
            _ => Err(StoreError::Newer { what: "the store".to_owned(), found, known }),
        }
    }
}

/// Which store this is.
pub(super) fn read_store(row: &Row) -> Result<Identity, StoreError> {
    let damaged = || StoreError::Damaged("the row that says which store this is cannot be read".to_owned());
    let form = row.get(STORE_FORM).and_then(Value::as_integer).ok_or_else(damaged)?;
    let id = row.get(STORE_ID).and_then(Value::as_binary).and_then(|id| <[u8; 16]>::try_from(id).ok());
    match id {
        Some(id) => Ok(Identity { form, id }),
        // Of a newer form the rest may be written otherwise: its form is the better answer.
        None if form > FORM => Ok(Identity { form, id: [0; 16] }),
        None => Err(damaged()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_begins_behind_the_one_before() {
        assert_eq!((block_of(1), block_of(BLOCK), block_of(BLOCK + 1)), (0, 0, 1));
        assert_eq!((last_of(0), last_of(1)), (BLOCK, 2 * BLOCK));
    }

    #[test]
    fn neighbouring_blocks_stand_far_apart_and_no_two_in_one_place() {
        let keys: std::collections::BTreeSet<i64> = (0..4096).map(partition).collect();
        assert_eq!(keys.len(), 4096);
        assert!(keys.first().is_some_and(|first| *first >= 0));
        assert!(partition(0).abs_diff(partition(1)) > 1 << 61);
    }

    #[test]
    fn a_commit_of_any_size_survives_its_row() {
        for size in [0, 1, CELL - 1, CELL, CELL + 1, 3 * 1024 * 1024 + 500] {
            let bytes: Vec<u8> = (0..size).map(|at| u8::try_from(at % 251).unwrap_or(0)).collect();
            let row = commit_row(5, &bytes, &[]);
            assert!(
                row.columns().iter().all(|column| column.value.as_binary().is_some_and(|b| b.len() <= CELL))
            );
            let read = read_commit(&row).unwrap();
            assert_eq!((read.position, read.bytes, read.disclosures), (5, bytes, vec![]));
        }
    }
}
