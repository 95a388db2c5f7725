//! CleanClusterUserPermissions: what it removes, and what it refuses.

use cloud_emulator::account::Cleans;
use jiff::SignedDuration;

use crate::client::{ALICE, BATCH, BOB, CI_DEPLOYER, DAVE, DEV, Keys, LEGACY_CI, PROD, REAPER, ROOT, World};

fn once() -> Cleans {
    Cleans { received: 1, effective: 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn cleaning_removes_certificate_and_permissions_and_answers_nothing() {
    let world = World::start().await;
    let answer = world.clean(PROD, ALICE, "true");
    assert_eq!((answer.status, answer.raw.len()), (200, 0));
    assert_eq!(world.states(PROD, ALICE), ["Removed"]);
    assert!(world.roles(PROD, ALICE).is_empty());
    assert_eq!(world.states(BATCH, ALICE), ["Unexpired"]);
    assert_eq!(world.roles(BATCH, ALICE), ["dev"]);
    assert_eq!(world.emulator.cleans(PROD, ALICE), once());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_certificate_of_a_cleaned_pair_opens_nothing_any_more() {
    let world = World::start().await;
    let admitted = |world: &World| {
        let now = world.emulator.now();
        world.account(|a| {
            let pair = a.kubeconfig(PROD, ALICE).expect("a pair");
            pair.certificates.iter().any(|certificate| a.admits(PROD, certificate, now))
        })
    };
    assert!(admitted(&world));
    let before = world.account(|a| a.common_name(PROD, ALICE));
    world.clean(PROD, ALICE, "true").ok();
    assert!(!admitted(&world));
    let after = world.account(|a| a.common_name(PROD, ALICE));
    assert_ne!(before, after, "the suffix is renewed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_certificate_goes_with_the_long_term_one() {
    let world = World::start().await;
    world.clean(PROD, BOB, "true").ok();
    assert_eq!(world.states(PROD, BOB), ["Removed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_that_were_left_over_are_removed_too() {
    let world = World::start().await;
    world.clean(BATCH, LEGACY_CI, "true").ok();
    assert!(world.roles(BATCH, LEGACY_CI).is_empty());
    assert_eq!(world.emulator.cleans(BATCH, LEGACY_CI), once());
}

#[tokio::test(flavor = "multi_thread")]
async fn both_spellings_of_force_are_taken_and_no_other() {
    let world = World::start().await;
    assert_eq!(world.clean(DEV, ALICE, "True").status, 200);
    assert_eq!(world.clean(DEV, DAVE, "true").status, 200);
    assert_eq!(world.clean(PROD, DAVE, "yes").error(), (400, "InvalidParameter.Force"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_force_only_what_is_known_to_be_unused_is_cleaned() {
    let world = World::start().await;
    assert_eq!(world.clean(PROD, CI_DEPLOYER, "false").error(), (400, "ErrorKubeConfigInUse"));
    assert_eq!(world.clean(DEV, ALICE, "false").error(), (400, "ErrorAccessRecordsNotFound"));
    assert_eq!(world.clean(PROD, ALICE, "false").status, 200);
    let path = format!("/cluster/{PROD}/user/{BOB}/permissions");
    assert_eq!(world.cs("DELETE", &path).error(), (400, "ErrorKubeConfigInUse"), "force is off unless given");
    assert_eq!(world.states(PROD, CI_DEPLOYER), ["Unexpired"]);
    assert_eq!(world.emulator.cleans(PROD, CI_DEPLOYER), Cleans { received: 1, effective: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_days_after_the_last_access_it_is_unused() {
    let world = World::start().await;
    world.emulator.advance(SignedDuration::from_hours(7 * 24));
    assert_eq!(world.clean(PROD, CI_DEPLOYER, "false").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_account_and_the_caller_are_never_cleaned() {
    let world = World::start().await;
    assert_eq!(world.clean(PROD, ROOT, "true").error(), (403, "Forbidden.MainAccount"));
    assert_eq!(world.clean(PROD, REAPER, "true").error(), (403, "Forbidden.OwnPermissions"));
    assert_eq!(world.states(PROD, REAPER), ["Unexpired"]);
    let bob = World::as_of(Keys::bob()).await;
    assert_eq!(bob.clean(PROD, BOB, "true").error(), (403, "Forbidden.OwnPermissions"));
    assert_eq!(bob.clean(PROD, REAPER, "true").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_cleaned_in_a_cluster_that_is_going_or_broken() {
    let world = World::start().await;
    for state in ["deleting", "deleted", "delete_failed", "failed"] {
        world.account(|a| a.set_cluster_state(PROD, state)).expect("a cluster");
        assert_eq!(world.clean(PROD, ALICE, "true").error(), (400, "ErrorClusterState"), "{state}");
    }
    world.account(|a| a.set_cluster_state(PROD, "updating")).expect("a cluster");
    assert_eq!(world.clean(PROD, ALICE, "true").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_so() {
    let world = World::start().await;
    assert_eq!(world.clean("c-none", ALICE, "true").error(), (404, "ErrorClusterNotFound"));
    assert_eq!(world.clean(PROD, "299999999999999999", "true").error(), (404, "ErrorUserNotFound"));
    assert_eq!(world.clean(PROD, "alice", "true").error(), (400, "InvalidParameter.Uid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cleaning_again_succeeds_without_effect_unless_the_knob_forbids_it() {
    let world = World::start().await;
    world.clean(PROD, ALICE, "true").ok();
    assert_eq!(world.clean(PROD, ALICE, "true").status, 200);
    world.emulator.tune(|knobs| knobs.cleaning_again_succeeds = false);
    assert_eq!(world.clean(PROD, ALICE, "true").error(), (400, "ErrorNothingToClean"));
    assert_eq!(world.emulator.cleans(PROD, ALICE), Cleans { received: 3, effective: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_leftover_of_a_deleted_user_is_cleaned_like_any_other() {
    let world = World::start().await;
    assert_eq!(world.clean(PROD, DAVE, "false").status, 200);
    assert_eq!(world.states(PROD, DAVE), ["Removed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_kubeconfig_can_be_restored_for_thirty_days_with_its_permissions() {
    let world = World::start().await;
    let before = world.account(|a| a.common_name(PROD, ALICE));
    world.clean(PROD, ALICE, "true").ok();
    let now = world.emulator.now();
    world.account(|a| a.restore_kubeconfig(PROD, ALICE, now)).expect("restored");
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    assert_eq!(world.roles(PROD, ALICE), ["ops"]);
    assert_eq!(world.account(|a| a.common_name(PROD, ALICE)), before);
    world.clean(PROD, ALICE, "true").ok();
    let later = now + SignedDuration::from_hours(31 * 24);
    assert!(world.account(|a| a.restore_kubeconfig(PROD, ALICE, later)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_fails_while_a_newer_kubeconfig_exists() {
    let world = World::start().await;
    world.clean(PROD, ALICE, "true").ok();
    world.cs("GET", &format!("/k8s/{PROD}/users/{ALICE}/user_config")).ok();
    let now = world.emulator.now();
    let refused = world.account(|a| a.restore_kubeconfig(PROD, ALICE, now)).expect_err("refused");
    assert_eq!(refused.to_string(), "a newer kubeconfig exists");
}
