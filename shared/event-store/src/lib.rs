//! Append-only event store with optimistic concurrency: trait, contract suite and the SQLite backend.
