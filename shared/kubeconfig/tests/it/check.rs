//! The seven-day check: three answers, three decisions, three causes.

use kubeconfig::access::{Denied, Phase, Trigger};
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision, Policy, Rules};

use crate::story::{FIRST, SECOND, alice, given};
use crate::words::*;

const TRIGGERS: [Trigger; 3] = [BY_DELETION, Trigger::Expired, Trigger::Requested];
const DECISIONS: [Decision; 3] = [Decision::Revoke, Decision::Hold, Decision::Leave];

fn answers() -> [AccessCheck; 3] {
    [AccessCheck::NoRecords, used(), unaudited()]
}

/// A policy that decides so on this answer for this cause, and otherwise in every other.
fn policy(trigger: Trigger, check: &AccessCheck, decision: Decision) -> Policy {
    let other = if decision == Decision::Leave { Decision::Revoke } else { Decision::Leave };
    let mut rules = Rules { no_records: other, records_found: other, check_failed: other };
    match check {
        AccessCheck::NoRecords => rules.no_records = decision,
        AccessCheck::RecordsFound { .. } => rules.records_found = decision,
        AccessCheck::CheckFailed { .. } => rules.check_failed = decision,
    }
    let others = Rules { no_records: other, records_found: other, check_failed: other };
    let mut policy =
        Policy { identity_deleted: others, expired: others, requested: others, ..Policy::default() };
    match trigger {
        Trigger::IdentityDeleted { .. } => policy.identity_deleted = rules,
        Trigger::Expired => policy.expired = rules,
        Trigger::Requested => policy.requested = rules,
    }
    policy
}

#[test]
fn policy_decides_on_each_answer_for_each_cause() {
    for trigger in TRIGGERS {
        for check in answers() {
            for decision in DECISIONS {
                let story = given([observed(expired()), requested(trigger)])
                    .under(policy(trigger, &check, decision))
                    .when(record_check(check.clone()));
                match decision {
                    Decision::Revoke => {
                        story.then([checked(check.clone(), decision)]).then_phase(Phase::Cleared);
                    }
                    Decision::Hold => {
                        story.then([checked(check.clone(), decision), held_by_check(check.clone())]);
                    }
                    Decision::Leave => {
                        story.then_refused("policy").then_nothing_is_open();
                    }
                }
            }
        }
    }
}

#[test]
fn out_of_the_box_only_what_was_not_used_is_deleted_unasked() {
    for trigger in TRIGGERS {
        let story = || given([observed(expired()), requested(trigger)]);
        story().when(record_check(AccessCheck::NoRecords)).then([cleared()]);
        for check in [used(), unaudited()] {
            story()
                .when(record_check(check.clone()))
                .then([checked(check.clone(), Decision::Hold), held_by_check(check)]);
        }
    }
}

#[test]
fn a_check_that_failed_for_whatever_cause_is_not_an_unused_kubeconfig() {
    let network = AccessCheck::CheckFailed { cause: CheckFailure::Error { message: "no route".into() } };
    given([observed(live()), requested(BY_DELETION)])
        .when(record_check(network.clone()))
        .then([checked(network.clone(), Decision::Hold), held_by_check(network)]);
}

#[test]
fn the_first_answer_counts() {
    given([observed(live()), requested(BY_DELETION), cleared()])
        .when(record_check(used()))
        .then_nothing_happens();
    given([observed(live()), requested(BY_DELETION), checked(used(), Decision::Hold), held_by_check(used())])
        .when(record_check(AccessCheck::NoRecords))
        .then_nothing_happens();
}

#[test]
fn an_answer_for_what_has_ended_changes_nothing() {
    given([observed(live()), requested(BY_DELETION), rejected()])
        .when(record_check(AccessCheck::NoRecords))
        .then_nothing_happens();
}

#[test]
fn an_answer_for_what_nobody_asked_is_denied() {
    given([observed(live()), requested_as(SECOND, BY_DELETION)])
        .by(alice())
        .when(record_check(AccessCheck::NoRecords))
        .then_denied(Denied::NoSuchRevocation(FIRST));
}

#[test]
fn the_cloud_checks_again_unless_ours_was_not_clean() {
    let ready = |check: AccessCheck, more: Option<_>| {
        let facts = [observed(live()), requested(BY_DELETION), checked(check, Decision::Revoke), backed_up()];
        given(facts.into_iter().chain(more)).when(submit(live()))
    };
    ready(AccessCheck::NoRecords, None).then([submitted(1)]);
    ready(used(), None).then([submitted_with_force(1)]);
    ready(unaudited(), None).then([submitted_with_force(1)]);
    let story = ready(used(), None);
    assert!(story.permit().unwrap().force());
}
