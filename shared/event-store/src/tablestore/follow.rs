//! Keeping up with the log: finding its end, and taking up what others stored.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::kept::Kept;
use super::layout::{self, block_of, last_of};
use super::tail::{Snapshot, Tail, UNINDEXED};
use super::{Inner, remote};
use crate::error::StoreError;
use crate::store::{Order, StoredCommit};

/// Commits that are taken up one by one. Who is further behind looks for the end anew.
const STEP: usize = 100;

impl Inner {
    pub(super) fn tail(&self) -> MutexGuard<'_, Option<Tail>> {
        // Every change of it is one step: a panic elsewhere leaves it whole.
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The end of the log as of a moment after the call began: what reads are made from.
    pub(super) async fn catch_up(&self) -> Result<Snapshot, StoreError> {
        loop {
            let Some(from) = self.known() else { return self.find().await };
            let last = last_of(block_of(from + 1));
            let page = self.remote.block(from + 1..=last, Order::Oldest, STEP).await?;
            if !page.ended {
                self.lose(from);
                continue;
            }
            let more = page.found.last().is_some_and(|commit| commit.position == last);
            if let Some(snapshot) = self.absorb(from, page.found)?
                && !more
            {
                return Ok(snapshot);
            }
        }
    }

    /// The end of the log as it was known last, if it was: what writes are made from. They prove it.
    pub(super) async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let known = self.tail().as_ref().map(Tail::snapshot);
        match known {
            Some(snapshot) => Ok(snapshot),
            None => self.find().await,
        }
    }

    fn known(&self) -> Option<u64> {
        self.tail().as_ref().map(|tail| tail.number)
    }

    /// Forgets the end, unless somebody else got further meanwhile.
    fn lose(&self, number: u64) {
        let mut tail = self.tail();
        if tail.as_ref().is_some_and(|tail| tail.number == number) {
            *tail = None;
        }
    }

    /// Takes up commits that were read behind `from`. None: the thread was lost meanwhile.
    fn absorb(&self, from: u64, found: Vec<StoredCommit>) -> Result<Option<Snapshot>, StoreError> {
        let mut new = Vec::with_capacity(found.len());
        for (expected, commit) in (from + 1..).zip(found) {
            if commit.position != expected {
                return Err(remote::missing(expected));
            }
            new.push(Arc::new(Kept::read(commit)?));
        }
        let mut tail = self.tail();
        let Some(tail) = tail.as_mut().filter(|tail| tail.number >= from) else { return Ok(None) };
        new.into_iter().for_each(|kept| tail.absorb(kept));
        Ok(Some(tail.snapshot()))
    }

    /// Looks for the end of the log.
    async fn find(&self) -> Result<Snapshot, StoreError> {
        self.identity().await?;
        let mut block = self.newest_block().await?;
        let mut last = self.remote.end_of_block(block, STEP).await?;
        // The newest block may not be in the index yet.
        while last.first().is_some_and(|commit| commit.position == last_of(block)) {
            block += 1;
            let next = self.remote.end_of_block(block, STEP).await?;
            if next.is_empty() {
                break;
            }
            last = next;
        }
        self.complete(&mut last).await?;
        let mut recent = Vec::with_capacity(last.len());
        for commit in last {
            match Kept::read(commit) {
                Ok(kept) => recent.push(Arc::new(kept)),
                // The last ones have to be understood; what is behind them only spares requests.
                Err(_) if recent.len() as u64 >= UNINDEXED => break,
                Err(error) => return Err(error),
            }
        }
        recent.reverse();
        let found = Tail::found(recent);
        let mut tail = self.tail();
        // Somebody else may have found a later one.
        match tail.as_ref() {
            Some(known) if known.number >= found.number => {}
            _ => *tail = Some(found),
        }
        Ok(tail.as_ref().map(Tail::snapshot).unwrap_or_default())
    }

    /// The newest block that the index knows.
    pub(super) async fn newest_block(&self) -> Result<u64, StoreError> {
        let begun = self.remote.tagged(layout::BLOCKS, 0..=i64::MAX, Order::Newest, 1).await?;
        Ok(begun.found.first().map_or(0, |(place, _)| place.cast_unsigned()))
    }

    /// Two commits have to be known, and the first of a block comes alone, as do large ones.
    async fn complete(&self, last: &mut Vec<StoredCommit>) -> Result<(), StoreError> {
        if let [StoredCommit { position: number @ 2.., .. }] = last[..] {
            let before = self.remote.block(number - 1..=number - 1, Order::Oldest, 1).await?;
            last.push(before.found.into_iter().next().ok_or_else(|| remote::missing(number - 1))?);
        }
        Ok(())
    }
}
