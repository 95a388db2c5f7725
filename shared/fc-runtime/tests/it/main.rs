//! The runtime over real HTTP: what Function Compute sends, what a client may try, what a handler sees.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test ends by panicking")]

mod child;
mod client;
mod context;
mod control;
mod drain;
mod event;
mod http_trigger;
mod lambda;
mod lifecycle;
mod log;
mod patience;
mod server;
