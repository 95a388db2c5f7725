//! The pure core: events, decisions and the status of kubeconfigs.
//!
//! No I/O, no clock, no randomness, no async. The same events give the same status on any machine, for ever.

pub mod id;
pub mod reading;

pub use id::{ClusterId, EventId, IdError, IntakeId, KubeconfigKey, RevocationId, RunId, Uid};
