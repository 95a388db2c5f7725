//! Walking along the commits that can hold what a filter asks for: along the log itself, or along the entries of the
//! most telling condition.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::future::try_join_all;
use kubeconfig::{ClusterId, KubeconfigKey, Uid};

use super::Inner;
use super::kept::Kept;
use super::layout::{BLOCK, block_of, last_of, signed, tag};
use super::tail::Snapshot;
use crate::error::StoreError;
use crate::filter::{Filter, MAX_VALUES, by_people};
use crate::store::Order;

/// Commits that are read at once, at the least and at the most.
const FEW: usize = 20;
const MANY: usize = 200;

/// A walk between two commits, both included.
pub(super) struct Walk {
    order: Order,
    low: u64,
    high: u64,
    along: Along,
}

enum Along {
    Log,
    Tags(Vec<Tagged>),
}

/// The entries of one tag that were read and not walked over yet.
struct Tagged {
    /// `None`: the last commits, which the index may not have.
    tag: Option<String>,
    /// Numbers and sizes.
    ahead: VecDeque<(u64, u64)>,
    ended: bool,
}

impl Walk {
    pub(super) fn new(filter: &Filter, order: Order, low: u64, high: u64, snapshot: &Snapshot) -> Self {
        let Some(tags) = tags(filter) else { return Self { order, low, high, along: Along::Log } };
        let mut recent: VecDeque<_> = snapshot
            .recent
            .iter()
            .filter(|kept| (low..=high).contains(&kept.number))
            .map(|kept| (kept.number, kept.size))
            .collect();
        if order == Order::Newest {
            recent.make_contiguous().reverse();
        }
        let mut along: Vec<Tagged> = tags
            .into_iter()
            .map(|tag| Tagged { tag: Some(tag), ahead: VecDeque::new(), ended: false })
            .collect();
        along.push(Tagged { tag: None, ahead: recent, ended: true });
        Self { order, low, high, along: Along::Tags(along) }
    }

    /// The next commits; none at the end. `wanted` says how many would be enough.
    pub(super) async fn next(
        &mut self,
        store: &Inner,
        snapshot: &Snapshot,
        wanted: usize,
    ) -> Result<Vec<Arc<Kept>>, StoreError> {
        let count = wanted.clamp(FEW, MANY);
        if self.low > self.high {
            return Ok(Vec::new());
        }
        let named = match &mut self.along {
            Along::Log => return self.next_of_log(store, count).await,
            Along::Tags(tags) => merge(store, tags, self.order, (self.low, self.high), count).await?,
        };
        match (self.order, named.last()) {
            (Order::Oldest, Some((last, _))) => self.low = last + 1,
            (Order::Newest, Some((last, _))) => self.high = last - 1,
            (_, None) => return Ok(Vec::new()),
        }
        store.fetch(&named, snapshot).await
    }

    async fn next_of_log(&mut self, store: &Inner, count: usize) -> Result<Vec<Arc<Kept>>, StoreError> {
        let (low, high) = match self.order {
            Order::Oldest => (self.low, self.high.min(last_of(block_of(self.low)))),
            Order::Newest => (self.low.max(last_of(block_of(self.high)) - BLOCK + 1), self.high),
        };
        let page = store.remote.block(low..=high, self.order, count).await?;
        let mut commits = Vec::with_capacity(page.found.len());
        for commit in page.found {
            let expected = if self.order == Order::Oldest { self.low } else { self.high };
            if commit.position != expected {
                return Err(super::remote::missing(expected));
            }
            match self.order {
                Order::Oldest => self.low += 1,
                Order::Newest => self.high -= 1,
            }
            commits.push(Arc::new(Kept::read(commit)?));
        }
        if commits.is_empty() {
            return Err(super::remote::missing(if self.order == Order::Oldest { low } else { high }));
        }
        Ok(commits)
    }
}

