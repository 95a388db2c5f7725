//! The contract, on a store that three processes share: each call goes to another one, which knows nothing of the
//! others but what is in the tables.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use event_store::contract::Fresh;
use event_store::{
    AppendError, Appended, Clock, Commit, Cursor, Digest, EventStore, Filter, Misfiled, Order, Page,
    StoreError, StoredCommit, TablestoreOptions, TablestoreStore,
};
use kubeconfig::{Recorded, StreamId};

use super::world::World;

struct Several {
    stores: [TablestoreStore; 3],
    turn: AtomicUsize,
}

impl Several {
    fn next(&self) -> &TablestoreStore {
        &self.stores[self.turn.fetch_add(1, Ordering::Relaxed) % self.stores.len()]
    }
}

#[async_trait]
impl EventStore for Several {
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        self.next().append(commit).await
    }

    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError> {
        self.next().restore(commits).await
    }

    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        self.next().erase(values).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.next().scrub().await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.next().read_stream(stream, after, limit).await
    }

    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.next().query(filter, order, after, limit).await
    }

    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError> {
        self.next().commits(after, limit).await
    }

    async fn misfiled(&self, after: u64, limit: u32) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
        self.next().misfiled(after, limit).await
    }
}

event_store::contract!(async |clock: Clock| {
    let world = World::new().await;
    let options = TablestoreOptions { clock, ..TablestoreOptions::default() };
    let stores = [(); 3].map(|()| world.store(options.clone()));
    Fresh { store: Arc::new(Several { stores, turn: AtomicUsize::new(0) }), keep: Box::new(world) }
});
