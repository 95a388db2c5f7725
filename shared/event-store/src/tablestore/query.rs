//! Reading: streams, and pages of what a filter lets through.

use std::sync::Arc;

use kubeconfig::{Recorded, StreamId};

use super::Inner;
use super::kept::Kept;
use super::layout::{self, SECONDS, tag};
use super::tail::Snapshot;
use super::walk::Walk;
use crate::cursor::{Cursor, Question};
use crate::error::StoreError;
use crate::filter::{Filter, microsecond_from};
use crate::store::{Order, Page, StoredCommit};

/// A page ends early once its commits have this many bytes.
const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Entries of a stream that are read at once.
const STREAM_ENTRIES: usize = 1000;

impl Inner {
    pub(super) async fn read_stream(
        &self,
        stream: &StreamId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Recorded>, StoreError> {
        let snapshot = self.catch_up().await?;
        let named = self.commits_of(stream, &snapshot).await?;
        let version = named.last().map_or(0, |(_, _, version)| *version);
        if let Some(tail) = self.tail().as_mut() {
            tail.learn(&snapshot, stream, version);
        }
        let mut events = Vec::new();
        let wanted: Vec<(u64, u64)> = named
            .into_iter()
            .filter(|(.., last)| *last > after)
            .map(|(number, bytes, _)| (number, bytes))
            .collect();
        // Each commit holds at least one event.
        for kept in self.fetch(&wanted[..wanted.len().min(limit)], &snapshot).await? {
            let opened = kept.open()?;
            let known =
                usize::try_from((after + 1).saturating_sub(opened.first_version())).unwrap_or(usize::MAX);
            for ordinal in (known..opened.len()).take(limit - events.len()) {
                events.push(opened.event(ordinal)?);
            }
        }
        Ok(events)
    }

    /// Number, size and last version of each commit of a stream, in their order.
    async fn commits_of(
        &self,
        stream: &StreamId,
        snapshot: &Snapshot,
    ) -> Result<Vec<(u64, u64, u64)>, StoreError> {
        let (tag, mut from) = (tag::stream(stream), 1);
        let mut named = Vec::new();
        loop {
            let places = from..=layout::signed(snapshot.number);
            let page = self.remote.tagged(&tag, places, Order::Oldest, STREAM_ENTRIES).await?;
            if let Some((place, _)) = page.found.last() {
                from = place.saturating_add(1);
            }
            named.extend(page.found.into_iter().filter_map(|(_, e)| Some((e.number, e.bytes, e.version?))));
            if page.ended {
                break;
            }
        }
        let indexed = named.last().map_or(0, |(number, ..)| *number);
        let recent = snapshot.recent.iter().filter(|kept| kept.stream == *stream && kept.number > indexed);
        named.extend(recent.map(|kept| (kept.number, kept.size, kept.last_version)));
        Ok(named)
    }

    /// Commits by number and size; the last ones are at hand.
    pub(super) async fn fetch(
        &self,
        named: &[(u64, u64)],
        snapshot: &Snapshot,
    ) -> Result<Vec<Arc<Kept>>, StoreError> {
        let at_hand = |number: u64| snapshot.recent.iter().find(|kept| kept.number == number);
        let remote: Vec<_> = named.iter().filter(|(number, _)| at_hand(*number).is_none()).copied().collect();
        let mut fetched = self.remote.commits(&remote).await?.into_iter();
        Ok(named
            .iter()
            .filter_map(|(number, _)| at_hand(*number).cloned().or_else(|| fetched.next()))
            .collect())
    }

    pub(super) async fn page(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let store = self.identity().await?;
        let question = Question { order, store, filter: filter.fingerprint() };
        let snapshot = self.catch_up().await?;
        let end = if snapshot.number == 0 { 0 } else { (snapshot.number << 8) | 0xff };
        let after = after.map(|cursor| question.position(&cursor, end)).transpose()?;
        let (low, high) = self.bounds(filter, order, after, &snapshot).await?;
        let mut walk = Walk::new(filter, order, low, high, &snapshot);
        let mut found = Found::new(filter, order, after, limit);
        while !found.complete() {
            let commits = walk.next(self, &snapshot, limit + 1).await?;
            if commits.is_empty() {
                break;
            }
            commits.iter().for_each(|kept| found.look(kept));
        }
        let (events, places, more) = found.into_events()?;
        let position = match order {
            // All up to here was looked at: the next page need not look at it again.
            Order::Oldest if !more => end,
            _ => places.last().copied().or(after).unwrap_or(0),
        };
        Ok(Page { events, end: question.cursor(position), more, places })
    }

    /// The first and the last commit that can hold what is asked for. Times become numbers because `recorded_at` never
    /// falls along the log; to the second, for the filter says the rest.
    async fn bounds(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<u64>,
        snapshot: &Snapshot,
    ) -> Result<(u64, u64), StoreError> {
        let (mut low, mut high) = (1, snapshot.number);
        match (order, after) {
            (Order::Oldest, Some(after)) => low = low.max((after >> 8) + u64::from(after & 0xff == 0xff)),
            (Order::Newest, Some(after)) => high = high.min(after >> 8),
            (_, None) => {}
        }
        if let Some(since) = filter.since {
            let second = microsecond_from(since).div_euclid(1_000_000);
            // A commit of an earlier second: all before it are earlier, too.
            let before = second.saturating_sub(1);
            let earlier = self.remote.tagged(SECONDS, i64::MIN..=before, Order::Newest, 1).await?;
            low = low.max(earlier.found.first().map_or(1, |(_, entry)| entry.number + 1));
        }
        if let Some(until) = filter.until {
            let second = microsecond_from(until).saturating_add(999_999).div_euclid(1_000_000);
            let later = self.remote.tagged(SECONDS, second..=i64::MAX, Order::Oldest, 1).await?;
            high = later.found.first().map_or(high, |(_, entry)| high.min(entry.number - 1));
        }
        Ok((low, high))
    }

    pub(super) async fn commits(&self, after: u64, limit: usize) -> Result<Vec<StoredCommit>, StoreError> {
        // The service counts with a sign.
        let Some(first) = after.checked_add(1).filter(|first| i64::try_from(*first).is_ok()) else {
            return Ok(Vec::new());
        };
        let mut block = layout::block_of(first);
        loop {
            let numbers = first.max(layout::last_of(block) - layout::BLOCK + 1)..=layout::last_of(block);
            let page = self.remote.block(numbers, Order::Oldest, limit).await?;
            if !page.found.is_empty() || block >= self.newest_block().await? {
                return Ok(page.found);
            }
            // Nothing in this block is only possible where somebody deleted: what follows is shown all the same.
            block += 1;
        }
    }
}

/// What was found so far.
struct Found<'a> {
    filter: &'a Filter,
    order: Order,
    after: Option<u64>,
    /// Events that the page may hold.
    limit: usize,
    bytes: usize,
    times: (i64, i64),
    places: Vec<(Arc<Kept>, usize)>,
}

