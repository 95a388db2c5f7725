//! Real processes on the emulated cloud: the functions behind the emulated Function Compute, told by the emulated
//! EventBridge.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod company;
mod crash;
mod demo;
mod log;
mod world;
