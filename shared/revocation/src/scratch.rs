//! A copy of the log in memory, for finding out what would happen without making it happen.

use std::sync::Arc;

use event_store::{Commit, EventStore, Filter, MemoryStore, Order};

use crate::error::Error;

/// Copies every event, in the order of the log.
pub(crate) async fn copy_of(store: &dyn EventStore) -> Result<Arc<dyn EventStore>, Error> {
    let copy = MemoryStore::default();
    let mut cursor = None;
    loop {
        let page = store.query(&Filter::default(), Order::Oldest, cursor.as_ref(), 1000).await?;
        for recorded in page.events {
            let (stream, expected) = (recorded.stream.clone(), recorded.version - 1);
            copy.append(Commit { stream, expected, events: vec![recorded.into()] }).await?;
        }
        if !page.more {
            return Ok(Arc::new(copy));
        }
        cursor = Some(page.end);
    }
}
