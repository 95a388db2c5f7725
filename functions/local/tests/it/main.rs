//! The command line as its users meet it: the real binary, against an emulated cloud in another process.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod configuration;
mod doctor;
mod erasing;
mod help;
mod http;
mod inspecting;
mod log_lines;
mod notifying;
mod objects;
mod reading;
mod replaying;
mod revoking;
mod seals;
mod serving;
mod stores;
mod sweeping;
mod telemetry;
mod terminals;
mod wording;
mod world;
