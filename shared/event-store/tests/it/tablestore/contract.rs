//! The contract, on Tablestore.

use std::sync::Arc;

use event_store::contract::Fresh;
use event_store::{Clock, TablestoreOptions};

use super::world::World;

event_store::contract!(async |clock: Clock| {
    let world = World::new().await;
    let store = world.store(TablestoreOptions { clock, ..TablestoreOptions::default() });
    Fresh { store: Arc::new(store), keep: Box::new(world) }
});
