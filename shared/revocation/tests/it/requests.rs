//! A person asks for revocations.

use kubeconfig::access::Denied;
use kubeconfig::{RevocationId, Status};
use revocation::{Config, Error, Request, TimeBudget};
use rstest::rstest;

use crate::world::{ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DEV, PROD, REAPER, ROOT, World, person, request};
use cloud_emulator::Scenario;

#[tokio::test]
async fn one_cluster_several_and_all() {
    let world = World::believable().await;
    world.look().await;
    let one = world.request(CAROL, &[BATCH], "olga").await;
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].outcome.as_str(), "confirmed");
    assert_eq!(world.status(BATCH, CAROL).await, Status::Deleted);

    let several = world.request(ALICE, &[PROD, BATCH], "olga").await;
    assert_eq!(several.iter().map(|o| o.outcome.as_str()).collect::<Vec<_>>(), ["confirmed", "confirmed"]);

    let all = world.request(ALICE, &[], "olga").await;
    let words: Vec<_> =
        all.iter().map(|o| (o.pair.cluster.as_str(), o.outcome.as_str(), o.because.as_ref())).collect();
    assert_eq!(words.len(), 3);
    assert_eq!((words[2].0, words[2].1), (DEV, "held"));
    assert_eq!(words[0].2.unwrap().rule, "alreadyDeleted");
}

#[tokio::test]
async fn expired_kubeconfigs_and_permissions_that_were_left_can_be_deleted() {
    let world = World::believable().await;
    world.look().await;
    assert_eq!(world.status(PROD, CAROL).await, Status::Expired);
    assert_eq!(world.request(CAROL, &[PROD], "olga").await[0].outcome.as_str(), "confirmed");
    assert_eq!(world.status(BATCH, crate::world::LEGACY_CI).await, Status::EffectiveResidualRbac);
    assert_eq!(
        world.request(crate::world::LEGACY_CI, &[BATCH], "olga").await[0].outcome.as_str(),
        "confirmed"
    );
    assert_eq!(world.status(BATCH, crate::world::LEGACY_CI).await, Status::Deleted);
}

/// What cannot be deleted, and the rule that says so.
#[rstest]
#[case::root_account(ROOT, PROD, "rootAccount")]
#[case::the_caller_itself(REAPER, PROD, "caller")]
#[case::never_issued(BOB, DEV, "notIssued")]
#[case::removed_before(BOB, BATCH, "alreadyDeleted")]
#[case::unknown_to_the_cloud(CI_DEPLOYER, DEV, "statusUnknown")]
#[case::protected_by_configuration(CI_DEPLOYER, PROD, "protectedIdentity")]
#[case::role_of_a_function(CAROL, BATCH, "functionRole")]
#[tokio::test]
async fn what_cannot_be_deleted_is_refused_by_rule(
    #[case] uid: &str,
    #[case] cluster: &str,
    #[case] rule: &str,
) {
    let mut config = Config::default();
    match rule {
        "protectedIdentity" => config.protected.push(uid.parse().unwrap()),
        "functionRole" => config.function_roles.push(uid.parse().unwrap()),
        _ => {}
    }
    let world = World::new(Scenario::believable(), config).await;
    world.look().await;
    let outcomes = world.request(uid, &[cluster], "olga").await;
    assert_eq!(outcomes[0].outcome.as_str(), "refused");
    assert_eq!(outcomes[0].because.as_ref().unwrap().rule, rule);
    assert_eq!(world.emulator.cleans(cluster, uid).received, 0, "the cloud was not even asked");
    let revocation: RevocationId = outcomes[0].revocation.as_ref().unwrap().parse().unwrap();
    assert!(world.access(cluster, uid).await.closed.contains_key(&revocation), "the history knows");
}

