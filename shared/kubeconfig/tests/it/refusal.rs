//! What is never deleted. Each rule is asked twice: when a revocation is requested, and right before the call.

use kubeconfig::Status;
use kubeconfig::access::{Protections, Refusal, Trigger};
use kubeconfig::reading::{ClusterState, Reading};

use crate::story::{alice, day, given, given_nothing, uid, uids};
use crate::words::*;

const HOLDER: &str = "200000000000000001";

/// The reading is refused by this rule, as a request and as the last look before a call.
#[track_caller]
fn never(rule: &str, trigger: Trigger, reading: Reading, protections: Protections) {
    given_nothing()
        .by(alice())
        .protecting(protections.clone())
        .when(request(trigger, reading.clone()))
        .then_refused(rule);
    let story = given([observed(live()), requested(trigger), cleared(), backed_up()])
        .protecting(protections)
        .when(submit(reading))
        .then_refused(rule);
    assert_eq!(story.permit(), None);
}

fn nobody() -> Protections {
    Protections::default()
}

#[test]
fn the_root_account_by_the_word_of_the_cloud() {
    never("rootAccount", Trigger::Requested, live().kind("RootAccount"), nobody());
}

#[test]
fn the_root_account_by_its_id() {
    let roots = Protections { roots: uids([HOLDER]), ..nobody() };
    never("rootAccount", Trigger::Requested, live(), roots);
}

#[test]
fn what_may_be_a_root_account_where_the_cloud_does_not_say() {
    for (digits, is_refused) in [("1234567890123456", true), ("5234567890123456", true), (HOLDER, false)] {
        let story = given_nothing().of(uid(digits)).by(alice());
        let story = story.when(request(Trigger::Requested, live().kind("CloudBox")));
        assert_eq!(story.access.open.is_none(), is_refused, "{digits}");
    }
    let told = given_nothing().of(uid("1234567890123456")).by(alice());
    told.when(request(Trigger::Requested, live().kind("RamUser")))
        .then([observed(live()), requested(Trigger::Requested)]);
}

#[test]
fn the_caller_itself() {
    never("caller", Trigger::Requested, live(), Protections { callers: uids([HOLDER]), ..nobody() });
}

#[test]
fn the_roles_of_the_functions() {
    let roles = Protections { function_roles: uids([HOLDER]), ..nobody() };
    never("functionRole", Trigger::Requested, live().kind("RamRole"), roles);
}

#[test]
fn whom_the_operator_protects() {
    let protected = Protections { protected: uids([HOLDER]), ..nobody() };
    never("protectedIdentity", BY_DELETION, live(), protected);
}

#[test]
fn a_cluster_that_is_going_gone_or_failed_or_in_a_state_not_known() {
    for state in ["deleting", "deleted", "delete_failed", "failed", "hibernating", "Deleting", ""] {
        never("clusterState", Trigger::Requested, live().cluster(state), nobody());
    }
}

#[test]
fn the_state_of_the_cluster_is_kept_with_the_refusal() {
    given([observed(live()), requested(BY_DELETION), cleared(), backed_up()])
        .when(submit(live().cluster("deleting")))
        .then([
            observed(live().cluster("deleting")),
            refused(Refusal::ClusterState { state: ClusterState::Deleting }),
        ]);
}

#[test]
fn every_other_state_of_a_cluster_is_no_obstacle() {
    let states = [
        "initial",
        "create_timeout",
        "running",
        "updating",
        "updating_failed",
        "upgrading",
        "removing",
        "draining",
        "scaling",
        "stopped",
        "inactive",
        "unavailable",
        "waiting",
        "disconnected",
    ];
    for state in states {
        let story = given_nothing().when(request(BY_DELETION, live().cluster(state)));
        assert!(story.access.open.is_some(), "{state}");
    }
}

#[test]
fn a_kubeconfig_never_issued_revoked_or_unknown() {
    never("revoked", Trigger::Requested, reading().certificate("Revoked", None), nobody());
    never("statusUnknown", Trigger::Requested, reading().certificate("Unknown", None), nobody());
    never("statusUnknown", Trigger::Requested, reading().certificate("Suspended", None), nobody());
    never("statusUnknown", Trigger::Requested, gone().permissions_not_read(), nobody());
    never("alreadyDeleted", Trigger::Requested, gone(), nobody());
    given_nothing().by(alice()).when(request(Trigger::Requested, reading())).then_refused("notIssued");
}

#[test]
fn an_identity_that_is_not_deleted_by_the_rule_for_deleted_ones() {
    for state in ["Active", "InActive", "Frozen", "deleted", ""] {
        never("identityExists", BY_DELETION, live().account(state), nobody());
    }
}

#[test]
fn a_live_kubeconfig_by_the_rule_for_expired_ones() {
    never("notExpired", Trigger::Expired, live(), nobody());
    never("notExpired", Trigger::Expired, expired().certificate("Unexpired", Some(day(1))), nobody());
    never("notExpired", Trigger::Expired, residual(), nobody());
}

/// A clock of ours that runs ahead makes everything look expired. Only the word of the cloud ends an access by rule.
#[test]
fn a_kubeconfig_that_only_our_clock_calls_expired_by_the_rule_for_expired_ones() {
    given_nothing()
        .at(day(4000))
        .when(request(Trigger::Expired, live()))
        .then_status(Status::Expired)
        .then_refused("notExpired");
    given([observed(expired()), requested(Trigger::Expired), cleared(), backed_up()])
        .at(day(4000))
        .when(submit(live()))
        .then_refused("notExpired");
}

#[test]
fn what_was_read_before_is_never_enough() {
    given([observed(residual())])
        .by(alice())
        .when(request(Trigger::Requested, residual().permissions_not_read()))
        .then_refused("statusUnknown");
}

#[test]
fn a_rule_that_knows_of_a_deletion_is_not_alarmed_by_permissions_it_could_not_read() {
    given([observed(gone())])
        .when(request(BY_DELETION, gone().permissions_not_read()))
        .then_nothing_happens();
}

#[test]
fn every_rule_has_a_name_of_its_own_that_is_stored() {
    let rules = refusals();
    for refusal in &rules {
        assert_eq!(serde_json::to_value(refusal).unwrap()["rule"], refusal.rule());
        assert!(!refusal.to_string().is_empty());
    }
    let names: std::collections::BTreeSet<_> = rules.iter().map(Refusal::rule).collect();
    assert_eq!(names.len(), rules.len());
}
