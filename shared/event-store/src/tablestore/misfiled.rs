//! Whether the index says what the commits say.

use std::collections::HashMap;
use std::sync::Arc;

use tablestore_rs::types::{KeyValue, PrimaryKey, Row};

use super::Inner;
use super::kept::Kept;
use super::layout::{self, BLOCK_COLUMN, Entries, Entry, NUMBER_COLUMN, SECONDS, TAG_COLUMN};
use super::remote;
use crate::error::StoreError;
use crate::store::{Misfiled, Order};

/// Rows of a table that are read at once.
const ROWS: usize = 1000;

impl Inner {
    pub(super) async fn misfiled(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
        let snapshot = self.catch_up().await?;
        let mut wrong = Vec::new();
        if after == 0 {
            self.strays(snapshot.number, &mut wrong).await?;
        }
        let commits = self.commits(after, limit).await?;
        let last = commits.last().map(|commit| commit.position);
        for commit in commits {
            let position = commit.position;
            let misfit = commit.misfit();
            let Ok(kept) = Kept::read(commit) else {
                wrong.push(Misfiled { position, what: "its bytes cannot be read".to_owned() });
                continue;
            };
            if let Some(what) = misfit? {
                wrong.push(Misfiled { position, what });
            }
            if position <= snapshot.indexed {
                wrong.extend(self.unfiled(&kept).await?.map(|what| Misfiled { position, what }));
            }
        }
        Ok((wrong, last))
    }

    /// What the index does not say of a commit, or says differently.
    async fn unfiled(&self, kept: &Kept) -> Result<Option<String>, StoreError> {
        let expected: Vec<((String, i64), Entry)> = kept.entries().into_iter().collect();
        let places: Vec<(String, i64)> = expected.iter().map(|(place, _)| place.clone()).collect();
        let found = self.remote.entries(&places).await?;
        for (((tag, _), expected), found) in expected.iter().zip(found) {
            match found {
                None => return Ok(Some(format!("it is missing in the index under `{tag}`"))),
                // One row stands for all commits of a second.
                Some(_) if tag == SECONDS => {}
                Some(found) if found == *expected => {}
                Some(_) => return Ok(Some(format!("the index says something else under `{tag}`"))),
            }
        }
        Ok(None)
    }

    /// Rows of both tables that no commit calls for.
    async fn strays(&self, last: u64, wrong: &mut Vec<Misfiled>) -> Result<(), StoreError> {
        let mut stray = |position, what: String| wrong.push(Misfiled { position, what });
        let all = |first: &str, second: &str, value: KeyValue| {
            PrimaryKey::new().column(first, value.clone()).column(second, value)
        };
        let bounds = |first: &str, second: &str| {
            (all(first, second, KeyValue::InfMin), all(first, second, KeyValue::InfMax))
        };
        let (mut start, end) = bounds(TAG_COLUMN, layout::PLACE_COLUMN);
        let mut seen = Seen::default();
        loop {
            let (rows, next) =
                self.remote.range(&self.remote.tables.index, start, end.clone(), Order::Oldest, ROWS).await?;
            for row in rows.iter().filter(|row| *row.primary_key() != layout::store_key()) {
                if let Some((position, what)) = self.stray(row, last, &mut seen).await? {
                    stray(position, what);
                }
            }
            let Some(next) = next else { break };
            start = next;
        }
        let (mut start, end) = bounds(BLOCK_COLUMN, NUMBER_COLUMN);
        loop {
            let (rows, next) =
                self.remote.range(&self.remote.tables.log, start, end.clone(), Order::Oldest, ROWS).await?;
            for row in &rows {
                let number = row.primary_key().get(NUMBER_COLUMN).and_then(KeyValue::as_integer);
                let number = number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0);
                if number == 0 || *row.primary_key() != layout::commit_key(number) {
                    stray(0, format!("the log has a row {number} in a block that is not its own"));
                }
            }
            let Some(next) = next else { break };
            start = next;
        }
        Ok(())
    }

    /// Why a row of the index should not be there.
    async fn stray(
        &self,
        row: &Row,
        last: u64,
        seen: &mut Seen,
    ) -> Result<Option<(u64, String)>, StoreError> {
        let tag = match row.primary_key().get(TAG_COLUMN) {
            Some(KeyValue::String(tag)) => tag.clone(),
            _ => return Ok(Some((0, "the index has a row without a tag".to_owned()))),
        };
        let (Ok(place), Ok(entry)) = (remote::place(row), layout::read_entry(row)) else {
            return Ok(Some((0, format!("the index has a row under `{tag}` that cannot be read"))));
        };
        // What is stored while this looks on has a higher number.
        if entry.number == 0 || (entry.number > last && self.remote.commit(entry.number).await.is_err()) {
            let what = format!("the index has `{tag}` for commit {}, which is not there", entry.number);
            return Ok(Some((0, what)));
        }
        let Some(kept) = seen.commit(self, entry.number).await? else {
            let what = format!("the index has `{tag}` for commit {}, which cannot be read", entry.number);
            return Ok(Some((entry.number, what)));
        };
        let called_for = kept.contains_key(&(tag.clone(), place));
        Ok((!called_for)
            .then(|| (entry.number, format!("the index has it under `{tag}`, it does not say so"))))
    }
}

/// What commits call for, as far as they were looked at.
#[derive(Default)]
struct Seen(HashMap<u64, Option<Arc<Entries>>>);

impl Seen {
    /// Commits that are remembered: neighbours in the index are often neighbours in the log.
    const MOST: usize = 10_000;

    async fn commit(&mut self, store: &Inner, number: u64) -> Result<Option<Arc<Entries>>, StoreError> {
        if let Some(known) = self.0.get(&number) {
            return Ok(known.clone());
        }
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        let entries = match store.remote.commit(number).await {
            Ok(kept) => Some(Arc::new(kept.entries())),
            Err(StoreError::Damaged(_)) => None,
            Err(error) => return Err(error),
        };
        self.0.insert(number, entries.clone());
        Ok(entries)
    }
}
