//! The contract, in memory.

use std::sync::Arc;

use event_store::contract::Fresh;
use event_store::{Clock, MemoryStore};

event_store::contract!(async |clock: Clock| Fresh {
    store: Arc::new(MemoryStore::with_clock(clock)),
    keep: Box::new(()),
});
