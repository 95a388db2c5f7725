//! The client against a server that plays written answers, over real HTTP on loopback.

// The helpers are test code too; clippy sees that only inside of `#[test]`.
#![allow(clippy::unwrap_used)]

mod answers;
mod permit;
mod script;
mod services;
mod transport;
