//! Asking for a revocation.

use kubeconfig::Status;
use kubeconfig::access::{Command, HoldReason, Phase, Refusal, Step, Trigger};
use kubeconfig::policy::{AccessCheck, Decision, Policy, Rules};

use crate::story::{FIRST, SECOND, alice, day, given, given_nothing, uids};
use crate::words::*;

#[test]
fn a_request_keeps_what_was_read_and_asks_for_the_check() {
    given_nothing()
        .when(request(BY_DELETION, live()))
        .then([observed(live()), requested(BY_DELETION)])
        .then_phase(Phase::Requested)
        .then_step(Step::CheckAccess(FIRST));
}

#[test]
fn a_person_may_ask_for_an_identity_that_exists() {
    let active = live().account("Active");
    given([observed(active.clone())])
        .by(alice())
        .when(request(Trigger::Requested, active))
        .then([requested(Trigger::Requested)]);
}

#[test]
fn expired_and_residual_access_is_revoked_too() {
    given_nothing().when(request(Trigger::Expired, expired())).then_phase(Phase::Requested);
    given_nothing().when(request(BY_DELETION, expired())).then_phase(Phase::Requested);
    given_nothing().when(request(BY_DELETION, residual())).then_phase(Phase::Requested);
}

#[test]
fn who_asked_when_and_why_is_kept() {
    let story = given([observed(live())]).by(alice()).at(day(3)).when(Command::Request {
        revocation: FIRST,
        trigger: Trigger::Requested,
        reason: Some("left the company".into()),
        reading: live(),
        guard: None,
    });
    let open = story.open();
    assert_eq!((&open.requested_by, open.requested_at), (&alice(), day(3)));
    assert_eq!(open.reason.as_deref(), Some("left the company"));
}

#[test]
fn asking_again_changes_nothing() {
    given_nothing()
        .when(request(BY_DELETION, live()))
        .when(request(BY_DELETION, live()))
        .then_nothing_happens();
}

#[test]
fn a_second_request_finds_the_first_under_way() {
    given([observed(live()), requested(BY_DELETION)])
        .by(alice())
        .when(request_as(SECOND, Trigger::Requested, live()))
        .then_nothing_happens()
        .then_phase(Phase::Requested);
}

#[test]
fn a_request_that_finds_another_under_way_still_keeps_what_was_read() {
    given([observed(live()), requested(BY_DELETION)])
        .when(request_as(SECOND, BY_DELETION, residual()))
        .then([residual_found(residual())]);
}

#[test]
fn a_revocation_that_ended_is_not_opened_again() {
    for ending in [confirmed(gone()), rejected(), refused(Refusal::Caller)] {
        given([observed(live()), requested(BY_DELETION), ending, observed(live())])
            .when(request(BY_DELETION, live()))
            .then_nothing_happens()
            .then_nothing_is_open();
    }
}

#[test]
fn after_a_deletion_and_a_restore_there_is_another_revocation() {
    given([observed(live()), requested(BY_DELETION), confirmed(gone())])
        .when(request_as(SECOND, BY_DELETION, live()))
        .then([restored(live()), requested_as(SECOND, BY_DELETION)])
        .then_status(Status::Effective);
}

#[test]
fn a_request_that_would_pass_a_guard_is_held() {
    given_nothing()
        .when(request_in_a_flood(BY_DELETION, live()))
        .then([observed(live()), requested(BY_DELETION), held(HoldReason::Guard(flood()))])
        .then_step(Step::AwaitPerson(FIRST));
}

#[test]
fn a_rule_forbids_before_a_guard_holds() {
    given_nothing()
        .when(request_in_a_flood(BY_DELETION, live().account("Active")))
        .then_refused("identityExists");
}

// A rule asks at every sweep.

#[test]
fn a_rule_that_finds_nothing_to_do_says_nothing() {
    given_nothing().when(request(BY_DELETION, gone())).then([observed(gone())]).then_nothing_is_open();
    given_nothing().when(request(BY_DELETION, reading())).then([observed(reading())]).then_nothing_is_open();
}

#[test]
fn a_person_is_told_that_there_is_nothing_to_do() {
    given_nothing().when(request(Trigger::Requested, gone())).then_refused("alreadyDeleted");
    given_nothing().when(request(Trigger::Requested, reading())).then_refused("notIssued");
}

#[test]
fn a_refusal_that_stands_is_not_written_down_again() {
    let cluster_failed = live().cluster("failed");
    given_nothing()
        .when(request(BY_DELETION, cluster_failed.clone()))
        .then_refused("clusterState")
        .when(request_as(SECOND, BY_DELETION, cluster_failed))
        .then_nothing_happens();
}

#[test]
fn another_reason_to_refuse_is_written_down() {
    let cluster_failed = live().cluster("failed");
    let protections =
        kubeconfig::access::Protections { protected: uids(["200000000000000001"]), ..Default::default() };
    given_nothing()
        .when(request(BY_DELETION, cluster_failed.clone()))
        .protecting(protections)
        .when(request_as(SECOND, BY_DELETION, cluster_failed))
        .then_refused("protectedIdentity");
}

