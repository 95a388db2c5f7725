//! The sweep: alone it reaches what events reach.

use cloud_emulator::{Failure, Outcome, Scenario};
use event_store::Clock;
use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::Ending;
use kubeconfig::{Actor, Status};
use revocation::{Cause, Config, Error, TimeBudget};

use crate::world::{ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DAVE, DEV, LEGACY_CI, PROD, ROOT, World};

#[tokio::test]
async fn looking_finds_every_status_and_takes_nothing_away() {
    let world = World::believable().await;
    let looked = world.look().await;
    assert_eq!((looked.report.clusters, looked.report.next.as_deref()), (3, None));
    assert_eq!(looked.report.errors, 0);
    for (cluster, uid, status) in [
        (PROD, ROOT, Status::Effective),
        (PROD, ALICE, Status::Effective),
        (PROD, BOB, Status::Effective),
        (BATCH, BOB, Status::Deleted),
        (PROD, CAROL, Status::Expired),
        (BATCH, CAROL, Status::Effective),
        (PROD, DAVE, Status::Effective),
        (DEV, CI_DEPLOYER, Status::Unknown),
        (BATCH, LEGACY_CI, Status::EffectiveResidualRbac),
        (DEV, LEGACY_CI, Status::Expired),
    ] {
        assert_eq!(world.status(cluster, uid).await, status, "{cluster} {uid}");
    }
    assert_eq!(world.access(PROD, BOB).await.reading.unwrap().certificates.len(), 2);
    let cleans = world.emulator.calls().iter().filter(|call| call.operation.starts_with("Clean")).count();
    assert_eq!(cleans, 0);
}

#[tokio::test]
async fn looking_again_stores_nothing_about_what_has_not_changed() {
    let world = World::believable().await;
    world.look().await;
    let before = world.log_length().await;
    let again = world.look().await;
    assert_eq!(again.report.changes, 0);
    assert_eq!(world.log_length().await, before + 2, "that it looked, and that it was done");
}

#[tokio::test]
async fn leftovers_and_expired_kubeconfigs_are_ended() {
    let world = World::believable().await;
    world.sweep().await;
    assert_eq!(world.status(PROD, DAVE).await, Status::Deleted);
    assert_eq!(world.status(BATCH, LEGACY_CI).await, Status::Deleted);
    assert_eq!(world.status(PROD, CAROL).await, Status::Deleted);
    // Without audit logging nobody knows whether they were used.
    for uid in [DAVE, LEGACY_CI] {
        let open = world.access(DEV, uid).await.open.unwrap();
        assert_eq!(open.phase.as_str(), "Held");
    }
    assert_eq!(world.status(PROD, ALICE).await, Status::Effective);
    assert_eq!(world.status(PROD, BOB).await, Status::Effective);
}

#[tokio::test]
async fn a_second_sweep_asks_for_nothing_again() {
    let world = World::believable().await;
    let first = world.sweep().await;
    assert!(first.report.requested > 0);
    let second = world.sweep().await;
    assert_eq!(second.report.requested, 0);
    assert_eq!(second.report.held, first.report.held);
}

#[tokio::test]
async fn a_refusal_of_the_cloud_is_not_asked_for_again_until_something_changes() {
    let world = World::believable().await;
    world.look().await;
    world.emulator.fail_next(Failure {
        operation: "CleanClusterUserPermissions".into(),
        times: 100,
        outcome: Outcome::Error { status: 403, code: "ErrorCheckAcl".into() },
    });
    world.sweep().await;
    let refused = world.access(PROD, DAVE).await;
    assert_eq!(refused.standing_refusal.unwrap().1.rule(), "cloud");
    let calls = world.emulator.cleans(PROD, DAVE).received;
    world.sweep().await;
    assert_eq!(world.emulator.cleans(PROD, DAVE).received, calls);
}

#[tokio::test]
async fn a_protection_that_is_taken_away_lets_the_sweep_go_on() {
    let config = Config { protected: vec![DAVE.parse().unwrap()], ..Config::default() };
    let world = World::new(Scenario::believable(), config).await;
    world.sweep().await;
    world.sweep().await;
    let access = world.access(PROD, DAVE).await;
    assert_eq!(access.standing_refusal.unwrap().1.rule(), "protectedIdentity");
    assert_eq!(access.closed.len(), 1, "written down once");

    let unprotected = world.with_config(Config::default());
    unprotected.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(world.status(PROD, DAVE).await, Status::Deleted);
}

#[tokio::test]
async fn an_empty_listing_is_an_error_and_concludes_nothing() {
    let world = World::believable().await;
    world.look().await;
    let mut scenario = Scenario::believable();
    scenario.identities.retain(|identity| identity.kind != cloud_emulator::account::Kind::User);
    scenario.kubeconfigs.clear();
    let empty = World::new(scenario, Config::default()).await;
    let swept = empty.reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await;
    assert!(matches!(swept, Err(Error::EmptyListing("users"))), "{swept:?}");
}

