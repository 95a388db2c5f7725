//! What follows from a command. Pure and total: the same state, command and context always give the same events.

use jiff::Timestamp;

use super::eligibility::{self, Protections, Refusal};
use super::events::{AccessEvent, Attempt, Failure, HoldReason, Trigger};
use super::state::{Access, Phase, Revocation};
use super::status::Status;
use crate::actor::Actor;
use crate::guard::Tripped;
use crate::id::{KubeconfigKey, RevocationId};
use crate::policy::{AccessCheck, Decision, Policy};
use crate::reading::{Bindings, Certificate, CertificateState, Permission, Reading};

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

/// The events that follow from a command; none where it changes nothing.
///
/// # Errors
/// [`Denied`] where the command does not fit what is going on. A deletion that a rule forbids is no error but the
/// event [`AccessEvent::RevocationRefused`].
pub fn decide(access: &Access, command: &Command, context: &Context<'_>) -> Result<Vec<AccessEvent>, Denied> {
    match command {
        Command::Observe(reading) => Ok(observe(access, reading, context.now)),
        Command::Request { revocation, trigger, reason, reading, guard } => {
            Ok(request(access, *revocation, *trigger, reason, reading, guard, context))
        }
        Command::RecordCheck { revocation, check } => {
            Ok(open(access, *revocation)?.map_or_else(Vec::new, |open| record_check(open, check, context)))
        }
        Command::Approve { revocation, hold, note } => approve(access, *revocation, *hold, note, context),
        Command::Reject { revocation, hold, note } => reject(access, *revocation, *hold, note, context),
        Command::BackUp { revocation, after_holds, permissions } => Ok(match open(access, *revocation)? {
            Some(open) if !open.backed_up && open.phase == Phase::Cleared && open.holds == *after_holds => {
                vec![AccessEvent::PermissionsBackedUp {
                    revocation: *revocation,
                    permissions: permissions.clone(),
                }]
            }
            _ => vec![],
        }),
        Command::Submit { revocation, reading } => Ok(match open(access, *revocation)? {
            Some(open) => submit(access, open, reading, context),
            None => vec![],
        }),
        Command::RecordRefusal { revocation, attempt, refusal } => {
            Ok(after_call(access, *revocation, *attempt)?.map_or_else(Vec::new, |open| {
                vec![AccessEvent::RevocationRefused { revocation: open.id, refusal: refusal.clone() }]
            }))
        }
        Command::RecordFailure { revocation, attempt, failure } => {
            Ok(after_call(access, *revocation, *attempt)?
                .map_or_else(Vec::new, |open| failed(open, *attempt, failure.clone(), context)))
        }
        Command::RecordUnknown { revocation, attempt, detail } => {
            Ok(match after_call(access, *revocation, *attempt)? {
                Some(Revocation { phase: Phase::Submitted { .. }, id, .. }) => {
                    vec![AccessEvent::RevocationOutcomeUnknown {
                        revocation: *id,
                        attempt: *attempt,
                        detail: detail.clone(),
                    }]
                }
                _ => vec![],
            })
        }
        Command::RecordReadBack { revocation, reading } => Ok(match open(access, *revocation)? {
            Some(open) => read_back(access, open, reading, context),
            None => vec![],
        }),
    }
}

/// Whether the access may be deleted, by a fresh reading: what a preview shows, and what every request and every call
/// is decided by.
///
/// # Errors
/// The rule that forbids it.
pub fn eligible(
    access: &Access,
    key: &KubeconfigKey,
    trigger: &Trigger,
    reading: &Reading,
    protections: &Protections,
    now: Timestamp,
) -> Result<(), Refusal> {
    let verdict_on = |reading: &Reading| {
        let status = Status::of(reading, access.issued, now);
        eligibility::check(key, trigger, reading, status, protections)
    };
    // What is known already may forbid, so that unread permissions of an access that is gone are no alarm. It never
    // allows: for that the fresh reading has to suffice by itself.
    verdict_on(&complete(access, reading))?;
    verdict_on(reading)
}

/// Whether the reading alone shows that nothing is left. Permissions that were not read may be there.
fn shows_nothing_left(access: &Access, reading: &Reading, now: Timestamp) -> bool {
    matches!(reading.bindings, Bindings::Yes(_))
        && matches!(Status::of(reading, access.issued, now), Status::Deleted | Status::NotIssued)
}

