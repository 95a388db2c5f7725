//! Erasing personal values: the row of their commit is put anew, without them, on the condition that nobody else has done so
//! since it was read.
//!
//! Rows of the index that name an actor go before: whoever is interrupted finds them again from the values that are left.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use kubeconfig::personal::ERASED;
use tablestore_rs::types::{Condition, Filter, KeyValue, Row, WriteRequest};

use super::Inner;
use super::kept::Kept;
use super::layout::{self, Entries, TAG_COLUMN, tag};
use super::remote::{self, pause};
use crate::disclosure::{Digest, Disclosure};
use crate::error::StoreError;
use crate::store::{Order, StoredCommit};

/// Rows of the index that are read at once.
const ROWS: usize = 1000;

impl Inner {
    pub(super) async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        let mut of_commits = BTreeMap::<u64, HashSet<Digest>>::new();
        for (number, digest) in values {
            of_commits.entry(*number).or_default().insert(*digest);
        }
        let mut erased = 0;
        for (number, digests) in of_commits {
            erased += self.erase_beside(number, &digests).await?;
        }
        // What is known of the end of the log may still have them.
        *self.tail() = None;
        Ok(erased)
    }

    /// Deletes rows of the index under names of actors that were erased since: a process that has slept since before the
    /// erasure puts them back when it files what it saw last.
    pub(super) async fn scrub(&self) -> Result<(), StoreError> {
        let erased = self.by_erased_actors().await?;
        let mut start = layout::index_key(&tag::actor(""), KeyValue::InfMin);
        // The first that cannot be the tag of an actor.
        let end = layout::index_key(&tag::actor("").replace(':', ";"), KeyValue::InfMin);
        loop {
            let index = &self.remote.tables.index;
            let (rows, next) = self.remote.range(index, start, end.clone(), Order::Oldest, ROWS).await?;
            let mut stale = Vec::new();
            for row in &rows {
                if self.is_stale(row, &erased).await? {
                    stale.push(WriteRequest::delete(row.primary_key().clone()));
                }
            }
            self.remote.write(index, stale).await?;
            let Some(next) = next else { return Ok(()) };
            start = next;
        }
    }

    /// The commits with events of which it is not known any more who caused them.
    async fn by_erased_actors(&self) -> Result<HashSet<u64>, StoreError> {
        let (mut numbers, mut from) = (HashSet::new(), 0);
        loop {
            let places = from..=i64::MAX;
            let range = self.remote.tagged(&tag::actor(ERASED), places, Order::Oldest, ROWS).await?;
            numbers.extend(range.found.iter().map(|(_, entry)| entry.number));
            match range.found.last() {
                Some((place, _)) if !range.ended => from = place + 1,
                _ => return Ok(numbers),
            }
        }
    }

    /// Whether a row of an actor is of a commit with erased ones that does not call for it. Rows that cannot be read are
    /// left: they may be anything.
    async fn is_stale(&self, row: &Row, erased: &HashSet<u64>) -> Result<bool, StoreError> {
        let (Some(KeyValue::String(tag)), Ok(place), Ok(entry)) =
            (row.primary_key().get(TAG_COLUMN), remote::place(row), layout::read_entry(row))
        else {
            return Ok(false);
        };
        if *tag == tag::actor(ERASED) || !erased.contains(&entry.number) {
            return Ok(false);
        }
        let called_for = self.remote.commit(entry.number).await?.entries();
        Ok(!called_for.contains_key(&(tag.clone(), place)))
    }

    async fn erase_beside(&self, number: u64, digests: &HashSet<Digest>) -> Result<u64, StoreError> {
        let end = self.remote.end();
        let mut tries = 0;
        loop {
            let before = self.remote.commit(number).await?;
            let (gone, left): (Vec<Disclosure>, Vec<Disclosure>) =
                before.disclosures.iter().cloned().partition(|value| digests.contains(&value.digest()));
            if gone.is_empty() {
                return Ok(0);
            }
            let commit = StoredCommit { position: number, bytes: before.bytes.clone(), disclosures: left };
            let after = Kept::read(commit.clone())?;
            self.refile(&before.entries(), &after.entries()).await?;
            if self.replace(&before, &commit).await? {
                return Ok(gone.len() as u64);
            }
            if Instant::now() >= end {
                return Err(StoreError::Busy);
            }
            tries += 1;
            pause(tries).await;
        }
    }

    /// Files a commit under what it says from now on.
    async fn refile(&self, before: &Entries, after: &Entries) -> Result<(), StoreError> {
        let new: Entries = after
            .iter()
            .filter(|(place, _)| !before.contains_key(*place))
            .map(|(place, entry)| (place.clone(), *entry))
            .collect();
        self.remote.write_index(&new).await?;
        let old = before.keys().filter(|place| !after.contains_key(*place));
        let old = old.map(|(tag, place)| WriteRequest::delete(layout::index_key(tag, *place)));
        self.remote.write(&self.remote.tables.index, old.collect()).await
    }

    /// Whether the row was put; it was not if somebody else has changed it since, or if that is not known.
    async fn replace(&self, before: &Kept, commit: &StoredCommit) -> Result<bool, StoreError> {
        let (cell, value) = layout::first_values(&before.disclosures);
        let unchanged =
            Condition::expect_exist().column_condition(Filter::equal(cell, value).pass_if_missing(false));
        let row = layout::commit_row(commit.position, &commit.bytes, &commit.disclosures);
        let remote = &self.remote;
        let put = remote
            .until(remote.end())
            .put_row()
            .table_name(&remote.tables.log)
            .row(row)
            .condition(unchanged)
            .send()
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_condition_check_fail()) => {
                Ok(false)
            }
            Err(error) if error.may_have_been_applied() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
