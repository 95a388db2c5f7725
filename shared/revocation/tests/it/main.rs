//! The use cases against the emulated cloud over real HTTP, with the SQLite store.

mod deletion;
mod world;