/// The open revocation of that id; `None` if it has ended.
fn open(access: &Access, revocation: RevocationId) -> Result<Option<&Revocation>, Denied> {
    match &access.open {
        Some(open) if open.id == revocation => Ok(Some(open)),
        _ if access.closed.contains_key(&revocation) => Ok(None),
        _ => Err(Denied::NoSuchRevocation(revocation)),
    }
}

/// The open revocation, if exactly this call of it is still without an outcome.
fn after_call(
    access: &Access,
    revocation: RevocationId,
    call: Attempt,
) -> Result<Option<&Revocation>, Denied> {
    Ok(open(access, revocation)?.filter(|open| match open.phase {
        Phase::Submitted { attempt, .. } | Phase::Unknown { attempt } => attempt == call,
        _ => false,
    }))
}

/// A reading is worth an event only where it changes something.
fn observe(access: &Access, seen: &Reading, now: Timestamp) -> Vec<AccessEvent> {
    let reading = complete(access, seen);
    if access.reading.as_ref() == Some(&reading) {
        return vec![];
    }
    let before = access.status(now);
    let after = Status::of(&reading, access.issued, now);
    vec![match (before, after) {
        (before, Status::EffectiveResidualRbac) if before != Status::EffectiveResidualRbac => {
            AccessEvent::ResidualRbacFound { reading }
        }
        (Status::Deleted, Status::Effective) => AccessEvent::KubeconfigRestored { reading },
        _ => AccessEvent::KubeconfigObserved { reading },
    }]
}

/// A reading in the form that is compared and stored: sorted, and with the permissions that are known already where
/// nobody asked for them this time and the certificates are the same.
fn complete(access: &Access, seen: &Reading) -> Reading {
    let mut reading = seen.clone();
    reading.certificates.sort();
    if let Bindings::Yes(permissions) = &mut reading.bindings {
        permissions.sort();
    }
    if let (Some(known), Bindings::No) = (&access.reading, &reading.bindings)
        && known.certificates == reading.certificates
    {
        reading.bindings = known.bindings.clone();
    }
    reading
}

fn request(
    access: &Access,
    revocation: RevocationId,
    trigger: Trigger,
    reason: &Option<String>,
    reading: &Reading,
    guard: &Option<Tripped>,
    context: &Context<'_>,
) -> Vec<AccessEvent> {
    let mut events = observe(access, reading, context.now);
    if access.open.is_some() || access.closed.contains_key(&revocation) {
        return events;
    }
    let verdict = eligible(access, context.key, &trigger, reading, context.protections, context.now);
    let is_rejected = access.standing_rejection && access.is_same_access(&complete(access, reading));
    let changed = !events.is_empty();
    if trigger.is_automatic()
        && (is_rejected || !is_worth_asking(access, &trigger, &verdict, changed, context.policy, context.now))
    {
        return events;
    }
    events.push(AccessEvent::RevocationRequested { revocation, trigger, reason: reason.clone() });
    match (verdict, guard) {
        (Err(refusal), _) => events.push(AccessEvent::RevocationRefused { revocation, refusal }),
        (Ok(()), Some(tripped)) => events
            .push(AccessEvent::RevocationHeld { revocation, reason: HoldReason::Guard(tripped.clone()) }),
        (Ok(()), None) => {}
    }
    events
}

/// Whether a rule should ask. It asks again at every sweep, and is not written down again while the answer stands:
/// nothing to do, or refused before with nothing `changed` since. What the cloud or policy refused is asked for again
/// after a while, and at once where today's policy decides otherwise: what stood in the way may not be in the reading.
pub fn is_worth_asking(
    access: &Access,
    trigger: &Trigger,
    verdict: &Result<(), Refusal>,
    changed: bool,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    let Some((since, standing)) = &access.standing_refusal else {
        let nothing_to_do = matches!(verdict, Err(refusal) if refusal.is_nothing_to_do());
        return !nothing_to_do && (changed || !access.standing_rejection);
    };
    let is_old = now.duration_since(*since) >= policy.ask_again();
    match (verdict, standing) {
        (Err(refusal), _) if refusal.is_nothing_to_do() => false,
        (Err(refusal), standing) => changed || refusal != standing,
        (Ok(()), Refusal::Cloud { .. }) => changed || is_old,
        (Ok(()), Refusal::Policy { check }) => {
            changed || is_old || policy.rules(trigger).decide(check) != Decision::Leave
        }
        (Ok(()), _) => true,
    }
}