#[test]
fn a_rule_asks_again_once_something_has_changed() {
    given_nothing()
        .when(request(BY_DELETION, live().cluster("failed")))
        .when(request_as(SECOND, BY_DELETION, live()))
        .then([observed(live()), requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_rule_asks_again_once_a_protection_is_lifted() {
    given([observed(live()), requested(BY_DELETION), refused(Refusal::ProtectedIdentity)])
        .when(request_as(SECOND, BY_DELETION, live()))
        .then([requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn what_the_cloud_refused_is_not_asked_again_by_a_rule_until_something_changes() {
    let story = given([observed(live()), requested(BY_DELETION), refused(forbidden())]);
    story.clone().when(request_as(SECOND, BY_DELETION, live())).then_nothing_happens();
    let more = live().permission("dev");
    story
        .when(request_as(SECOND, BY_DELETION, more.clone()))
        .then([observed(more), requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_person_asks_again_whenever_they_like() {
    given([observed(live()), requested(BY_DELETION), refused(forbidden())])
        .by(alice())
        .when(request_as(SECOND, Trigger::Requested, live()))
        .then([requested_as(SECOND, Trigger::Requested)]);
}

#[test]
fn what_policy_leaves_is_not_asked_again_until_something_changes() {
    let leave = Rules { records_found: Decision::Leave, ..Rules::CAREFUL };
    let policy = Policy { identity_deleted: leave, ..Policy::default() };
    let story = given([observed(live()), requested(BY_DELETION)])
        .under(policy)
        .when(record_check(used()))
        .then_refused("policy");
    story.when(request_as(SECOND, BY_DELETION, live())).then_nothing_happens();
}

#[test]
fn what_a_person_rejected_is_not_asked_again_by_a_rule_until_the_access_changes() {
    let story = given([observed(live()), requested(BY_DELETION), held_by_check(used()), rejected()]);
    story.clone().when(request_as(SECOND, BY_DELETION, live())).then_nothing_happens();
    let renewed = live().certificate("Unexpired", Some(day(900)));
    story
        .when(request_as(SECOND, BY_DELETION, renewed.clone()))
        .then([observed(renewed), requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_cluster_that_changes_its_state_does_not_undo_a_rejection() {
    given([observed(live()), requested(BY_DELETION), held_by_check(used()), rejected()])
        .when(request_as(SECOND, BY_DELETION, live().cluster("updating")))
        .then([observed(live().cluster("updating"))])
        .when(request_as(SECOND, BY_DELETION, live()))
        .then([observed(live())]);
}

#[test]
fn a_person_who_asks_is_not_bound_by_an_earlier_rejection() {
    given([observed(live()), requested(BY_DELETION), held_by_check(used()), rejected()])
        .by(alice())
        .when(request_as(SECOND, Trigger::Requested, live()))
        .then([requested_as(SECOND, Trigger::Requested)]);
}

#[test]
fn one_who_is_deleted_after_a_rejection_is_another_matter() {
    let active = live().account("Active");
    given([observed(active), requested(Trigger::Requested), held_by_check(used()), rejected()])
        .when(request_as(SECOND, BY_DELETION, live()))
        .then([observed(live()), requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn a_check_that_found_nothing_is_no_reason_to_skip_the_next_one() {
    given([observed(live()), requested(BY_DELETION), cleared(), rejected()])
        .by(alice())
        .when(request_as(SECOND, Trigger::Requested, live()))
        .then_step(Step::CheckAccess(SECOND));
    assert_eq!(given([cleared()]).access.last_check, Some((day(0), AccessCheck::NoRecords)));
}

#[test]
fn what_the_cloud_refused_is_asked_for_again_after_a_day() {
    let story = given([observed(live()), requested(BY_DELETION), refused(forbidden())]);
    story.clone().when(request_as(SECOND, BY_DELETION, live())).then_nothing_happens();
    story.at(day(1)).when(request_as(SECOND, BY_DELETION, live())).then([requested_as(SECOND, BY_DELETION)]);
}

#[test]
fn what_policy_left_is_asked_for_again_when_policy_decides_otherwise() {
    let left = [
        observed(live()),
        requested(BY_DELETION),
        checked(used(), Decision::Leave),
        refused(Refusal::Policy { check: used() }),
    ];
    let leave = Rules { records_found: Decision::Leave, ..Rules::CAREFUL };
    let story = given(left);
    story
        .clone()
        .under(Policy { identity_deleted: leave, ..Policy::default() })
        .when(request_as(SECOND, BY_DELETION, live()))
        .then_nothing_happens();
    story.when(request_as(SECOND, BY_DELETION, live())).then([requested_as(SECOND, BY_DELETION)]);
}
