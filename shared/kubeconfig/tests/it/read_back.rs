//! Deleted means read back.

use kubeconfig::Status;
use kubeconfig::access::{Command, Failure, HoldReason, Phase, Step};
use kubeconfig::policy::Policy;
use kubeconfig::reading::Reading;

use crate::story::{FIRST, Story, day, given};
use crate::words::*;

fn called() -> Story {
    given(called_once())
}

/// A pair that has permissions and never had a kubeconfig, after a call.
fn called_for_permissions() -> Story {
    let only_permissions = reading().certificate("Unissued", None).permission("admin");
    given([observed(only_permissions), requested(BY_DELETION), cleared(), backed_up(), submitted(1)])
}

#[track_caller]
fn says_nothing(story: Story, reading: Reading) {
    let story = story.when(read_back(reading)).then_phase(Phase::Unknown { attempt: 1 });
    let names: Vec<_> = story.events().iter().map(|event| event.revocation()).collect();
    assert_eq!(names.last(), Some(&Some(FIRST)), "the unknown outcome is stored");
}

#[test]
fn kubeconfig_and_permissions_gone_is_the_end() {
    called()
        .when(read_back(gone()))
        .then([confirmed(gone())])
        .then_status(Status::Deleted)
        .then_step(Step::Nothing)
        .when(read_back(gone()))
        .then_nothing_happens();
    called().when(read_back(reading())).then([confirmed(reading())]).then_status(Status::Deleted);
}

#[test]
fn it_is_confirmed_after_an_unknown_outcome_too() {
    called().when(record_unknown(1)).when(read_back(gone())).then([confirmed(gone())]);
}

#[test]
fn permissions_left_are_a_failure_and_a_status_of_their_own() {
    called()
        .when(read_back(residual()))
        .then([residual_found(residual()), failed(1, Failure::PermissionsLeft)])
        .then_status(Status::EffectiveResidualRbac)
        .then_step(Step::Submit(FIRST));
}

#[test]
fn a_kubeconfig_still_there_is_a_failure() {
    called().when(read_back(live())).then([failed(1, Failure::StillThere)]).then_step(Step::Submit(FIRST));
    called()
        .when(read_back(expired()))
        .then([observed(expired()), failed(1, Failure::StillThere)])
        .then_status(Status::Expired);
}

#[test]
fn a_second_certificate_left_is_a_failure() {
    let one_left = gone().certificate("Unexpired", Some(day(300)));
    called().when(read_back(one_left.clone())).then([observed(one_left), failed(1, Failure::StillThere)]);
}

#[test]
fn what_is_left_after_the_last_attempt_waits_for_a_person() {
    called().under(Policy { max_attempts: 1, ..Policy::default() }).when(read_back(residual())).then([
        residual_found(residual()),
        failed(1, Failure::PermissionsLeft),
        held(HoldReason::AttemptsExhausted { attempts: 1 }),
    ]);
}

#[test]
fn permissions_that_were_not_read_confirm_nothing() {
    says_nothing(called(), gone().permissions_not_read());
    says_nothing(called(), reading().permissions_not_read());
}

#[test]
fn permissions_that_were_read_before_confirm_nothing() {
    says_nothing(called().when(Command::Observe(gone())), gone().permissions_not_read());
}

#[test]
fn permissions_of_one_who_never_had_a_kubeconfig_have_to_be_read_too() {
    let none = reading().certificate("Unissued", None);
    called_for_permissions().when(read_back(none.clone())).then([confirmed(none.clone())]);
    says_nothing(called_for_permissions(), none.permissions_not_read());
    says_nothing(called_for_permissions(), reading().permissions_not_read());
}

#[test]
fn what_the_cloud_does_not_know_confirms_nothing_and_is_said_once() {
    says_nothing(called(), gone().certificate("Unknown", None));
    called()
        .when(read_back(gone().permissions_not_read()))
        .when(read_back(gone().permissions_not_read()))
        .then_nothing_happens()
        .then_step(Step::ReadBack(FIRST, 1))
        .when(read_back(gone()))
        .then([confirmed(gone())]);
}

#[test]
fn what_the_cloud_calls_revoked_after_a_call_can_not_be_deleted_again() {
    called().when(read_back(reading().certificate("Revoked", None))).then_refused("revoked");
    called()
        .when(record_unknown(1))
        .when(read_back(reading().certificate("Revoked", None)))
        .then_refused("revoked");
}

#[test]
fn a_cluster_that_is_deleted_with_the_outcome_open_ends_it() {
    let lost = reading().permissions_not_read().cluster("deleted");
    called().when(read_back(lost.clone())).then_refused("clusterState");
    called().when(record_unknown(1)).when(read_back(lost)).then_refused("clusterState");
}

#[test]
fn what_is_gone_is_confirmed_whatever_the_cluster_does() {
    let gone_with_it = gone().cluster("deleting");
    called().when(read_back(gone_with_it.clone())).then([confirmed(gone_with_it)]);
}

#[test]
fn a_reading_without_a_call_confirms_nothing() {
    given(ready_to_submit()).when(read_back(gone())).then_nothing_happens();
    let failed_once = called_once().into_iter().chain([failed(1, timeout())]);
    given(failed_once).when(read_back(gone())).then_nothing_happens();
}

#[test]
fn an_observation_alone_confirms_nothing() {
    called()
        .when(Command::Observe(gone()))
        .then([observed(gone())])
        .then_status(Status::Deleted)
        .then_phase(Phase::Submitted { attempt: 1, at: day(0) });
}
