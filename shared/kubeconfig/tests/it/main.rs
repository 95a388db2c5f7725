//! The specification of the core. Start with `story` (the language) and `words` (its vocabulary), then read the
//! modules in the order of this list.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod story;
mod words;

mod status;

mod call;
mod check;
mod hold;
mod read_back;
mod refusal;
mod request;
mod steps;

mod directory;
mod guard;
mod identity;
mod ids;
mod keyed;
mod lapse;
mod notification;
mod personal;
mod projection;
mod query;
mod scope;

mod arbitrary;
mod golden;
mod properties;
mod purity;
