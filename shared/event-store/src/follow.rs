//! Following the log.

use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use futures::stream::unfold;

use crate::cursor::Cursor;
use crate::error::StoreError;
use crate::filter::Filter;
use crate::store::{EventStore, MAX_PAGE, Order, Page};

/// All events that pass the filter, those stored already and then each new one, in the order of the log, for ever.
/// Each item is a page that is not empty; a reader that keeps [`Page::end`] goes on there after a restart.
///
/// Where nothing is new, the store is asked again after `interval`. An error is an item too: after it, and after
/// `interval`, the stream goes on where it was, so that its reader decides whether to wait or to give up.
pub fn follow(
    store: Arc<dyn EventStore>,
    filter: Filter,
    after: Option<Cursor>,
    interval: Duration,
) -> impl Stream<Item = Result<Page, StoreError>> + Send {
    let start = (store, filter, after, false);
    unfold(start, move |(store, filter, mut after, mut wait)| async move {
        loop {
            if wait {
                tokio::time::sleep(interval).await;
            }
            match store.query(&filter, Order::Oldest, after.as_ref(), MAX_PAGE).await {
                Ok(page) => {
                    after = Some(page.end);
                    wait = !page.more;
                    if !page.events.is_empty() {
                        return Some((Ok(page), (store, filter, after, wait)));
                    }
                }
                Err(error) => return Some((Err(error), (store, filter, after, true))),
            }
        }
    })
}