fn record_check(open: &Revocation, check: &AccessCheck, context: &Context<'_>) -> Vec<AccessEvent> {
    if open.phase != Phase::Requested {
        return vec![];
    }
    let decision = context.policy.rules(&open.trigger).decide(check);
    let mut events = vec![AccessEvent::AccessChecked { revocation: open.id, check: check.clone(), decision }];
    match decision {
        Decision::Revoke => {}
        Decision::Hold => events.push(AccessEvent::RevocationHeld {
            revocation: open.id,
            reason: HoldReason::AccessCheck { check: check.clone() },
        }),
        Decision::Leave => events.push(AccessEvent::RevocationRefused {
            revocation: open.id,
            refusal: Refusal::Policy { check: check.clone() },
        }),
    }
    events
}

fn approve(
    access: &Access,
    revocation: RevocationId,
    hold: Option<u32>,
    note: &Option<String>,
    context: &Context<'_>,
) -> Result<Vec<AccessEvent>, Denied> {
    match open(access, revocation)? {
        // An answer to an earlier hold, told again: it is no answer to this one.
        Some(open) if hold.is_some_and(|hold| hold < open.holds) => Ok(vec![]),
        Some(open) if hold.is_some_and(|hold| hold > open.holds) => Err(Denied::NoSuchHold(revocation)),
        Some(open) if matches!(open.phase, Phase::Held(_)) => {
            if context.actor.channel.is_automatic() {
                return Err(Denied::NotAPerson(revocation));
            }
            if context.policy.second_person && may_be_same_person(&open.requested_by, context.actor) {
                return Err(Denied::SelfApproval(revocation));
            }
            Ok(vec![AccessEvent::RevocationApproved { revocation, note: note.clone() }])
        }
        Some(open) if open.approval.as_ref().is_some_and(|approval| approval.by == *context.actor) => {
            Ok(vec![])
        }
        Some(open) => Err(Denied::NotHeld { revocation, phase: open.phase.as_str() }),
        None if access.closed.get(&revocation).is_some_and(|closed| closed.approved) => Ok(vec![]),
        None => Err(Denied::NotHeld { revocation, phase: "ended" }),
    }
}

/// Whether the one who asked, if a person asked, may be the one who approves. Two actors are the same person if they
/// bear the same name, through whichever door they come, or if one of them is the bare token that the other one uses;
/// and who has no name at all may be anybody. A person who sets off a rule, e.g. by replaying a message, has asked, too.
fn may_be_same_person(asked: &Actor, approves: &Actor) -> bool {
    if asked.channel.is_automatic() {
        return false;
    }
    let is_nameless = |actor: &Actor| actor.human.is_none() && actor.principal.is_none();
    let is_bare_token = |actor: &Actor| actor.human.is_none();
    is_nameless(asked)
        || is_nameless(approves)
        || asked.name() == approves.name()
        || (asked.principal == approves.principal && (is_bare_token(asked) || is_bare_token(approves)))
}

/// A person may also give up what goes on failing, or what nobody can find out: there is no other way out of that.
fn reject(
    access: &Access,
    revocation: RevocationId,
    hold: Option<u32>,
    note: &Option<String>,
    context: &Context<'_>,
) -> Result<Vec<AccessEvent>, Denied> {
    match open(access, revocation)? {
        Some(open) if hold.is_some_and(|hold| hold < open.holds) => Ok(vec![]),
        Some(open) if hold.is_some_and(|hold| hold > open.holds) => Err(Denied::NoSuchHold(revocation)),
        Some(open) if matches!(open.phase, Phase::Held(_) | Phase::Failed { .. } | Phase::Unknown { .. }) => {
            if context.actor.channel.is_automatic() {
                return Err(Denied::NotAPerson(revocation));
            }
            Ok(vec![AccessEvent::RevocationRejected { revocation, note: note.clone() }])
        }
        Some(open) => Err(Denied::NotHeld { revocation, phase: open.phase.as_str() }),
        None if access.closed.get(&revocation).is_some_and(|c| c.ending == super::Ending::Rejected) => {
            Ok(vec![])
        }
        None => Err(Denied::NotHeld { revocation, phase: "ended" }),
    }
}

