//! The requests. Everything above it works with commits and entries of the index.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tablestore_rs::limits::{BATCH_GET_ROWS, BATCH_WRITE_ROWS};
use tablestore_rs::operation::batch_write_row::{BatchWriteRowError, BatchWriteRowOutput};
use tablestore_rs::types::{Condition, Direction, KeyValue, KeysAndColumns, PrimaryKey, Row, WriteRequest};
use tablestore_rs::{Client, SdkError};

use super::kept::Kept;
use super::layout::{self, Entries, Entry, PLACE_COLUMN, Tables};
use super::{Deadline, Options};
use crate::error::StoreError;
use crate::store::{Order, StoredCommit};

/// Bytes of commits that one BatchGetRow or GetRange asks for: below the 4 MB that the service scans a call.
const READ_BYTES: u64 = 3_500_000;

/// Bytes of index rows in one request, so that they fit beside the largest commit.
const INDEX_BYTES: usize = 400_000;

/// What a row of the index takes beside its tag: names of columns and numbers.
const ENTRY_BYTES: usize = 100;

/// Access to the tables.
#[derive(Debug)]
pub(super) struct Remote {
    client: Client,
    pub(super) tables: Tables,
    timeout: Duration,
    deadline: Deadline,
}

/// Part of a range.
pub(super) struct Range<T> {
    pub(super) found: Vec<T>,
    /// Whether the range ends with it.
    pub(super) ended: bool,
}

impl Remote {
    pub(super) fn new(client: Client, options: &Options) -> Self {
        let (timeout, deadline) = (options.timeout, options.deadline.clone());
        Self { client, tables: Tables::named(&options.prefix), timeout, deadline }
    }

    /// When what starts now has to have ended.
    pub(super) fn end(&self) -> Instant {
        let own = Instant::now() + self.timeout;
        self.deadline.get().map_or(own, |deadline| deadline.min(own))
    }

    /// The client, for calls that have to have ended by then.
    pub(super) fn until(&self, end: Instant) -> Client {
        self.client.with_deadline(end.into())
    }

    /// Commits of one block as bytes, in the order that is asked for: at most `limit`, and fewer where they are large.
    pub(super) async fn block(
        &self,
        numbers: RangeInclusive<u64>,
        order: Order,
        limit: usize,
    ) -> Result<Range<StoredCommit>, StoreError> {
        let block = layout::block_of(*numbers.end());
        let low = layout::signed(*numbers.start());
        let high = layout::signed(*numbers.end());
        let key = |number: i64| layout::log_key(block, number);
        let (start, end) = match order {
            Order::Oldest => (key(low), key(high.saturating_add(1))),
            Order::Newest => (key(high), key(low.saturating_sub(1))),
        };
        let (rows, next) = self.range(&self.tables.log, start, end, order, limit).await?;
        let found: Vec<_> = rows.iter().map(layout::read_commit).collect::<Result<_, _>>()?;
        Ok(Range { ended: next.is_none(), found })
    }

    /// The last commits of a block, newest first: at least one if there is one, and fewer than `limit` where they are
    /// large.
    pub(super) async fn end_of_block(
        &self,
        block: u64,
        limit: usize,
    ) -> Result<Vec<StoredCommit>, StoreError> {
        let (start, end) =
            (layout::log_key(block, KeyValue::InfMax), layout::log_key(block, KeyValue::InfMin));
        let (rows, _) = self.range(&self.tables.log, start, end, Order::Newest, limit).await?;
        rows.iter().map(layout::read_commit).collect()
    }

    /// Entries of one tag whose places lie in the range, both ends included, in the order that is asked for.
    pub(super) async fn tagged(
        &self,
        tag: &str,
        places: RangeInclusive<i64>,
        order: Order,
        limit: usize,
    ) -> Result<Range<(i64, Entry)>, StoreError> {
        let (low, high) = places.into_inner();
        if low > high {
            return Ok(Range { found: Vec::new(), ended: true });
        }
        let key = |place: i64| layout::index_key(tag, place);
        let (start, end) = match order {
            Order::Oldest => (key(low), high.checked_add(1).map_or_else(|| behind(tag), key)),
            Order::Newest => (key(high), low.checked_sub(1).map_or_else(|| before(tag), key)),
        };
        let (rows, next) = self.range(&self.tables.index, start, end, order, limit).await?;
        let found = rows.iter().map(|row| Ok((place(row)?, layout::read_entry(row)?)));
        Ok(Range { found: found.collect::<Result<_, StoreError>>()?, ended: next.is_none() })
    }

