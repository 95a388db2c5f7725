//! A RAM user or role is deleted.

use kubeconfig::Status;
use kubeconfig::access::Ending;
use revocation::{Receipt, TimeBudget};
use serde_json::{Value, json};

use crate::world::{ALICE, BATCH, CI_DEPLOYER, DEV, PROD, World, person};

/// Name of the cluster and what became of the pair, sorted.
fn outcomes(receipts: &[Receipt]) -> Vec<(String, String)> {
    let [Receipt::Revoked { outcomes, .. }] = receipts else { panic!("{receipts:?}") };
    let mut outcomes: Vec<_> = outcomes
        .iter()
        .map(|o| (o.pair.cluster_name.clone().unwrap_or_default(), o.outcome.as_str().to_owned()))
        .collect();
    outcomes.sort();
    outcomes
}

fn expected(outcomes: &[(&str, &str)]) -> Vec<(String, String)> {
    outcomes.iter().map(|(cluster, outcome)| ((*cluster).to_owned(), (*outcome).to_owned())).collect()
}

#[tokio::test]
async fn what_was_not_used_is_deleted_and_what_cannot_be_checked_waits_for_a_person() {
    let world = World::believable().await;
    world.look().await;
    for cluster in [PROD, BATCH, DEV] {
        assert_eq!(world.status(cluster, ALICE).await, Status::Effective);
    }

    let receipts = world.receive(&world.delete_user("alice")).await;

    assert_eq!(
        outcomes(&receipts),
        expected(&[("batch", "confirmed"), ("dev", "held"), ("prod", "confirmed")])
    );
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
    assert_eq!(world.status(DEV, ALICE).await, Status::Effective);

    let held = world.access(DEV, ALICE).await.open.unwrap().id;
    let outcome =
        world.reaper.approve(held, None, None, &person("auditor"), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(outcome.outcome.as_str(), "confirmed");
    assert_eq!(world.status(DEV, ALICE).await, Status::Deleted);
    for cluster in [PROD, BATCH, DEV] {
        assert_eq!(world.emulator.cleans(cluster, ALICE).effective, 1, "{cluster}");
    }
}

#[tokio::test]
async fn a_first_message_on_an_empty_history_finds_the_user_in_the_recycle_bin() {
    let world = World::believable().await;
    let receipts = world.receive(&world.delete_user("alice")).await;
    assert_eq!(
        outcomes(&receipts),
        expected(&[("", "confirmed"), ("", "confirmed"), ("", "held")]).as_slice()
    );
    assert_eq!(world.status(BATCH, ALICE).await, Status::Deleted);
}

#[tokio::test]
async fn the_ims_record_of_the_console_means_the_same() {
    let world = World::believable().await;
    world.look().await;
    let event = world.perform_ims("DeleteUser", &[("UserPrincipalName", "alice@example.onaliyun.com")]);
    assert_eq!(event["data"]["serviceName"], "Ims");
    assert_eq!(
        outcomes(&world.receive(&event).await),
        expected(&[("batch", "confirmed"), ("dev", "held"), ("prod", "confirmed")])
    );
}

#[tokio::test]
async fn a_role_is_deleted_like_a_user_and_what_it_used_waits_for_a_person() {
    let world = World::believable().await;
    world.look().await;
    let event = world.perform("DeleteRole", &[("RoleName", "ci-deployer")]);
    let receipts = world.receive(&event).await;
    assert_eq!(
        outcomes(&receipts),
        expected(&[("batch", "held"), ("dev", "refused"), ("prod", "held")]),
        "used within seven days, of unknown status, used within seven days"
    );
    assert_eq!(world.emulator.cleans(PROD, CI_DEPLOYER).received, 0);
}

#[tokio::test]
async fn ten_copies_at_once_end_like_one() {
    let world = World::believable().await;
    world.look().await;
    let event = world.delete_user("alice");
    let copies = (0..10).map(|_| world.receive(&event));
    futures::future::join_all(copies).await;
    for cluster in [PROD, BATCH] {
        assert_eq!(world.status(cluster, ALICE).await, Status::Deleted);
        assert_eq!(world.emulator.cleans(cluster, ALICE).received, 1, "one call, not only one effect");
    }
    let closed = world.access(PROD, ALICE).await.closed;
    assert_eq!(closed.len(), 1);
}

#[tokio::test]
async fn a_lost_message_is_made_up_for_by_the_sweep() {
    let (told, untold) = (World::believable().await, World::believable().await);
    for world in [&told, &untold] {
        world.look().await;
    }
    told.receive(&told.delete_user("alice")).await;
    told.sweep().await;
    let _lost = untold.delete_user("alice");
    untold.sweep().await;
    for cluster in [PROD, BATCH, DEV] {
        let (a, b) = (told.access(cluster, ALICE).await, untold.access(cluster, ALICE).await);
        assert_eq!(a.reading, b.reading);
        assert_eq!(a.open.is_some(), b.open.is_some());
        assert_eq!(
            told.emulator.cleans(cluster, ALICE).effective,
            untold.emulator.cleans(cluster, ALICE).effective
        );
    }
}

#[tokio::test]
async fn a_message_that_comes_after_the_restoration_takes_nothing_away() {
    let world = World::believable().await;
    world.look().await;
    let event = world.delete_user("alice");
    world.perform_ims("RestoreUserFromRecycleBin", &[("UserId", ALICE)]);
    let receipts = world.receive(&event).await;
    assert_eq!(
        outcomes(&receipts),
        expected(&[("batch", "refused"), ("dev", "refused"), ("prod", "refused")])
    );
    let access = world.access(PROD, ALICE).await;
    assert_eq!(access.standing_refusal.as_ref().unwrap().1.rule(), "identityExists");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn a_message_that_calls_a_role_a_user_takes_nothing_from_the_role() {
    let world = World::believable().await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"] = json!({ "UserId": CI_DEPLOYER });
    let receipts = world.receive(&event).await;
    let refused = ("".to_owned(), "refused".to_owned());
    assert!(outcomes(&receipts).iter().all(|outcome| *outcome == refused), "{receipts:?}");
    assert_eq!(world.emulator.cleans(BATCH, CI_DEPLOYER).received, 0);
}

#[tokio::test]
async fn a_call_that_failed_deleted_nobody() {
    let world = World::believable().await;
    let mut event = world.delete_user("alice");
    event["data"]["errorCode"] = json!("DeleteConflict.User.Policy");
    let receipts = world.receive(&event).await;
    assert!(matches!(&receipts[..], [Receipt::Irrelevant { because }] if because.contains("DeleteConflict")));
}

#[tokio::test]
async fn what_is_not_understood_is_kept_and_not_delivered_again() {
    let world = World::believable().await;
    let cause = revocation::Cause::new(kubeconfig::Actor::event_bridge());
    let huge = format!("\"{}\"", "x".repeat(1 << 20));
    for body in ["", "no json", "{}", "[1]", r#"{"data":{"eventName":"DeleteUser"}}"#, &huge] {
        let receipts = world.reaper.receive(body.as_bytes(), &cause, TimeBudget::UNLIMITED).await.unwrap();
        assert!(matches!(&receipts[..], [Receipt::NotUnderstood { .. }]), "{receipts:?}");
    }
    let projection = world.reaper.history().projection().await.unwrap();
    assert_eq!(projection.intakes.len(), 6);
}

#[tokio::test]
async fn an_array_of_events_is_taken_one_by_one() {
    let world = World::believable().await;
    world.look().await;
    let (delete, create) = (world.delete_user("alice"), world.perform("CreateUser", &[("UserName", "zoe")]));
    let receipts =
        world.receive(&Value::Array(vec![create, delete, json!({"data": {"eventName": "X"}})])).await;
    assert!(matches!(
        &receipts[..],
        [Receipt::Learned { facts: 1 }, Receipt::Revoked { .. }, Receipt::Irrelevant { .. }]
    ));
}

#[tokio::test]
async fn access_that_is_restored_afterwards_is_found_and_ended_again() {
    let world = World::believable().await;
    world.look().await;
    world.receive(&world.delete_user("alice")).await;
    let now = world.emulator.now();
    world.emulator.account(|account| account.restore_kubeconfig(PROD, ALICE, now)).unwrap();
    world.look().await;
    assert_eq!(world.status(PROD, ALICE).await, Status::Effective);
    world.sweep().await;
    let access = world.access(PROD, ALICE).await;
    assert_eq!(access.closed.values().filter(|closed| closed.ending == Ending::Confirmed).count(), 2);
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
}

#[tokio::test]
async fn a_rule_that_does_not_ask_again_tells_why_and_does_not_say_that_the_access_is_gone() {
    let world = World::believable().await;
    world.look().await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"] = json!({ "UserId": crate::world::BOB });
    for id in ["first", "second"] {
        event["id"] = id.into();
        let receipts = world.receive(&event).await;
        let [Receipt::Revoked { outcomes, .. }] = &receipts[..] else { panic!("{receipts:?}") };
        let prod = outcomes.iter().find(|outcome| outcome.pair.cluster == PROD).unwrap();
        assert_eq!((prod.pair.status, prod.outcome.as_str()), (Status::Effective, "refused"), "{id}");
        assert_eq!(prod.because.as_ref().unwrap().rule, "identityExists", "{id}");
    }
}