/// The next numbers and sizes over all tags, each once.
async fn merge(
    store: &Inner,
    tags: &mut [Tagged],
    order: Order,
    bounds: (u64, u64),
    count: usize,
) -> Result<Vec<(u64, u64)>, StoreError> {
    let mut named: Vec<(u64, u64)> = Vec::with_capacity(count);
    let (mut low, mut high) = bounds;
    while named.len() < count && low <= high {
        try_join_all(tags.iter_mut().map(|tagged| tagged.refill(store, order, (low, high), count))).await?;
        let heads = tags.iter().filter_map(|tagged| tagged.ahead.front().copied());
        let Some(next) = (match order {
            Order::Oldest => heads.min(),
            Order::Newest => heads.max(),
        }) else {
            break;
        };
        for tagged in tags.iter_mut() {
            while tagged.ahead.front().is_some_and(|(number, _)| *number == next.0) {
                tagged.ahead.pop_front();
            }
        }
        match order {
            Order::Oldest => low = next.0 + 1,
            Order::Newest => high = next.0 - 1,
        }
        named.push(next);
    }
    Ok(named)
}

impl Tagged {
    async fn refill(
        &mut self,
        store: &Inner,
        order: Order,
        (low, high): (u64, u64),
        count: usize,
    ) -> Result<(), StoreError> {
        let Some(tag) = self.tag.as_deref().filter(|_| self.ahead.is_empty() && !self.ended) else {
            return Ok(());
        };
        // The place in a row of an id is always 0: an id stands in one commit.
        let places = if tag.starts_with(tag::ID) { 0..=0 } else { signed(low)..=signed(high) };
        let page = store.remote.tagged(tag, places, order, count).await?;
        self.ended = page.ended;
        let found = page.found.into_iter().map(|(_, entry)| (entry.number, entry.bytes));
        self.ahead.extend(found.filter(|(number, _)| (low..=high).contains(number)));
        Ok(())
    }
}

/// The tags to walk along, the most telling condition first: a person does little, a rule does most of all.
fn tags(filter: &Filter) -> Option<Vec<String>> {
    let actors = || filter.actors.iter().map(|actor| tag::actor(actor)).collect();
    let by_channel = || filter.channels.iter().map(|channel| tag::channel(channel)).collect();
    // Each pair takes a walk of its own.
    let pairs = filter.clusters.len() * filter.uids.len();
    Some(match filter {
        Filter { ids, .. } if !ids.is_empty() => ids.iter().map(|id| tag::id(id.as_uuid())).collect(),
        Filter { revocations, .. } if !revocations.is_empty() => {
            revocations.iter().map(|id| tag::revocation(id.as_uuid())).collect()
        }
        Filter { correlations, .. } if !correlations.is_empty() => {
            correlations.iter().map(tag::correlation).collect()
        }
        Filter { clusters, uids, .. } if (1..=MAX_VALUES).contains(&pairs) => {
            let of = |cluster: &ClusterId| {
                let key = |uid: &Uid| KubeconfigKey { cluster: cluster.clone(), uid: uid.clone() };
                uids.iter().map(|uid| tag::stream(&key(uid).into())).collect::<Vec<_>>()
            };
            clusters.iter().flat_map(of).collect()
        }
        Filter { uids, .. } if !uids.is_empty() => uids.iter().map(|uid| tag::uid(uid.as_str())).collect(),
        _ if by_people(&filter.actors) => actors(),
        Filter { channels, .. } if by_people(channels) => by_channel(),
        Filter { types, .. } if !types.is_empty() => types.iter().map(|name| tag::type_name(name)).collect(),
        Filter { actors: some, .. } if !some.is_empty() => actors(),
        Filter { channels, .. } if !channels.is_empty() => by_channel(),
        Filter { clusters, .. } if !clusters.is_empty() => {
            clusters.iter().map(|cluster| tag::cluster(cluster.as_str())).collect()
        }
        Filter { kinds, .. } if !kinds.is_empty() => kinds.iter().map(|kind| tag::kind(kind)).collect(),
        _ => return None,
    })
}
