//! The outbox: commits of processes that may read the log and not append to it, until one that may takes them over.
//!
//! A table of its own, so that the role that puts rows there can be kept from the log. One row a commit, in the order of the
//! times at which they were put. Nobody deletes rows, and nobody here is allowed to: the table forgets them after [`KEPT`].

use std::time::Instant;

use jiff::Timestamp;
use tablestore_rs::types::{Condition, KeyValue, PrimaryKey, Row};
use uuid::Uuid;

use super::TablestoreStore;
use super::layout::{self, PUT_COLUMN};
use super::remote::pause;
use crate::body::{Opened, Prepared};
use crate::error::{AppendError, StoreError};
use crate::store::{Commit, MAX_PAGE, Order};

/// How long rows are kept, in seconds: a week, for sweeps that do not run for a few days.
pub(super) const KEPT: i32 = 7 * 86_400;

/// Where commits wait. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Outbox(TablestoreStore);

/// A commit that waits, or waited within the last days.
#[derive(Debug)]
pub struct Waiting {
    /// When it was put, by the clock of who put it, to the millisecond.
    pub at: Timestamp,
    /// What it is; whoever may put rows may put anything.
    pub commit: Result<Commit, StoreError>,
    place: PrimaryKey,
}

impl TablestoreStore {
    /// The outbox beside it. A store that refuses to write has one all the same: that is what it is for.
    pub fn outbox(&self) -> Outbox {
        Outbox(self.clone())
    }
}

impl Outbox {
    /// Puts a commit there, durably before it answers. Whether it fits its stream shows when it is taken over.
    ///
    /// # Errors
    /// The commit is none, or the service refused or failed: then it may be there.
    pub async fn put(&self, commit: Commit) -> Result<(), AppendError> {
        let prepared = Prepared::new(commit)?;
        let (_, bytes) = prepared.written(0, i64::MIN, &self.0.0.clock)?;
        let place = layout::outbox_key(Uuid::now_v7().to_string());
        let row = layout::row_of(place, &bytes, &prepared.disclosures);
        Ok(self.put_row(row).await?)
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

    /// What was put since a time, in that order: behind what was answered last, if anything was. None: there is no more yet.
    ///
    /// # Errors
    /// The service refused or failed, or the table is missing.
    pub async fn since(
        &self,
        since: Timestamp,
        after: Option<&Waiting>,
        limit: u32,
    ) -> Result<Vec<Waiting>, StoreError> {
        let remote = &self.0.0.remote;
        let start = match after {
            // The place that follows it directly.
            Some(last) => layout::outbox_key(format!("{}\0", place_of(&last.place)?)),
            None => layout::outbox_key(first_of(since).to_string()),
        };
        let end = layout::outbox_key(KeyValue::InfMax);
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let (rows, _) = remote.range(&remote.tables.outbox, start, end, Order::Oldest, limit).await?;
        rows.iter().map(|row| read(row, since)).collect()
    }
}

/// The first id of a millisecond.
fn first_of(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

fn place_of(key: &PrimaryKey) -> Result<&str, StoreError> {
    let place = key.get(PUT_COLUMN).and_then(KeyValue::as_string);
    place.ok_or_else(|| StoreError::Damaged("a row of the outbox has no place".to_owned()))
}

/// A place that tells no time holds up who takes over from `since` on, as anything does that cannot be taken over.
fn read(row: &Row, since: Timestamp) -> Result<Waiting, StoreError> {
    let place = place_of(row.primary_key())?;
    let at = time_of(place);
    let commit = match at {
        Some(_) => commit(row),
        None => Err(StoreError::Damaged(format!("a row of the outbox has the place {place:?}"))),
    };
    Ok(Waiting { at: at.unwrap_or(since), commit, place: row.primary_key().clone() })
}

fn time_of(place: &str) -> Option<Timestamp> {
    let (seconds, nanoseconds) = place.parse::<Uuid>().ok()?.get_timestamp()?.to_unix();
    Timestamp::new(i64::try_from(seconds).ok()?, i32::try_from(nanoseconds).ok()?).ok()
}

fn commit(row: &Row) -> Result<Commit, StoreError> {
    let parts = layout::read_row(row);
    let (bytes, disclosures) =
        parts.ok_or_else(|| StoreError::Damaged("a row of the outbox lacks a part".to_owned()))?;
    let opened = Opened::new(0, &bytes, || Ok(disclosures))?;
    let events = opened.events()?.into_iter().map(Into::into).collect();
    Ok(Commit { stream: opened.stream().clone(), expected: opened.first_version().saturating_sub(1), events })
}