    /// One page of a range, and where the next one starts. Pages without rows are passed over: a page ends after what
    /// was looked at, not after what was found.
    pub(super) async fn range(
        &self,
        table: &str,
        start: PrimaryKey,
        end: PrimaryKey,
        order: Order,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<PrimaryKey>), StoreError> {
        let direction = match order {
            Order::Oldest => Direction::Forward,
            Order::Newest => Direction::Backward,
        };
        let client = self.until(self.end());
        let limit = i32::try_from(limit.max(1)).unwrap_or(i32::MAX);
        let mut start = start;
        loop {
            let page = client
                .get_range()
                .table_name(table)
                .inclusive_start_primary_key(start)
                .exclusive_end_primary_key(end.clone())
                .direction(direction)
                .limit(limit)
                .send()
                .await?;
            match page.next_start_primary_key().cloned() {
                Some(next) if page.rows().is_empty() => start = next,
                next => return Ok((page.into_rows(), next)),
            }
        }
    }

    /// One commit.
    pub(super) async fn commit(&self, number: u64) -> Result<Kept, StoreError> {
        let answer = self
            .until(self.end())
            .get_row()
            .table_name(&self.tables.log)
            .primary_key(layout::commit_key(number))
            .send()
            .await?;
        let row = answer.into_row().ok_or_else(|| missing(number))?;
        Kept::read(StoredCommit { position: number, ..layout::read_commit(&row)? })
    }

