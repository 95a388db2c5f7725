//! The HTTP interface as its clients see it: both functions in one process, an emulated account behind them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod absence;
mod authorisation;
mod decisions;
mod document;
mod edge;
mod hostile;
mod messages;
mod panels;
mod platform;
mod revocations;
mod schema;
mod search;
mod snapshot;
mod world;
