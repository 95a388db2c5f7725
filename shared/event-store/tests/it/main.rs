//! Specifications of the event store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod memory {
    use std::sync::Arc;

    use event_store::contract::Fresh;
    use event_store::{Clock, MemoryStore};

    event_store::contract!(async |clock: Clock| Fresh {
        store: Arc::new(MemoryStore::with_clock(clock)),
        keep: Box::new(()),
    });
}

mod sqlite {
    use std::sync::Arc;

    use event_store::contract::Fresh;
    use event_store::{Clock, Options, SqliteStore};

    event_store::contract!(async |clock: Clock| {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { clock, ..Options::default() };
        let store = SqliteStore::open(folder.path().join("events.db"), options).unwrap();
        Fresh { store: Arc::new(store), keep: Box::new(folder) }
    });
}
