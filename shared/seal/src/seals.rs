//! The seals of a store, the latest first.

use event_store::{Cursor, EventStore, Filter, Order, StoreError};
use jiff::Timestamp;
use kubeconfig::run::{RunEvent, Seal, seals};
use kubeconfig::{Event, Recorded};

use crate::checkpoint::SignedCheckpoint;

/// A seal as it is stored. What it says was not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSeal {
    /// Its place among the seals, from 1.
    pub version: u64,
    /// When it was stored.
    pub recorded_at: Timestamp,
    /// What it says.
    pub seal: Seal,
}

impl StoredSeal {
    /// How many commits it says are sealed, its own new ones included; `None`: its checkpoint cannot be read.
    pub fn size(&self) -> Option<u64> {
        SignedCheckpoint::parse(&self.seal.checkpoint).ok().map(|signed| signed.checkpoint().size)
    }
}

/// The latest seal of a store; `None`: nothing was ever sealed.
///
/// # Errors
/// The store cannot be read.
pub async fn latest(store: &dyn EventStore) -> Result<Option<StoredSeal>, StoreError> {
    Seals::new(store).next().await
}

/// Goes from seal to earlier seal.
pub(crate) struct Seals<'a> {
    store: &'a dyn EventStore,
    filter: Filter,
    page: std::vec::IntoIter<Recorded>,
    cursor: Option<Cursor>,
    more: bool,
}

impl<'a> Seals<'a> {
    pub(crate) fn new(store: &'a dyn EventStore) -> Self {
        let filter = Filter { types: vec!["StoreSealed".to_owned()], ..Filter::default() };
        Self { store, filter, page: vec![].into_iter(), cursor: None, more: true }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<StoredSeal>, StoreError> {
        loop {
            for Recorded { stream, version, recorded_at, event, .. } in self.page.by_ref() {
                match event {
                    Event::Run(RunEvent::StoreSealed(seal)) if stream == seals() => {
                        return Ok(Some(StoredSeal { version, recorded_at, seal }));
                    }
                    _ => {}
                }
            }
            if !self.more {
                return Ok(None);
            }
            // One is nearly always enough.
            let limit = if self.cursor.is_none() { 1 } else { 16 };
            let page = self.store.query(&self.filter, Order::Newest, self.cursor.as_ref(), limit).await?;
            (self.page, self.cursor, self.more) = (page.events.into_iter(), Some(page.end), page.more);
        }
    }
}
