//! Real processes on the emulated cloud: the functions behind the emulated Function Compute, told by the emulated
//! EventBridge.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod budget;
mod company;
mod crash;
mod delivery;
mod demo;
mod disorder;
mod hostile;
mod kill;
mod layers;
mod load;
mod log;
mod pages;
mod serving;
mod tablestore;
mod telling;
mod world;
