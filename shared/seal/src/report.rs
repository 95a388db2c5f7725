//! What was found out about a store.

use crate::checkpoint::SignedCheckpoint;
use crate::finding::Finding;

/// What was found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many commits there are, as far as they can be read.
    pub commits: u64,
    /// How many of them are what they were when they were sealed. Where the comparison stopped: up to the last seal before.
    pub sealed: u64,
    /// The last commit, by its position, up to which all are what they were when they were sealed.
    pub sound_up_to: u64,
    /// How many follow the last seal: nothing vouches for them yet. Not known where the comparison stopped.
    pub unsealed: u64,
    /// How many seals there are.
    pub seals: u64,
    /// The latest signed root.
    pub checkpoint: Option<SignedCheckpoint>,
    /// How many personal values were erased, with a record of it.
    pub erased: u64,
    /// How many are there although the erasure of them is on record: it was interrupted, or they were put back.
    pub not_erased: u64,
    /// Whether the comparison stopped at the finding: what follows it was counted, and not looked at.
    pub stopped: bool,
    /// The first thing that is wrong: in the log itself, then with an earlier checkpoint, then in the personal values
    /// beside it, then in what events are found by; then that the latest seals are by a key that is not known.
    pub finding: Option<Finding>,
}
