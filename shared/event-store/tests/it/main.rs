//! Specifications of the event store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod archive;
mod child;
mod files;
mod memory;
mod processes;
mod setup;
mod sqlite;
mod tablestore;
