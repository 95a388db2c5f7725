//! Erasing personal values: the row of their commit is put anew, without them, on the condition that nobody else has done so
//! since it was read.
//!
//! Rows of the index that name an actor go before: whoever is interrupted finds them again from the values that are left.

use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

use tablestore_rs::types::{Condition, Filter, WriteRequest};

use super::Inner;
use super::kept::Kept;
use super::layout::{self, Entries};
use super::remote::pause;
use crate::disclosure::{Digest, Disclosure};
use crate::error::StoreError;
use crate::store::StoredCommit;

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
