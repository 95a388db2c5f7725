//! Commands, what they are decided in, and why they may be denied.

use jiff::Timestamp;

use super::eligibility::{Protections, Refusal};
use super::events::{Attempt, Failure, Trigger};
use crate::actor::Actor;
use crate::guard::Tripped;
use crate::id::{KubeconfigKey, RevocationId};
use crate::policy::{AccessCheck, Policy};
use crate::reading::{Permission, Reading};

/// What somebody wants, or what was learned from the cloud. Every command may be sent again at will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The cloud was read.
    Observe(Reading),
    /// End this access.
    Request {
        /// The id that the revocation is to have. The same cause gives the same id.
        revocation: RevocationId,
        /// Why.
        trigger: Trigger,
        /// In the words of the one who asks.
        reason: Option<String>,
        /// A fresh reading.
        reading: Reading,
        /// The guard that this request would pass, if it would.
        guard: Option<Tripped>,
    },
    /// The seven-day check answered.
    RecordCheck {
        /// For which revocation.
        revocation: RevocationId,
        /// The answer.
        check: AccessCheck,
    },
    /// A person lets a held revocation go on.
    Approve {
        /// Which.
        revocation: RevocationId,
        /// The hold that the person saw, by its number; absent: the one that is there.
        hold: Option<u32>,
        /// In the words of the approver.
        note: Option<String>,
    },
    /// A person stops a held revocation.
    Reject {
        /// Which.
        revocation: RevocationId,
        /// The hold that the person saw, by its number; absent: the one that is there.
        hold: Option<u32>,
        /// In the words of the one who stops it.
        note: Option<String>,
    },
    /// End a held revocation that nobody has decided on in time.
    Lapse {
        /// Which.
        revocation: RevocationId,
    },
    /// The permissions were read, to be kept.
    BackUp {
        /// For which revocation.
        revocation: RevocationId,
        /// How many holds lay behind it when they were read: what was read before an approval is not kept after it.
        after_holds: u32,
        /// All RBAC permissions on the cluster.
        permissions: Vec<Permission>,
    },
    /// Announce the call.
    Submit {
        /// Of which revocation.
        revocation: RevocationId,
        /// A fresh reading.
        reading: Reading,
    },
    /// The cloud refused the call.
    RecordRefusal {
        /// Of which revocation.
        revocation: RevocationId,
        /// Which call.
        attempt: Attempt,
        /// The cloud's words.
        refusal: Refusal,
    },
    /// The call failed without effect.
    RecordFailure {
        /// Of which revocation.
        revocation: RevocationId,
        /// Which call.
        attempt: Attempt,
        /// How.
        failure: Failure,
    },
    /// Nobody knows whether the call had an effect.
    RecordUnknown {
        /// Of which revocation.
        revocation: RevocationId,
        /// Which call.
        attempt: Attempt,
        /// What is known.
        detail: String,
    },
    /// The access was read after a call.
    RecordReadBack {
        /// For which revocation.
        revocation: RevocationId,
        /// What was read.
        reading: Reading,
    },
}

/// What a decision is made in.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The pair.
    pub key: &'a KubeconfigKey,
    /// The present.
    pub now: Timestamp,
    /// Who commands.
    pub actor: &'a Actor,
    /// What is configured.
    pub policy: &'a Policy,
    /// Who is never touched.
    pub protections: &'a Protections,
}

/// Why a command cannot be carried out. Nothing is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such revocation was ever asked for.
    #[error("no revocation {0} is known here")]
    NoSuchRevocation(RevocationId),
    /// Only what waits for a person can be approved or rejected.
    #[error("revocation {revocation} does not wait for a person: it is {phase}")]
    NotHeld {
        /// Which.
        revocation: RevocationId,
        /// What it is instead.
        phase: &'static str,
    },
    /// The hold that is answered has not happened.
    #[error("revocation {0} was not held that often")]
    NoSuchHold(RevocationId),
    /// The one who asked may not also approve.
    #[error("revocation {0} was requested by you: another person has to approve it")]
    SelfApproval(RevocationId),
    /// A rule or the timer cannot approve.
    #[error("revocation {0} waits for a person: nothing automatic may decide on it")]
    NotAPerson(RevocationId),
}
