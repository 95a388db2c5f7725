//! What has to be done next, told by the stream alone: that is how a revocation survives a crash.

use jiff::{SignedDuration, Timestamp};

use super::events::{AccessEvent, Attempt};
use super::state::{Access, Phase};
use crate::event::{Event, Recorded};
use crate::id::{KubeconfigKey, RevocationId};
use crate::stream::StreamId;

/// The next thing to do for an open revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Ask whether the kubeconfig was used within seven days.
    CheckAccess(RevocationId),
    /// Read the permissions, to keep them.
    BackUp(RevocationId),
    /// Read the access afresh and announce the call.
    Submit(RevocationId),
    /// Read what a call, perhaps one of a process that is gone, has left.
    ReadBack(RevocationId, Attempt),
    /// Another process may be calling until then. Leave it alone.
    WaitUntil(Timestamp),
    /// A person has to decide.
    AwaitPerson(RevocationId),
    /// The stream holds events of a newer version: that version has to go on.
    NotUnderstood,
    /// There is no open revocation.
    Nothing,
}

impl Access {
    /// What has to be done next. `call_lease` is how long an announced call is left to the one who announced it.
    pub fn next_step(&self, now: Timestamp, call_lease: SignedDuration) -> Step {
        let Some(open) = &self.open else { return Step::Nothing };
        if self.unrecognised {
            return Step::NotUnderstood;
        }
        match &open.phase {
            Phase::Requested => Step::CheckAccess(open.id),
            Phase::Cleared if open.backed_up => Step::Submit(open.id),
            Phase::Cleared => Step::BackUp(open.id),
            Phase::Held(_) => Step::AwaitPerson(open.id),
            Phase::Submitted { attempt, at } => {
                // An announcement from further ahead than a lease was stamped by a wrong clock: reading does no harm,
                // waiting for that clock could take for ever.
                let is_credible = now.checked_add(call_lease).map_or(true, |ahead| *at <= ahead);
                match at.checked_add(call_lease) {
                    Ok(until) if now < until && is_credible => Step::WaitUntil(until),
                    _ => Step::ReadBack(open.id, *attempt),
                }
            }
            Phase::Unknown { attempt } => Step::ReadBack(open.id, *attempt),
            Phase::Failed { .. } => Step::Submit(open.id),
        }
    }
}

/// The right to call for one deletion, once. It is made from the stored announcement of that call and from nothing
/// else, so that no deletion can be called that the history does not tell of.
#[derive(Debug, PartialEq, Eq)]
pub struct DeletionPermit {
    key: KubeconfigKey,
    revocation: RevocationId,
    attempt: Attempt,
    force: bool,
}

impl DeletionPermit {
    /// The permit that a stored event gives, if it is the announcement of a call.
    pub fn from_stored(recorded: &Recorded) -> Option<Self> {
        match (&recorded.stream, &recorded.event) {
            (
                StreamId::Kubeconfig(key),
                Event::Access(AccessEvent::RevocationSubmitted { revocation, attempt, force }),
            ) => Some(Self { key: key.clone(), revocation: *revocation, attempt: *attempt, force: *force }),
            _ => None,
        }
    }

    /// Whose access to which cluster.
    pub const fn key(&self) -> &KubeconfigKey {
        &self.key
    }

    /// The revocation that it is for.
    pub const fn revocation(&self) -> RevocationId {
        self.revocation
    }

    /// The call that it is for.
    pub const fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Whether the cloud's own seven-day check is overridden.
    pub const fn force(&self) -> bool {
        self.force
    }
}
