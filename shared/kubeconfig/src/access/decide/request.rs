//! Asking for a revocation, and the answer of the seven-day check.

use jiff::Timestamp;

use super::observe::{complete, observe};
use crate::access::command::Context;
use crate::access::eligibility::{self, Protections, Refusal};
use crate::access::events::{AccessEvent, HoldReason, Trigger};
use crate::access::state::{Access, Phase, Revocation};
use crate::access::status::Status;
use crate::guard::Tripped;
use crate::id::{KubeconfigKey, RevocationId};
use crate::policy::{AccessCheck, Decision, Policy};
use crate::reading::Reading;

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

pub(super) fn request(
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
/// What nobody decided on is asked for again after the same while.
pub fn is_worth_asking(
    access: &Access,
    trigger: &Trigger,
    verdict: &Result<(), Refusal>,
    changed: bool,
    policy: &Policy,
    now: Timestamp,
) -> bool {
    let is_old = |since: Timestamp| now.duration_since(since) >= policy.ask_again();
    let Some((since, standing)) = &access.standing_refusal else {
        let nothing_to_do = matches!(verdict, Err(refusal) if refusal.is_nothing_to_do());
        let stands = access.standing_rejection || access.standing_lapse.is_some_and(|since| !is_old(since));
        return !nothing_to_do && (changed || !stands);
    };
    let is_old = is_old(*since);
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

pub(super) fn record_check(
    open: &Revocation,
    check: &AccessCheck,
    context: &Context<'_>,
) -> Vec<AccessEvent> {
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
