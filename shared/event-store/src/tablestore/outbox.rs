//! The outbox: commits of processes that may read the log and not append to it, until one that may takes them over.
//!
//! A table of its own, so that the role that puts rows there can be kept from the log, and from reading or deleting what
//! others put. One row a commit, in the order of the times at which they were put. The table forgets rows after [`KEPT`].

use std::time::Instant;

use jiff::Timestamp;
use kubeconfig::run::OutboxPlace;
use tablestore_rs::types::{Condition, KeyValue, PrimaryKey, Row};

use super::TablestoreStore;
use super::layout::{self, CHANCE_COLUMN, PUT_COLUMN};
use super::remote::pause;
use crate::body::{Opened, Prepared};
use crate::error::{AppendError, Invalid, StoreError};
use crate::store::{Commit, MAX_PAGE, Order};

/// How long rows are kept, in seconds: a week, for sweeps that do not run for a few days.
pub(super) const KEPT: i32 = 7 * 86_400;

/// The most bytes of a commit that waits: what somebody asked fits many times.
const MAX_BYTES: usize = 32 * 1024;

/// Where commits wait. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox(TablestoreStore);

/// A commit that waits, or waited within the last days.
#[derive(Debug)]
pub struct Waiting {
    /// Where.
    pub place: OutboxPlace,
    /// What it is; whoever may put rows may put anything.
    pub commit: Result<Commit, StoreError>,
}

impl TablestoreStore {
    /// The outbox beside it. A store that refuses to write has one all the same: that is what it is for.
    pub fn outbox(&self) -> Outbox {
        Outbox(self.clone())
    }
}

impl Outbox {
    /// Puts a commit there, durably before it answers, and says where. Whether it fits its stream shows when it is taken
    /// over.
    ///
    /// # Errors
    /// The commit is none or too large, or the service refused or failed: then it may be there.
    pub async fn put(&self, commit: Commit) -> Result<OutboxPlace, AppendError> {
        let inner = &self.0.0;
        let prepared = Prepared::new(commit)?;
        let (now, bytes) = prepared.written(0, i64::MIN, &inner.clock)?;
        let place = OutboxPlace { put_ms: now.div_euclid(1000), chance: rand::random() };
        let row = layout::row_of(layout::outbox_key(place), &bytes, &prepared.disclosures);
        let size = size(&row);
        if size > MAX_BYTES {
            return Err(Invalid::CommitTooLarge(size).into());
        }
        self.put_row(row).await?;
        Ok(place)
    }

    /// Nobody else puts anything at this place: what is found there came from an earlier try.
    async fn put_row(&self, row: Row) -> Result<(), StoreError> {
        let remote = &self.0.0.remote;
        let end = remote.end();
        let client = remote.until(end);
        let mut tries = 0;
        loop {
            let put = client.put_row().table_name(&remote.tables.outbox).row(row.clone());
            match put.condition(Condition::expect_not_exist()).send().await {
                Ok(_) => return Ok(()),
                Err(error) if error.as_service_error().is_some_and(|e| e.is_condition_check_fail()) => {
                    return Ok(());
                }
                Err(error) if error.may_have_been_applied() && Instant::now() < end => {
                    tries += 1;
                    pause(tries).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What was put at a place and behind it, in order, and before a time; and the place at which that goes on. `None`: there
    /// is no more.
    ///
    /// # Errors
    /// The service refused or failed, or the table is missing.
    pub async fn page(
        &self,
        from: OutboxPlace,
        before: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Waiting>, Option<OutboxPlace>), StoreError> {
        let (remote, to) = (&self.0.0.remote, OutboxPlace::first_at(before));
        if from >= to {
            return Ok((Vec::new(), None));
        }
        let (start, end) = (layout::outbox_key(from), layout::outbox_key(to));
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let (rows, next) = remote.range(&remote.tables.outbox, start, end, Order::Oldest, limit).await?;
        let waiting =
            rows.iter().map(|row| Ok(Waiting { place: place(row.primary_key())?, commit: commit(row) }));
        Ok((waiting.collect::<Result<_, StoreError>>()?, next.as_ref().map(place).transpose()?))
    }
}

fn place(key: &PrimaryKey) -> Result<OutboxPlace, StoreError> {
    let number = |name| key.get(name).and_then(KeyValue::as_integer);
    let (Some(put_ms), Some(chance)) = (number(PUT_COLUMN), number(CHANCE_COLUMN)) else {
        return Err(StoreError::Damaged("a row of the outbox has no place".to_owned()));
    };
    Ok(OutboxPlace { put_ms, chance })
}

fn commit(row: &Row) -> Result<Commit, StoreError> {
    let damaged = |what: &str| StoreError::Damaged(format!("a row of the outbox {what}"));
    let size = size(row);
    if size > MAX_BYTES {
        return Err(damaged(&format!("has {size} bytes, the most is {MAX_BYTES}")));
    }
    let (bytes, disclosures) = layout::read_row(row).ok_or_else(|| damaged("lacks a part"))?;
    let opened = Opened::new(0, &bytes, || Ok(disclosures))?;
    let events = opened.events()?.into_iter().map(Into::into).collect();
    Ok(Commit { stream: opened.stream().clone(), expected: opened.first_version().saturating_sub(1), events })
}

/// Bytes of its cells.
fn size(row: &Row) -> usize {
    row.columns().iter().filter_map(|column| column.value.as_binary()).map(|bytes| bytes.len()).sum()
}
