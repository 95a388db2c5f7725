//! What the events of one pair add up to.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::eligibility::Refusal;
use super::events::{AccessEvent, Attempt, Failure, HoldReason, Trigger};
use crate::actor::Actor;
use crate::event::{Event, Recorded};
use crate::id::{EventId, RevocationId};
use crate::policy::{AccessCheck, Policy};
use crate::reading::{Certificate, CertificateState, Reading};

/// One identity's access to one cluster, as its events tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The latest reading, if there is one.
    pub reading: Option<Reading>,
    /// Whether a kubeconfig was ever issued: listings forget it after a deletion.
    pub issued: bool,
    /// The latest answer of a seven-day check, and when it was given.
    pub last_check: Option<(Timestamp, AccessCheck)>,
    /// The revocation under way, if there is one. There is never more than one.
    pub open: Option<Revocation>,
    /// Every revocation that ended, and how.
    pub closed: BTreeMap<RevocationId, Closed>,
    /// The refusal that the latest revocation ended with, and since when it stands: until something is observed to
    /// change.
    pub standing_refusal: Option<(Timestamp, Refusal)>,
    /// Whether a person rejected the latest revocation and neither certificates nor account have changed since: no
    /// rule asks again then, under whatever id.
    pub standing_rejection: bool,
    /// When the latest revocation ended because nobody decided on it: no rule asks again for a while, unless something
    /// changes.
    pub standing_lapse: Option<Timestamp>,
    /// Whether the stream holds an event that this version does not understand: a newer one is at work here, and what
    /// it wrote may be a hold or a call. Nothing is called then.
    pub unrecognised: bool,
    /// The events that decided the present status, oldest first.
    pub decided_by: Vec<EventId>,
    /// The version of the stream, 0 before the first event.
    pub version: u64,
}

/// A revocation under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its id.
    pub id: RevocationId,
    /// Why it was asked for.
    pub trigger: Trigger,
    /// Who asked.
    pub requested_by: Actor,
    /// When.
    pub requested_at: Timestamp,
    /// In the words of the one who asked.
    pub reason: Option<String>,
    /// How far it is.
    pub phase: Phase,
    /// The answer of the seven-day check, once given.
    pub check: Option<AccessCheck>,
    /// How often it was held: the number of the present or the latest hold.
    pub holds: u32,
    /// Since when, by the clock of the store.
    pub held_at: Option<Timestamp>,
    /// Who approved it, if it was held.
    pub approval: Option<Approval>,
    /// The certificates that were there when it was checked or approved: what those answers were about.
    pub judged: Vec<Certificate>,
    /// Whether the permissions were backed up.
    pub backed_up: bool,
    /// Calls made.
    pub attempts: Attempt,
    /// Calls made before the latest approval: an approval earns fresh attempts.
    pub attempts_before_approval: Attempt,
}

/// A person's word that lets a held revocation go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

/// How far a revocation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The seven-day check is due.
    Requested,
    /// Nothing stands against it: back up, then submit.
    Cleared,
    /// A person has to decide.
    Held(HoldReason),
    /// A call may be on its way since the instant.
    Submitted {
        /// Which call.
        attempt: Attempt,
        /// When it was announced, by the clock of the store.
        at: Timestamp,
    },
    /// Nobody knows whether the call had an effect.
    Unknown {
        /// Which call.
        attempt: Attempt,
    },
    /// The call failed.
    Failed {
        /// Which call.
        attempt: Attempt,
        /// How.
        failure: Failure,
    },
}

impl Phase {
    /// The word for people.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested => "Requested",
            Self::Cleared => "Checking",
            Self::Held(_) => "Held",
            Self::Submitted { .. } => "Submitted",
            Self::Unknown { .. } => "Unknown",
            Self::Failed { .. } => "Failed",
        }
    }
}

/// A revocation that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How.
    pub ending: Ending,
    /// Whether a person had approved it.
    pub approved: bool,
}

/// How a revocation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The access is gone, read back.
    Confirmed,
    /// A rule or the cloud forbade it.
    Refused(Refusal),
    /// A person stopped it.
    Rejected,
    /// Nobody decided on it.
    Lapsed,
}

impl Revocation {
    /// Whether it has waited for a person longer than policy lets anything wait.
    pub fn is_overdue(&self, policy: &Policy, now: Timestamp) -> bool {
        let Some(patience) = policy.hold() else { return false };
        matches!(self.phase, Phase::Held(_))
            && self.held_at.is_some_and(|since| now.duration_since(since) >= patience)
    }
}

