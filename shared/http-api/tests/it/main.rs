//! The HTTP interface as its clients see it: both functions in one process, an emulated account behind them.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod absence;
mod authorisation;
mod browser;
mod chat_dingtalk;
mod chat_feishu;
mod chat_hostile;
mod chat_inspect;
mod chat_notifications;
mod chat_scopes;
mod chat_slack;
mod chat_systems;
mod checkpoint;
mod console_decisions;
mod console_hostile;
mod console_pages;
mod console_past;
mod console_scopes;
mod console_sessions;
mod console_sign_in;
mod decisions;
mod document;
mod duplicates;
mod edge;
mod export;
mod hostile;
mod idempotency;
mod inspections;
mod issuer;
mod limits;
mod messages;
mod panels;
mod past;
mod platform;
mod revocations;
mod schema;
mod scopes;
mod search;
mod sign_in;
mod snapshot;
mod world;
