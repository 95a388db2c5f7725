//! Announcing a call, and what it led to.

use jiff::Timestamp;

use super::observe::{complete, observe};
use super::request::eligible;
use crate::access::command::Context;
use crate::access::eligibility::{self, Refusal};
use crate::access::events::{AccessEvent, Attempt, Failure, HoldReason};
use crate::access::state::{Access, Phase, Revocation};
use crate::access::status::Status;
use crate::policy::AccessCheck;
use crate::reading::{Bindings, Certificate, CertificateState, Reading};

/// The last look before the call: whatever has changed since the request counts.
pub(super) fn submit(
    access: &Access,
    open: &Revocation,
    reading: &Reading,
    context: &Context<'_>,
) -> Vec<AccessEvent> {
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
pub(super) fn failed(
    open: &Revocation,
    attempt: Attempt,
    failure: Failure,
    context: &Context<'_>,
) -> Vec<AccessEvent> {
    let mut events = vec![AccessEvent::RevocationFailed { revocation: open.id, attempt, failure }];
    let attempts = open.attempts - open.attempts_before_approval.min(open.attempts);
    if attempts >= context.policy.max_attempts {
        let reason = HoldReason::AttemptsExhausted { attempts };
        events.push(AccessEvent::RevocationHeld { revocation: open.id, reason });
    }
    events
}

pub(super) fn read_back(
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

/// Whether the reading alone shows that nothing is left. Permissions that were not read may be there.
fn shows_nothing_left(access: &Access, reading: &Reading, now: Timestamp) -> bool {
    matches!(reading.bindings, Bindings::Yes(_))
        && matches!(Status::of(reading, access.issued, now), Status::Deleted | Status::NotIssued)
}