/// The last look before the call: whatever has changed since the request counts.
fn submit(access: &Access, open: &Revocation, reading: &Reading, context: &Context<'_>) -> Vec<AccessEvent> {
    let due = match &open.phase {
        Phase::Cleared => open.backed_up,
        Phase::Failed { .. } => true,
        _ => false,
    };
    if !due || access.unrecognised {
        return vec![];
    }
    let mut events = observe(access, reading, context.now);
    match eligible(access, context.key, &open.trigger, reading, context.protections, context.now) {
        // Gone without our doing, or by a call whose answer was lost.
        Err(Refusal::AlreadyDeleted | Refusal::NotIssued)
            if open.attempts > 0 && shows_nothing_left(access, reading, context.now) =>
        {
            return vec![AccessEvent::RevocationConfirmed {
                revocation: open.id,
                reading: complete(access, reading),
            }];
        }
        Err(refusal) => events.push(refused(open, refusal)),
        Ok(()) if reading.certificates.iter().any(|c| is_new(open, c)) => events
            .push(AccessEvent::RevocationHeld { revocation: open.id, reason: HoldReason::AccessChanged }),
        Ok(()) => events.push(AccessEvent::RevocationSubmitted {
            revocation: open.id,
            attempt: open.attempts + 1,
            // Without this the cloud refuses what was used, or what it cannot check (alibaba-cloud: `Force`).
            force: !matches!(open.check, Some(AccessCheck::NoRecords)),
        }),
    }
    events
}

/// Whether a certificate was issued after the access was checked or approved. Its state may have changed meanwhile, its
/// end does not.
fn is_new(open: &Revocation, certificate: &Certificate) -> bool {
    let issued =
        |state: &CertificateState| matches!(state, CertificateState::Unexpired | CertificateState::Expired);
    issued(&certificate.state)
        && !open
            .judged
            .iter()
            .any(|judged| issued(&judged.state) && judged.expires_at == certificate.expires_at)
}

/// A failure, and the hold that follows where policy allows no further call.
fn failed(open: &Revocation, attempt: Attempt, failure: Failure, context: &Context<'_>) -> Vec<AccessEvent> {
    let mut events = vec![AccessEvent::RevocationFailed { revocation: open.id, attempt, failure }];
    let attempts = open.attempts - open.attempts_before_approval.min(open.attempts);
    if attempts >= context.policy.max_attempts {
        let reason = HoldReason::AttemptsExhausted { attempts };
        events.push(AccessEvent::RevocationHeld { revocation: open.id, reason });
    }
    events
}

fn read_back(
    access: &Access,
    open: &Revocation,
    reading: &Reading,
    context: &Context<'_>,
) -> Vec<AccessEvent> {
    let (Phase::Submitted { attempt, .. } | Phase::Unknown { attempt }) = open.phase else { return vec![] };
    if shows_nothing_left(access, reading, context.now) {
        return vec![AccessEvent::RevocationConfirmed {
            revocation: open.id,
            reading: complete(access, reading),
        }];
    }
    let observed_and = |event| {
        let mut events = observe(access, reading, context.now);
        events.extend::<Vec<_>>(event);
        events
    };
    match Status::of(reading, access.issued, context.now) {
        Status::EffectiveResidualRbac => {
            observed_and(failed(open, attempt, Failure::PermissionsLeft, context))
        }
        Status::Effective | Status::Expired => {
            observed_and(failed(open, attempt, Failure::StillThere, context))
        }
        // Neither may be called for again, so that there would be no end to reading.
        Status::Revoked => observed_and(vec![refused(open, Refusal::Revoked)]),
        _ => match (eligibility::check_cluster(&reading.cluster_state), &open.phase) {
            (Err(refusal), _) => observed_and(vec![refused(open, refusal)]),
            // Not enough was read to know: say so once, and read again later.
            (Ok(()), Phase::Submitted { .. }) => vec![AccessEvent::RevocationOutcomeUnknown {
                revocation: open.id,
                attempt,
                detail: "the reading after the call does not show whether the access is gone".into(),
            }],
            (Ok(()), _) => vec![],
        },
    }
}

const fn refused(open: &Revocation, refusal: Refusal) -> AccessEvent {
    AccessEvent::RevocationRefused { revocation: open.id, refusal }
}
