//! Names are reused. Whose name was it?

use cloud_emulator::Scenario;
use event_store::{Filter, Order};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::intake::{Intake, IntakeEvent};
use kubeconfig::{Event, Status};
use revocation::{Config, Error, Receipt, TimeBudget};

use crate::world::{ALICE, PROD, World, person};

fn unresolved(receipts: &[Receipt]) -> kubeconfig::IntakeId {
    let [Receipt::Unresolved { intake }] = receipts else { panic!("{receipts:?}") };
    *intake
}

#[tokio::test]
async fn a_new_user_of_the_same_name_keeps_her_access() {
    let world = World::believable().await;
    world.look().await;
    let deletion = world.delete_user("alice");
    let creation = world.perform("CreateUser", &[("UserName", "alice")]);
    let new = creation["data"]["responseElements"]["User"]["UserId"].as_str().unwrap().to_owned();
    world.issue(PROD, &new);
    // Reordered: the creation is told first.
    world.receive(&creation).await;
    let receipts = world.receive(&deletion).await;
    match &receipts[..] {
        [Receipt::Revoked { uid, .. }] => assert_eq!(uid.as_str(), ALICE),
        // Both within one second: nobody can tell, so a person is asked.
        [Receipt::Unresolved { .. }] => {}
        other => panic!("{other:?}"),
    }
    world.sweep().await;
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
    assert_eq!(world.status(PROD, &new).await, Status::Effective);
    assert_eq!(world.emulator.cleans(PROD, &new).received, 0);
}

#[tokio::test]
async fn a_renamed_user_is_known_by_the_new_name() {
    let world = World::believable().await;
    world.look().await;
    let renamed = world.perform("UpdateUser", &[("UserName", "alice"), ("NewUserName", "alicia")]);
    assert!(matches!(&world.receive(&renamed).await[..], [Receipt::Learned { facts: 1 }]));
    let receipts = world.receive(&world.delete_user("alicia")).await;
    assert!(matches!(&receipts[..], [Receipt::Revoked { uid, .. }] if uid.as_str() == ALICE));
}

#[tokio::test]
async fn a_name_that_nobody_bore_is_held_and_a_person_may_dismiss_it() {
    let world = World::believable().await;
    world.look().await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"]["UserName"] = "nobody".into();
    let intake = unresolved(&world.receive(&event).await);
    assert_eq!(world.reaper.history().held().await.unwrap().messages.len(), 1);

    let dismissed = world.reaper.dismiss(intake, "a test".into(), &person("auditor")).await.unwrap();
    assert_eq!(dismissed, Receipt::Dismissed { intake });
    assert_eq!(world.reaper.history().held().await.unwrap().messages, vec![]);
    assert_eq!(world.receive(&event).await, [Receipt::Dismissed { intake }]);
}

/// A message about a name that nobody bore, received so many days ago.
async fn held_since(days: i64, config: Config) -> (World, kubeconfig::IntakeId, serde_json::Value) {
    let clock = event_store::Clock::new(move || Timestamp::now() - SignedDuration::from_hours(24 * days));
    let world = World::with_clock(Scenario::believable(), config, clock).await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"]["UserName"] = "nobody".into();
    let intake = unresolved(&world.receive(&event).await);
    (world, intake, event)
}

#[tokio::test]
async fn a_message_that_nobody_decides_on_lapses_and_nothing_follows_from_it() {
    let (world, intake, event) = held_since(30, Config::default()).await;
    world.sweep().await;
    assert_eq!(world.reaper.history().held().await.unwrap().messages, vec![]);
    let filter = Filter { types: vec!["DeletionLapsed".into()], ..Filter::default() };
    let told = world.store.query(&filter, Order::Oldest, None, 10).await.unwrap().events;
    let [lapsed] = &told[..] else { panic!("one fact: {told:?}") };
    assert_eq!(lapsed.event, Event::Intake(IntakeEvent::DeletionLapsed { days: 30 }));
    assert_eq!(lapsed.actor, kubeconfig::Actor::timer());

    world.sweep().await;
    assert_eq!(world.store.query(&filter, Order::Oldest, None, 10).await.unwrap().events.len(), 1, "once");
    assert_eq!(world.receive(&event).await, [Receipt::Lapsed { intake }], "a repeat does not revive it");
    let late = world.reaper.dismiss(intake, "late".into(), &person("auditor")).await;
    assert!(matches!(late, Err(Error::IntakeNotHeld(_))));
    let uid = ALICE.parse().unwrap();
    let late = world.reaper.resolve_by_hand(intake, uid, &person("auditor"), TimeBudget::UNLIMITED).await;
    assert!(matches!(late, Err(Error::IntakeNotHeld(_))));
}