impl<'a> Found<'a> {
    fn new(filter: &'a Filter, order: Order, after: Option<u64>, limit: usize) -> Self {
        let since = filter.since.map_or(i64::MIN, microsecond_from);
        let until = filter.until.map_or(i64::MAX, microsecond_from);
        Self { filter, order, after, limit, bytes: 0, times: (since, until), places: Vec::new() }
    }

    /// One more than the page holds is enough to know that there are more.
    fn complete(&self) -> bool {
        self.places.len() > self.limit
    }

    fn look(&mut self, kept: &Arc<Kept>) {
        let (since, until) = self.times;
        if self.complete() || kept.recorded_at < since || kept.recorded_at >= until {
            return;
        }
        let before = self.places.len();
        let count = kept.keys.len();
        for step in 0..count {
            let ordinal = match self.order {
                Order::Oldest => step,
                Order::Newest => count - 1 - step,
            };
            let position = kept.position(ordinal);
            let behind = self.after.is_none_or(|after| match self.order {
                Order::Oldest => position > after,
                Order::Newest => position < after,
            });
            if behind && kept.keys[ordinal].pass(&kept.stream, self.filter) && !self.complete() {
                self.places.push((Arc::clone(kept), ordinal));
            }
        }
        if self.places.len() > before {
            self.bytes += kept.bytes.len();
            if self.bytes > PAGE_BYTES {
                self.limit = self.limit.min(self.places.len());
            }
        }
    }

    /// The events of the page, their positions, and whether there are more.
    fn into_events(self) -> Result<(Vec<Recorded>, Vec<u64>, bool), StoreError> {
        let more = self.complete();
        let page = &self.places[..self.places.len().min(self.limit)];
        let mut events = Vec::with_capacity(page.len());
        for places in page.chunk_by(|(a, _), (b, _)| a.number == b.number) {
            let Some((kept, _)) = places.first() else { continue };
            let opened = kept.open()?;
            for (_, ordinal) in places {
                events.push(opened.event(*ordinal)?);
            }
        }
        Ok((events, page.iter().map(|(kept, ordinal)| kept.position(*ordinal)).collect(), more))
    }
}