#[rstest]
#[case("deleting")]
#[case("deleted")]
#[case("delete_failed")]
#[case("failed")]
#[case("a_state_of_next_year")]
#[tokio::test]
async fn in_these_states_of_a_cluster_nothing_is_deleted(#[case] state: &str) {
    let world = World::believable().await;
    world.look().await;
    world.emulator.account(|account| account.set_cluster_state(PROD, state)).unwrap();
    let outcomes = world.request(ALICE, &[PROD], "olga").await;
    assert_eq!(outcomes[0].because.as_ref().unwrap().rule, "clusterState");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn the_seven_day_check_has_three_answers() {
    let world = World::believable().await;
    world.look().await;
    let dry = |uid: &str, cluster: &str| Request { dry_run: true, ..request(uid, &[cluster]) };
    let before = world.log_length().await;
    for (uid, cluster, result, outcome) in [
        (ALICE, PROD, "NoRecords", "wouldRevoke"),
        (BOB, PROD, "RecordsFound", "wouldHold"),
        (ALICE, DEV, "CheckFailed", "wouldHold"),
    ] {
        let preview =
            world.reaper.request(&dry(uid, cluster), &person("olga"), TimeBudget::UNLIMITED).await.unwrap();
        assert_eq!(preview[0].check.as_ref().unwrap().result, result);
        assert_eq!(preview[0].outcome.as_str(), outcome);
    }
    assert_eq!(world.log_length().await, before, "a dry run stores nothing");
}

#[tokio::test]
async fn the_audit_log_answers_where_the_activity_query_does_not() {
    let mut config = Config::default();
    config.cloud.activity_state = false;
    let world = World::new(Scenario::believable(), config).await;
    world.look().await;
    assert_eq!(world.request(ALICE, &[PROD], "olga").await[0].outcome.as_str(), "confirmed");
    let held = world.request(BOB, &[PROD], "olga").await;
    assert_eq!(held[0].outcome.as_str(), "held");
    assert!(held[0].pair.last_check.as_ref().unwrap().last_access.is_some());
}

#[tokio::test]
async fn the_same_idempotency_key_means_the_same_revocation() {
    let world = World::believable().await;
    world.look().await;
    let keyed = Request { idempotency_key: Some("ticket-7".into()), ..request(ALICE, &[PROD]) };
    let mut ids = vec![];
    for _ in 0..3 {
        let outcomes = world.reaper.request(&keyed, &person("olga"), TimeBudget::UNLIMITED).await.unwrap();
        assert_eq!(outcomes[0].outcome.as_str(), "confirmed");
        ids.push(outcomes[0].revocation.clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

#[tokio::test]
async fn what_a_person_asked_for_and_was_held_needs_a_second_person() {
    let world = World::believable().await;
    world.look().await;
    let held = world.request(BOB, &[PROD], "olga").await;
    let id: RevocationId = held[0].revocation.as_ref().unwrap().parse().unwrap();
    let own = world.reaper.approve(id, None, None, &person("olga"), TimeBudget::UNLIMITED).await;
    assert!(matches!(own, Err(Error::Denied(Denied::SelfApproval(_)))));
    let other = world.reaper.approve(id, None, None, &person("peter"), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(other.outcome.as_str(), "confirmed");
    let again = world.reaper.approve(id, None, None, &person("peter"), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(again.outcome.as_str(), "confirmed", "approving again changes nothing");
}

#[tokio::test]
async fn a_rejected_revocation_is_over() {
    let world = World::believable().await;
    world.look().await;
    let held = world.request(BOB, &[PROD], "olga").await;
    let id: RevocationId = held[0].revocation.as_ref().unwrap().parse().unwrap();
    let rejected = world.reaper.reject(id, None, Some("in use".into()), &person("peter")).await.unwrap();
    assert_eq!(rejected.outcome.as_str(), "rejected");
    let late = world.reaper.approve(id, None, None, &person("peter"), TimeBudget::UNLIMITED).await;
    assert!(matches!(late, Err(Error::Denied(Denied::NotHeld { .. }))));
    assert_eq!(world.status(PROD, BOB).await, Status::Effective);
}

#[tokio::test]
async fn nobody_can_approve_what_does_not_exist() {
    let world = World::believable().await;
    let id = RevocationId::derived("none");
    let result = world.reaper.approve(id, None, None, &person("peter"), TimeBudget::UNLIMITED).await;
    assert!(matches!(result, Err(Error::NoSuchRevocation(_))));
}

#[tokio::test]
async fn a_cluster_that_does_not_exist_is_a_mistake_and_leaves_no_trace() {
    let world = World::believable().await;
    world.look().await;
    let before = world.log_length().await;
    let request = request(ALICE, &[PROD, "prod"]);
    let result = world.reaper.request(&request, &person("olga"), TimeBudget::UNLIMITED).await;
    assert!(matches!(&result, Err(Error::Invalid(why)) if why.contains("`prod`")), "{result:?}");
    assert_eq!(world.log_length().await, before);
}
