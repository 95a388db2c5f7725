//! The use cases against the emulated cloud over real HTTP, with the SQLite store.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod config;
mod deletion;
mod erasing;
mod faults;
mod looking;
mod names;
mod notifying;
mod notifying_together;
mod panels;
mod receiver;
mod requests;
mod seals;
mod searching;
mod sweeping;
mod world;
