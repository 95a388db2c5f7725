//! Specifications of sealing, verifying and proving.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod files;
mod keys;
mod log;
mod notes;
mod proofs;
mod sealing;
mod tampering;
mod types;
mod values;
mod vectors;
