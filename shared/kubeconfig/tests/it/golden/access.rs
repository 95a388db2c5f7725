//! Accesses to clusters.

use kubeconfig::access::{AccessEvent, Failure, HoldReason, Refusal, Trigger};
use kubeconfig::guard::Tripped;
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision};

use super::intake_id;
use crate::story::FIRST;
use crate::words::*;

pub(super) fn samples() -> Vec<AccessEvent> {
    let facts = [
        observed(live()),
        observed(gone().certificate("Unissued", None).permissions_not_read()),
        observed(
            reading()
                .certificate("Suspended", None)
                .cluster("hibernating")
                .kind("CloudBox")
                .account("Frozen"),
        ),
        restored(live()),
        residual_found(residual()),
        approved(),
        rejected(),
        lapsed(),
        backed_up(),
        submitted(1),
        submitted_with_force(2),
        confirmed(gone()),
        outcome_unknown(1),
        cleared(),
        checked(used(), Decision::Hold),
        checked(AccessCheck::RecordsFound { last_access: None }, Decision::Leave),
        checked(unaudited(), Decision::Hold),
        checked(
            AccessCheck::CheckFailed { cause: CheckFailure::Error { message: "x".into() } },
            Decision::Hold,
        ),
    ];
    let mut events: Vec<AccessEvent> = facts.into_iter().map(|fact| fact.event).collect();
    let why = |text: &str| Some(text.to_owned());
    events.push(AccessEvent::RevocationApproved { revocation: FIRST, note: why("seen") });
    events.push(AccessEvent::RevocationRejected { revocation: FIRST, note: why("in use") });
    let triggers = [
        BY_DELETION,
        Trigger::IdentityDeleted { intake: Some(intake_id()) },
        Trigger::Expired,
        Trigger::Requested,
    ];
    events.extend(triggers.map(|trigger| requested(trigger).event));
    let (trigger, reason) = (Trigger::Requested, why("left"));
    events.push(AccessEvent::RevocationRequested { revocation: FIRST, trigger, reason });
    let holds = [
        HoldReason::AccessCheck { check: used() },
        HoldReason::Guard(flood()),
        HoldReason::Guard(Tripped::Share { planned: 3, known: 9 }),
        HoldReason::AccessChanged,
        HoldReason::AttemptsExhausted { attempts: 5 },
    ];
    events.extend(holds.map(|reason| held(reason).event));
    let failed_check = AccessCheck::CheckFailed { cause: CheckFailure::Error { message: "x".into() } };
    events.push(held(HoldReason::AccessCheck { check: failed_check.clone() }).event);
    events.push(refused(Refusal::Policy { check: failed_check }).event);
    let failures = [timeout(), Failure::StillThere, Failure::PermissionsLeft];
    events.extend(failures.map(|failure| failed(1, failure).event));
    events.extend(refusals().map(|refusal| refused(refusal).event));
    events
}
