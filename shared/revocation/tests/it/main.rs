//! The use cases against the emulated cloud over real HTTP, with the SQLite store.

mod config;
mod deletion;
mod faults;
mod names;
mod panels;
mod requests;
mod sweeping;
mod world;
