//! The emulated cloud over real HTTP, as a specification: every list, refusal, signature, knob and record.

// Helpers are test code too, which clippy sees only inside of test functions.
#![allow(clippy::expect_used, clippy::panic)]

mod cleaning;
mod client;
mod control;
mod faults;
mod identities;
mod issuing;
mod lists;
mod logs;
mod malformed;
mod objects;
mod permissions;
mod scenario;
mod sessions;
mod signatures;
mod tablestore;
mod tasks;
mod trail;