impl Access {
    /// The state that a whole stream adds up to.
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        events.into_iter().fold(Self::default(), Self::evolve)
    }

    /// The state after one more event. Total: an event that fits nowhere changes nothing but the version.
    pub fn evolve(mut self, recorded: &Recorded) -> Self {
        self.version = recorded.version;
        match &recorded.event {
            Event::Access(event) => self.apply(event, recorded),
            _ => self.unrecognised = true,
        }
        self
    }

    fn apply(&mut self, event: &AccessEvent, recorded: &Recorded) {
        match event {
            AccessEvent::KubeconfigObserved { reading }
            | AccessEvent::KubeconfigRestored { reading }
            | AccessEvent::ResidualRbacFound { reading } => self.read(reading, recorded.id),
            AccessEvent::RevocationRequested { revocation, trigger, reason } => {
                self.standing_refusal = None;
                self.standing_rejection = false;
                self.standing_lapse = None;
                self.open = Some(Revocation {
                    id: *revocation,
                    trigger: *trigger,
                    requested_by: recorded.actor.clone(),
                    requested_at: recorded.occurred_at,
                    reason: reason.clone(),
                    phase: Phase::Requested,
                    check: None,
                    holds: 0,
                    held_at: None,
                    approval: None,
                    judged: vec![],
                    backed_up: false,
                    attempts: 0,
                    attempts_before_approval: 0,
                });
            }
            AccessEvent::RevocationConfirmed { revocation, reading } => {
                self.read(reading, recorded.id);
                self.close(*revocation, Ending::Confirmed);
            }
            AccessEvent::RevocationRefused { revocation, refusal } => {
                self.standing_refusal = Some((recorded.occurred_at, refusal.clone()));
                self.close(*revocation, Ending::Refused(refusal.clone()));
            }
            AccessEvent::RevocationRejected { revocation, .. } => {
                self.standing_rejection = true;
                self.close(*revocation, Ending::Rejected);
            }
            AccessEvent::RevocationLapsed { revocation, .. } => {
                self.standing_lapse = Some(recorded.occurred_at);
                self.close(*revocation, Ending::Lapsed);
            }
            _ => self.advance(event, recorded),
        }
    }

    /// Moves the open revocation on.
    fn advance(&mut self, event: &AccessEvent, recorded: &Recorded) {
        if let AccessEvent::AccessChecked { check, .. } = event {
            self.last_check = Some((recorded.occurred_at, check.clone()));
        }
        let there = self.reading.as_ref().map_or(&[][..], |reading| &reading.certificates);
        let Some(open) = self.open.as_mut().filter(|open| Some(open.id) == event.revocation()) else {
            return;
        };
        match event {
            AccessEvent::AccessChecked { check, .. } => {
                open.check = Some(check.clone());
                open.judged = there.to_vec();
                open.phase = Phase::Cleared;
            }
            AccessEvent::RevocationHeld { reason, .. } => {
                open.holds += 1;
                open.held_at = Some(recorded.recorded_at);
                open.phase = Phase::Held(reason.clone());
            }
            AccessEvent::RevocationApproved { .. } => {
                open.approval = Some(Approval { by: recorded.actor.clone(), at: recorded.occurred_at });
                // What was held before the check is still to be checked.
                open.phase = if open.check.is_some() { Phase::Cleared } else { Phase::Requested };
                open.attempts_before_approval = open.attempts;
                // Days may have passed: what is backed up and judged is what is there now.
                open.backed_up = false;
                open.judged = there.to_vec();
            }
            AccessEvent::PermissionsBackedUp { .. } => open.backed_up = true,
            AccessEvent::RevocationSubmitted { attempt, .. } => {
                open.attempts += 1;
                open.phase = Phase::Submitted { attempt: *attempt, at: recorded.recorded_at };
            }
            AccessEvent::RevocationOutcomeUnknown { attempt, .. } => {
                open.phase = Phase::Unknown { attempt: *attempt };
            }
            AccessEvent::RevocationFailed { attempt, failure, .. } => {
                open.phase = Phase::Failed { attempt: *attempt, failure: failure.clone() };
            }
            _ => {}
        }
    }

    fn read(&mut self, reading: &Reading, by: EventId) {
        self.issued |= reading.certificates.iter().any(|c| c.state != CertificateState::Unissued);
        self.standing_rejection &= self.is_same_access(reading);
        self.reading = Some(reading.clone());
        self.standing_refusal = None;
        self.standing_lapse = None;
        self.decided_by = vec![by];
    }

    /// Whether the reading shows the certificates and the account that are known. Certificates are compared as stored,
    /// sorted.
    pub(super) fn is_same_access(&self, reading: &Reading) -> bool {
        self.reading.as_ref().is_some_and(|known| {
            known.certificates == reading.certificates && known.account == reading.account
        })
    }

    fn close(&mut self, revocation: RevocationId, ending: Ending) {
        if let Some(open) = self.open.take_if(|open| open.id == revocation) {
            self.closed.insert(revocation, Closed { ending, approved: open.approval.is_some() });
        }
    }
}
