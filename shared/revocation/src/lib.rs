//! The use cases: they drive core, store and cloud, and are the only place that sequences side effects.
//!
//! Start with [`Reaper`]. Each use case is a method of it in a file of its own: messages from outside in `intake`,
//! requests and approvals in `request`, the scheduled sweep in `sweep`. All of them end in `drive`, which takes one
//! revocation from step to step, and in the one call there that deletes.

mod cause;
mod chat;
mod check;
mod checkpoint;
pub mod config;
mod connect;
pub mod doctor;
mod drive;
mod erasure;
mod error;
mod export;
mod history;
pub mod inspection;
mod intake;
mod inventory;
mod keyed;
mod ledger;
mod narrowed;
mod notify;
mod outbound;
mod past;
mod promptness;
mod read_model;
mod reading;
mod reaper;
mod relay;
mod request;
mod scratch;
mod sealing;
mod search;
mod store;
mod sweep;
mod unknown;
pub mod views;
mod words;

pub use cause::Cause;
pub use chat::ChatReceipt;
pub use checkpoint::kept_checkpoint;
pub use config::Config;
pub use connect::{ConnectError, connect, connect_history, connect_read_only, open_read_only};
pub use drive::TimeBudget;
pub use erasure::{Erasure, find as find_personal};
pub use error::Error;
pub use export::{Export, ExportFormat};
pub use history::{ClusterPanel, EventPage, HeldPanel, History, IdentityPanel, Overview};
pub use intake::{Receipt, Rehearsal};
pub use keyed::{Claimed, IdempotencyKey};
pub use notify::{Told, Tried, target_names, try_targets};
pub use past::{By, Explanation};
pub use promptness::{Quantiles, TimeToRevoke};
pub use reaper::Reaper;
pub use request::{Clusters, Request};
pub use sealing::SealingError;
pub use search::{Counted, Found, Question};
pub use store::{check_store, open_store, set_up_store, store_is_built_in, tablestore};
pub use sweep::Swept;
pub use unknown::Silence;
pub use words::{counted, headline};
