//! Runs: what the sweep did, and who looked at what.

use serde::{Deserialize, Serialize};

use crate::guard::Tripped;

/// Facts of the stream `run/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum RunEvent {
    /// A sweep began.
    SweepStarted {
        /// Where the run before stopped, if it did not finish.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumed_from: Option<String>,
    },
    /// A sweep ended, finished or at its time budget.
    SweepCompleted(SweepReport),
    /// A run would have deleted more than is allowed, and holds instead.
    GuardTripped(Tripped),
    /// History was exported.
    ExportTaken {
        /// The filter as written.
        query: String,
        /// The format.
        format: String,
        /// How many events it held.
        events: u64,
    },
    /// History was looked at.
    HistoryQueried {
        /// The filter as written.
        query: String,
        /// How many events were answered.
        events: u64,
    },
}

/// What one sweep saw and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepReport {
    /// Clusters listed.
    pub clusters: u32,
    /// Identities listed.
    pub identities: u32,
    /// Pairs whose state was read.
    pub pairs: u32,
    /// Facts stored because something had changed.
    pub changes: u32,
    /// Revocations asked for by this run.
    pub requested: u32,
    /// Revocations confirmed by this run, its own and those left open before.
    pub confirmed: u32,
    /// Revocations that wait for a person after this run.
    pub held: u32,
    /// Parts that could not be read; each is also in the log.
    pub errors: u32,
    /// Where the next run goes on. Absent: this run saw everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
