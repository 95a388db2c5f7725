//! The read model: the projection of the whole log, kept in memory and brought up to date before each use.

use std::collections::BTreeSet;
use std::sync::Arc;

use event_store::{Cursor, EventStore, Filter, Order, StoreError};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::identity::IdentityEvent;
use kubeconfig::{Event, EventId, Projection, Recorded};
use tokio::sync::Mutex;

use crate::error::Error;

/// Events read at once while catching up.
const PAGE: u32 = 1000;

pub(crate) struct ReadModel {
    store: Arc<dyn EventStore>,
    followed: Mutex<Followed>,
}

/// By how much clocks of machines that write to one store may differ.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

#[derive(Default)]
struct Followed {
    projection: Arc<Projection>,
    cursor: Option<Cursor>,
    /// When reading began; `None`: it has been at the end of the log since.
    began: Option<Timestamp>,
    /// Erasures that had ended when reading began: nothing of them was read.
    past: BTreeSet<EventId>,
}

impl ReadModel {
    pub(crate) fn new(store: Arc<dyn EventStore>) -> Self {
        Self { store, followed: Mutex::default() }
    }

    /// Reads what the log has gained and answers the projection. A reader that still holds an older one keeps it.
    pub(crate) async fn catch_up(&self) -> Result<Arc<Projection>, Error> {
        Ok(self.catch_up_to().await?.0)
    }

    /// The same, and the place in the log up to which it goes.
    pub(crate) async fn catch_up_to(&self) -> Result<(Arc<Projection>, Cursor), Error> {
        let mut followed = self.followed.lock().await;
        loop {
            if followed.cursor.is_none() {
                followed.began = Some(Timestamp::now());
            }
            let page =
                self.store.query(&Filter::default(), Order::Oldest, followed.cursor.as_ref(), PAGE).await?;
            if let Some(erasure) = page.events.iter().find(|event| followed.may_have(event)) {
                // What was erased may still be in memory: all of it is read again.
                let past = BTreeSet::from_iter(followed.past.iter().copied().chain([erasure.id]));
                *followed = Followed { past, ..Followed::default() };
                continue;
            }
            if !page.events.is_empty() {
                let projection = Arc::make_mut(&mut followed.projection);
                page.events.iter().for_each(|event| projection.evolve(event));
            }
            followed.cursor = Some(page.end);
            if !page.more {
                followed.began = None;
                return Ok((followed.projection.clone(), page.end));
            }
        }
    }
}

impl Followed {
    /// Whether the event says that something was erased which may have been read before.
    fn may_have(&self, event: &Recorded) -> bool {
        matches!(event.event, Event::Identity(IdentityEvent::PersonalDataErased { .. }))
            && !self.past.contains(&event.id)
            && self.began.is_none_or(|began| began.duration_since(event.recorded_at) < SKEW)
    }
}

/// The latest erasure: whoever keeps something of the log in memory drops it when it changes.
pub(crate) async fn latest_erasure(store: &dyn EventStore) -> Result<Option<EventId>, StoreError> {
    let filter = Filter { types: vec!["PersonalDataErased".to_owned()], ..Filter::default() };
    let page = store.query(&filter, Order::Newest, None, 1).await?;
    Ok(page.events.first().map(|event| event.id))
}
