//! The read model: the projection of the whole log, kept in memory and brought up to date before each use.

use std::collections::BTreeSet;
use std::sync::Arc;

use event_store::{Cursor, EventStore, Filter, Order, Page, StoreError};
use futures::future::join;
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
        let (store, filter) = (self.store.as_ref(), Filter::default());
        let mut read = None;
        loop {
            if followed.cursor.is_none() {
                followed.began = Some(Timestamp::now());
            }
            let page = match read.take() {
                Some(page) => page,
                None => store.query(&filter, Order::Oldest, followed.cursor.as_ref(), PAGE).await?,
            };
            if let Some(erasure) = page.events.iter().find(|event| followed.may_have(event)) {
                // What was erased may still be in memory: all of it is read again.
                let past = BTreeSet::from_iter(followed.past.iter().copied().chain([erasure.id]));
                *followed = Followed { past, ..Followed::default() };
                continue;
            }
            let (end, more) = (page.end, page.more);
            read = meanwhile(store, &filter, PAGE, page, |page| followed.take(&page)).await?;
            if !more {
                followed.began = None;
                return Ok((followed.projection.clone(), end));
            }
        }
    }
}

impl Followed {
    fn take(&mut self, page: &Page) {
        if !page.events.is_empty() {
            let projection = Arc::make_mut(&mut self.projection);
            page.events.iter().for_each(|event| projection.evolve(event));
        }
        self.cursor = Some(page.end);
    }

    /// Whether the event says that something was erased which may have been read before.
    fn may_have(&self, event: &Recorded) -> bool {
        matches!(event.event, Event::Identity(IdentityEvent::PersonalDataErased { .. }))
            && !self.past.contains(&event.id)
            && self.began.is_none_or(|began| began.duration_since(event.recorded_at) < SKEW)
    }
}

/// Does something with a page. Meanwhile the store reads the next one, which is answered; `None`: it was the last.
pub(crate) async fn meanwhile(
    store: &dyn EventStore,
    filter: &Filter,
    limit: u32,
    page: Page,
    work: impl FnOnce(Page),
) -> Result<Option<Page>, StoreError> {
    let (end, more) = (page.end, page.more);
    let next = async {
        if !more {
            return Ok(None);
        }
        store.query(filter, Order::Oldest, Some(&end), limit).await.map(Some)
    };
    // The first is begun before the second, and goes on elsewhere.
    join(next, async { work(page) }).await.0
}

/// The latest erasure: whoever keeps something of the log in memory drops it when it changes.
pub(crate) async fn latest_erasure(store: &dyn EventStore) -> Result<Option<EventId>, StoreError> {
    let filter = Filter { types: vec!["PersonalDataErased".to_owned()], ..Filter::default() };
    let page = store.query(&filter, Order::Newest, None, 1).await?;
    Ok(page.events.first().map(|event| event.id))
}
