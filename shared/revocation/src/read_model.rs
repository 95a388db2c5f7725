//! The read model: the projection of the whole log, kept in memory and brought up to date before each use.

use std::sync::Arc;

use event_store::{Cursor, EventStore, Filter, Order};
use kubeconfig::Projection;
use tokio::sync::Mutex;

use crate::error::Error;

/// Events read at once while catching up.
const PAGE: u32 = 1000;

pub(crate) struct ReadModel {
    store: Arc<dyn EventStore>,
    followed: Mutex<Followed>,
}

#[derive(Default)]
struct Followed {
    projection: Arc<Projection>,
    cursor: Option<Cursor>,
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
            let page =
                self.store.query(&Filter::default(), Order::Oldest, followed.cursor.as_ref(), PAGE).await?;
            if !page.events.is_empty() {
                let projection = Arc::make_mut(&mut followed.projection);
                page.events.iter().for_each(|event| projection.evolve(event));
            }
            followed.cursor = Some(page.end);
            if !page.more {
                return Ok((followed.projection.clone(), page.end));
            }
        }
    }
}