#[rstest::rstest]
#[case::not_yet(29, 30)]
#[case::never(3000, 0)]
#[tokio::test]
async fn until_then_it_waits(#[case] days: i64, #[case] bound: u32) {
    let mut config = Config::default();
    config.policy.message_hold_days = bound;
    let (world, intake, event) = held_since(days, config).await;
    world.sweep().await;
    assert_eq!(world.reaper.history().held().await.unwrap().messages.len(), 1);
    assert_eq!(world.receive(&event).await, [Receipt::Unresolved { intake }]);
}

#[tokio::test]
async fn a_person_says_whose_name_it_was() {
    let world = World::believable().await;
    world.look().await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"]["UserName"] = "nobody".into();
    let intake = unresolved(&world.receive(&event).await);
    let auditor = person("auditor");
    let refused = world
        .reaper
        .resolve_by_hand(intake, crate::world::BOB.parse().unwrap(), &auditor, TimeBudget::UNLIMITED)
        .await;
    assert!(matches!(refused, Err(Error::Invalid(_))), "bob exists");
    let receipt = world
        .reaper
        .resolve_by_hand(intake, ALICE.parse().unwrap(), &auditor, TimeBudget::UNLIMITED)
        .await
        .unwrap();
    assert!(matches!(receipt, Receipt::Revoked { .. }));
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
}

#[tokio::test]
async fn a_person_cannot_say_that_it_was_somebody_who_exists_whatever_is_known_here() {
    let world = World::believable().await;
    let mut event = world.delete_user("alice");
    event["data"]["requestParameters"]["UserName"] = "nobody".into();
    let intake = unresolved(&world.receive(&event).await);
    for living in [crate::world::BOB, crate::world::CI_DEPLOYER, crate::world::ROOT] {
        let uid = living.parse().unwrap();
        let refused =
            world.reaper.resolve_by_hand(intake, uid, &person("auditor"), TimeBudget::UNLIMITED).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{living}: {refused:?}");
    }
    let projection = world.reaper.history().projection().await.unwrap();
    assert!(projection.identities.is_empty());
}

#[tokio::test]
async fn a_deletion_that_came_before_its_creation_was_known_is_settled_by_the_sweep() {
    let world = World::believable().await;
    world.look().await;
    let creation = world.perform("CreateUser", &[("UserName", "zoe")]);
    let zoe = creation["data"]["responseElements"]["User"]["UserId"].as_str().unwrap().to_owned();
    let mut deletion = world.delete_user("zoe");
    // Neither recycle bin nor audit trail know her.
    world.perform_ims("DeleteUserInRecycleBin", &[("UserId", &zoe)]);
    world.emulator.fail_next(cloud_emulator::Failure {
        operation: "LookupEvents".into(),
        times: 1,
        outcome: cloud_emulator::Outcome::Error { status: 403, code: "Forbidden".into() },
    });
    deletion["data"]["eventTime"] = world.second_later(&creation).into();
    let intake = unresolved(&world.receive(&deletion).await);
    world.receive(&creation).await;
    world.sweep().await;
    let projection = world.reaper.history().projection().await.unwrap();
    assert!(matches!(&projection.intakes[&intake].1, Intake::Resolved { uid, .. } if uid.as_str() == zoe));
}

#[tokio::test]
async fn a_message_gives_nobody_a_name_that_the_cloud_does_not_know() {
    let world = World::believable().await;
    world.look().await;
    let mut forged = world.perform("UpdateUser", &[("UserName", "alice"), ("NewUserName", "alicia")]);
    for (uid, from) in [(crate::world::BOB, "bob"), (crate::world::ROOT, "root")] {
        let parameters = serde_json::json!({ "UserId": uid, "UserName": from, "NewUserName": "carol" });
        forged["data"]["requestParameters"] = parameters;
        world.receive(&forged).await;
        let projection = world.reaper.history().projection().await.unwrap();
        assert_eq!(projection.identities[&uid.parse().unwrap()].name, from.into());
    }
}