    /// Commits by number and size, in the order in which they are named. That one is not there is damage: the index
    /// names only what is stored.
    pub(super) async fn commits(&self, named: &[(u64, u64)]) -> Result<Vec<Arc<Kept>>, StoreError> {
        let mut commits = Vec::with_capacity(named.len());
        let mut rest = named;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take(BATCH_GET_ROWS).take_while(|(_, size)| {
                bytes += size;
                bytes <= READ_BYTES
            });
            let (now, later) = rest.split_at(fit.count().max(1));
            let keys: Vec<PrimaryKey> = now.iter().map(|(number, _)| layout::commit_key(*number)).collect();
            let rows = self.rows(&self.tables.log, keys).await?;
            for ((number, _), row) in now.iter().zip(rows) {
                let row = row.ok_or_else(|| missing(*number))?;
                let commit = StoredCommit { position: *number, ..layout::read_commit(&row)? };
                commits.push(Arc::new(Kept::read(commit)?));
            }
            rest = later;
        }
        Ok(commits)
    }

    /// Entries of the index by tag and place.
    pub(super) async fn entries(&self, places: &[(String, i64)]) -> Result<Vec<Option<Entry>>, StoreError> {
        let mut entries = Vec::with_capacity(places.len());
        for places in places.chunks(BATCH_GET_ROWS) {
            let keys = places.iter().map(|(tag, place)| layout::index_key(tag, *place)).collect();
            for row in self.rows(&self.tables.index, keys).await? {
                entries.push(row.as_ref().map(layout::read_entry).transpose()?);
            }
        }
        Ok(entries)
    }

    /// Up to 100 rows, in the order of their keys. Those that could not be read for a moment are asked for again.
    async fn rows(&self, table: &str, keys: Vec<PrimaryKey>) -> Result<Vec<Option<Row>>, StoreError> {
        let end = self.end();
        let client = self.until(end);
        let mut found: Vec<Option<Option<Row>>> = vec![None; keys.len()];
        let mut tries = 0;
        loop {
            let open: Vec<usize> = (0..keys.len()).filter(|at| found[*at].is_none()).collect();
            if open.is_empty() {
                return Ok(found.into_iter().map(Option::flatten).collect());
            }
            let asked = KeysAndColumns::new(open.iter().map(|at| keys[*at].clone()));
            let answer = client.batch_get_row().request_items(table, asked).send().await?;
            for (at, result) in open.into_iter().zip(answer.results().iter().cloned()) {
                match result.outcome {
                    Ok(_) if result.next_token.is_some() => {
                        return Err(StoreError::Damaged("a row comes in parts".to_owned()));
                    }
                    Ok(row) => found[at] = Some(row),
                    Err(error) if error.may_be_repeated() && Instant::now() < end => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if found.iter().any(Option::is_none) {
                tries += 1;
                pause(tries).await;
            }
        }
    }

    /// Writes rows of the index, which are the same whoever writes them how often.
    pub(super) async fn write_index(&self, entries: &Entries) -> Result<(), StoreError> {
        self.write(&self.tables.index, writes(entries)).await
    }

    /// Writes rows that are the same, or gone, however often this is done.
    pub(super) async fn write(&self, table: &str, mut open: Vec<WriteRequest>) -> Result<(), StoreError> {
        let end = self.end();
        let client = self.until(end);
        let mut tries = 0;
        while !open.is_empty() {
            // A tag is at most 1 KB: so many fit into a request for certain.
            let now: Vec<WriteRequest> = open.drain(..open.len().min(BATCH_WRITE_ROWS)).collect();
            let sent = client.batch_write_row().request_items(table, now.clone()).send().await;
            match sent {
                Ok(answer) => {
                    for (write, result) in now.into_iter().zip(answer.results()) {
                        match &result.outcome {
                            Ok(_) => continue,
                            Err(error) if error.may_be_repeated() || error.may_have_been_applied() => {
                                open.push(write);
                            }
                            Err(error) => return Err(error.clone().into()),
                        }
                    }
                    if answer.failures().next().is_none() {
                        continue;
                    }
                }
                Err(error) if error.may_have_been_applied() => open.extend(now),
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= end {
                return Err(StoreError::Busy);
            }
            tries += 1;
            pause(tries).await;
        }
        Ok(())
    }

    /// Puts a commit where no other may be yet, and beside it rows of the index: one request. The last result is that
    /// of the commit.
    pub(super) async fn put(
        &self,
        end: Instant,
        commit: &StoredCommit,
        entries: &Entries,
    ) -> Result<BatchWriteRowOutput, SdkError<BatchWriteRowError>> {
        let StoredCommit { position, bytes, disclosures } = commit;
        let row = layout::commit_row(*position, bytes, disclosures);
        let commit = WriteRequest::put(row).condition(Condition::expect_not_exist());
        let mut batch = self.until(end).batch_write_row();
        let index = writes(entries);
        if !index.is_empty() {
            batch = batch.request_items(&self.tables.index, index);
        }
        batch.request_items(&self.tables.log, [commit]).send().await
    }
}

/// Whether the entries fit into one request, beside a commit.
pub(super) fn fits(entries: &Entries) -> bool {
    let bytes: usize = entries.keys().map(|(tag, _)| tag.len() + ENTRY_BYTES).sum();
    entries.len() < BATCH_WRITE_ROWS && bytes <= INDEX_BYTES
}

fn writes(entries: &Entries) -> Vec<WriteRequest> {
    let put = |((tag, place), entry): (&(String, i64), &Entry)| {
        WriteRequest::put(layout::entry_row(tag, *place, entry))
    };
    entries.iter().map(put).collect()
}

fn before(tag: &str) -> PrimaryKey {
    layout::index_key(tag, KeyValue::InfMin)
}

fn behind(tag: &str) -> PrimaryKey {
    layout::index_key(tag, KeyValue::InfMax)
}

pub(super) fn place(row: &Row) -> Result<i64, StoreError> {
    let place = row.primary_key().get(PLACE_COLUMN).and_then(KeyValue::as_integer);
    place.ok_or_else(|| StoreError::Damaged("a row of the index has no place".to_owned()))
}

pub(super) fn missing(number: u64) -> StoreError {
    StoreError::Damaged(format!("commit {number} is missing"))
}

/// Waits before the next try: a random time, whose bound doubles from 2 ms to 128 ms.
pub(super) async fn pause(tries: u32) {
    let bound = 1_u64 << tries.clamp(1, 7);
    let (_, random) = uuid::Uuid::now_v7().as_u64_pair();
    tokio::time::sleep(Duration::from_millis(1 + random % bound)).await;
}