#[tokio::test]
async fn a_flood_trips_the_guard_and_waits_for_a_person() {
    let mut config = Config::default();
    config.guard.max_identities = 1;
    let world = World::new(Scenario::believable(), config).await;
    let swept = world.sweep().await;
    assert!(swept.report.requested > 1);
    assert_eq!(swept.report.confirmed, 0);
    let cleans = world.emulator.calls().iter().filter(|call| call.operation.starts_with("Clean")).count();
    assert_eq!(cleans, 0);
    let held = world.reaper.history().held().await.unwrap();
    assert!(held.revocations.iter().all(|pair| {
        pair.open_revocation.as_ref().unwrap().held_because.as_ref().unwrap().contains("guard")
    }));
    // A person lets one of them go on: it is still checked.
    let id = world.access(PROD, DAVE).await.open.unwrap().id;
    let outcome = world
        .reaper
        .approve(id, None, None, &crate::world::person("auditor"), TimeBudget::UNLIMITED)
        .await
        .unwrap();
    assert_eq!(outcome.outcome.as_str(), "confirmed");
}

#[tokio::test]
async fn out_of_time_it_stops_and_the_next_goes_on_where_it_stopped() {
    let mut config = Config::default();
    config.sweep.concurrency = 1;
    let world = World::new(Scenario::believable(), config).await;
    let no_time = TimeBudget::UNLIMITED.at_most(std::time::Duration::from_millis(1));
    let cause = Cause::new(Actor::timer());
    let first = world.reaper.look(&cause, no_time).await.unwrap();
    assert_eq!(first.report.pairs, 0);
    assert!(first.report.next.is_some());
    let second = world.look().await;
    assert_eq!(second.report.next, None);
    assert_eq!(world.status(PROD, ALICE).await, Status::Effective);
}

#[tokio::test]
async fn a_dry_run_tells_what_a_sweep_would_do_and_stores_nothing() {
    let world = World::believable().await;
    let dry = world.reaper.sweep_dry_run(&Cause::new(Actor::timer())).await.unwrap();
    assert_eq!(world.log_length().await, 0);
    let words: Vec<_> = dry.outcomes.iter().map(|o| (o.pair.uid.as_str(), o.outcome.as_str())).collect();
    assert!(words.contains(&(DAVE, "wouldRevoke")), "{words:?}");
    assert!(words.contains(&(DAVE, "wouldHold")), "{words:?}");
    let swept = world.sweep().await;
    assert_eq!(swept.report.requested, dry.report.requested);
}

#[tokio::test]
async fn a_user_list_that_does_not_answer_for_the_deleted_is_made_up_for_by_the_clusters() {
    let world = World::believable().await;
    world.emulator.tune(|knobs| {
        knobs.user_list_answers_for_deleted = false;
        knobs.deleted_names_blank = true;
    });
    world.sweep().await;
    assert_eq!(world.status(PROD, DAVE).await, Status::Deleted);
}

#[tokio::test]
async fn invented_creations_do_not_make_a_flood_look_small() {
    let mut config = Config::default();
    config.guard.share_floor = 1;
    let world = World::new(Scenario::believable(), config).await;
    world.look().await;
    let creation = world.perform("CreateUser", &[("UserName", "zoe")]);
    let uid = creation["data"]["responseElements"]["User"]["UserId"].as_str().unwrap();
    for n in 0..50 {
        let forged = creation.to_string().replace(uid, &format!("4000000000000{n:05}"));
        let id = creation["id"].as_str().unwrap();
        let forged = forged.replace(id, &format!("forged-{n}")).replace("zoe", &format!("nobody-{n}"));
        world.receive(&serde_json::from_str(&forged).unwrap()).await;
    }
    assert!(world.reaper.history().projection().await.unwrap().identities.len() > 50);
    // Of six holders of kubeconfigs three are due: a fifth is allowed.
    let swept = world.sweep().await;
    assert_eq!((swept.report.requested, swept.report.confirmed), (5, 0));
}

#[tokio::test]
async fn what_nobody_decided_on_lapses_and_is_asked_for_again_after_a_while() {
    // The holds of this store are three weeks old.
    let past = Clock::new(|| Timestamp::now() - SignedDuration::from_hours(21 * 24));
    let world = World::with_clock(Scenario::believable(), Config::default(), past).await;
    let first = world.sweep().await;
    assert!(first.report.held > 0);
    let held = world.access(DEV, DAVE).await.open.unwrap().id;

    let second = world.sweep().await;
    assert_eq!((second.report.held, second.report.requested), (0, 0), "the rule waits for a day");
    let access = world.access(DEV, DAVE).await;
    assert_eq!((access.open, &access.closed[&held].ending), (None, &Ending::Lapsed));
    assert!(world.status(DEV, DAVE).await.is_deletable(), "nothing was taken away");

    let mut hasty = Config::default();
    hasty.policy.ask_again_hours = 0;
    let hasty = world.with_config(hasty);
    let third = hasty.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!(third.report.requested, first.report.held);
    assert_eq!(world.access(DEV, DAVE).await.open.unwrap().phase.as_str(), "Held");
}
