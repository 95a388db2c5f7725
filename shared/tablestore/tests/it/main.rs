//! The client over real HTTP against a scripted server, and its codecs against what the official package makes.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test ends by panicking")]

mod allocation;
mod answers;
mod batch;
mod corpus;
mod credentials;
mod errors;
mod http_client;
mod pagination;
mod plainbuffer;
mod requests;
mod retry;
mod server;
mod timeout;
mod trust;
mod vectors;
