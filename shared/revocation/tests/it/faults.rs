//! Things break between the steps of a revocation.

use cloud_emulator::{Failure, Outcome, Scenario};
use kubeconfig::Status;
use kubeconfig::access::Phase;
use revocation::Config;

use crate::world::{ALICE, BATCH, PROD, World};

fn fail(operation: &str, times: u32, outcome: Outcome) -> Failure {
    Failure { operation: operation.into(), times, outcome }
}

#[tokio::test]
async fn a_lost_answer_is_found_out_by_reading_not_by_calling_again() {
    let world = World::believable().await;
    world.look().await;
    world.emulator.fail_next(fail("CleanClusterUserPermissions", 1, Outcome::LostResponse));
    let outcomes = world.request(ALICE, &[PROD], "olga").await;
    assert_eq!(outcomes[0].outcome.as_str(), "confirmed");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

#[tokio::test]
async fn a_lost_request_is_found_out_by_reading_and_called_again_by_the_sweep() {
    let world = World::believable().await;
    world.look().await;
    world.emulator.fail_next(fail("CleanClusterUserPermissions", 1, Outcome::LostRequest));
    let outcomes = world.request(ALICE, &[PROD], "olga").await;
    assert_eq!(outcomes[0].outcome.as_str(), "failed");
    assert_eq!(world.status(PROD, ALICE).await, Status::Effective);
    world.sweep().await;
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
    assert_eq!(world.emulator.cleans(PROD, ALICE).effective, 1);
}

#[tokio::test]
async fn a_cloud_that_keeps_failing_is_left_alone_after_a_while_and_a_person_has_to_look() {
    let mut config = Config::default();
    config.policy.max_attempts = 2;
    let world = World::new(Scenario::believable(), config).await;
    world.look().await;
    world.emulator.fail_next(fail("CleanClusterUserPermissions", 1000, Outcome::LostRequest));
    world.request(ALICE, &[PROD], "olga").await;
    for _ in 0..4 {
        world.sweep().await;
    }
    let access = world.access(PROD, ALICE).await;
    let open = access.open.unwrap();
    assert!(matches!(open.phase, Phase::Held(_)), "{open:?}");
    assert_eq!(open.attempts, 2);
}

#[tokio::test]
async fn permissions_that_cannot_be_read_stand_in_the_way_of_a_confirmation() {
    let world = World::believable().await;
    world.look().await;
    // The backup before the call is answered; no reading after it is.
    world.emulator.tune(|knobs| {
        let faults = cloud_emulator::Faults { error_rate: 1.0, ..Default::default() };
        knobs.operations.insert("DescribeUserPermission".into(), faults);
    });
    let outcomes = world.request(ALICE, &[PROD], "olga").await;
    assert_eq!(outcomes[0].outcome.as_str(), "error", "without a backup nothing is deleted");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
    world.emulator.tune(|knobs| knobs.operations.clear());
    world.sweep().await;
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
}

#[tokio::test]
async fn in_a_storm_of_faults_everything_is_ended_once() {
    let world = World::believable().await;
    world.look().await;
    let event = world.delete_user("alice");
    world.emulator.tune(|knobs| {
        knobs.everywhere = cloud_emulator::Faults {
            error_rate: 0.05,
            throttling_rate: 0.1,
            retry_after: 1,
            lost_response_rate: 0.05,
            lost_request_rate: 0.05,
            ..Default::default()
        };
    });
    let cause = revocation::Cause::new(kubeconfig::Actor::event_bridge());
    for _ in 0..20 {
        let budget = revocation::TimeBudget::UNLIMITED;
        let _ = world.reaper.receive(event.to_string().as_bytes(), &cause, budget).await;
        let _ = world.reaper.sweep(&cause, budget).await;
        let done = world.status(PROD, ALICE).await == Status::Deleted
            && world.status(BATCH, ALICE).await == Status::Deleted;
        if done {
            break;
        }
    }
    for cluster in [PROD, BATCH] {
        assert_eq!(world.status(cluster, ALICE).await, Status::Deleted);
        assert_eq!(world.emulator.cleans(cluster, ALICE).effective, 1);
    }
}

#[tokio::test]
async fn a_store_that_cannot_write_keeps_the_cloud_untouched() {
    let world = World::believable().await;
    world.look().await;
    let reaper = world.with_read_only_store();
    let event = world.delete_user("alice");
    let cause = revocation::Cause::new(kubeconfig::Actor::event_bridge());
    let received =
        reaper.receive(event.to_string().as_bytes(), &cause, revocation::TimeBudget::UNLIMITED).await;
    assert!(received.is_err());
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn a_404_that_does_not_say_what_is_missing_makes_nobody_look_deleted() {
    let world = World::believable().await;
    world.look().await;
    let event = world.delete_user("alice");
    world.perform_ims("RestoreUserFromRecycleBin", &[("UserId", ALICE)]);
    world.emulator.fail_next(fail("GetUser", 100, Outcome::Error { status: 404, code: "NotFound".into() }));
    let cause = revocation::Cause::new(kubeconfig::Actor::event_bridge());
    let budget = revocation::TimeBudget::UNLIMITED;
    let received = world.reaper.receive(event.to_string().as_bytes(), &cause, budget).await;
    assert!(received.is_err(), "{received:?}");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn a_message_that_cannot_be_taken_now_keeps_none_back_behind_it() {
    let world = World::believable().await;
    world.look().await;
    let later = world.delete_user("alice");
    let mut first = later.clone();
    first["id"] = "first".into();
    first["data"]["requestParameters"] = serde_json::json!({ "UserId": crate::world::DAVE });
    let unavailable = Outcome::Error { status: 403, code: "Forbidden".into() };
    world.emulator.fail_next(fail("GetUser", 1, unavailable));
    let cause = revocation::Cause::new(kubeconfig::Actor::event_bridge());
    let both = serde_json::json!([first, later]).to_string();
    let received = world.reaper.receive(both.as_bytes(), &cause, revocation::TimeBudget::UNLIMITED).await;
    assert!(received.is_err(), "the first has to be delivered again: {received:?}");
    assert_eq!(world.status(PROD, ALICE).await, Status::Deleted);
}

#[tokio::test]
async fn where_the_cloud_lists_no_permissions_of_who_is_gone_the_access_is_ended_all_the_same() {
    let world = World::believable().await;
    world.look().await;
    let event = world.delete_user("alice");
    let gone = Outcome::Error { status: 404, code: "ErrorUserNotFound".into() };
    world.emulator.fail_next(fail("DescribeUserPermission", 1000, gone));
    world.receive(&event).await;
    assert_eq!(world.emulator.cleans(PROD, ALICE).effective, 1);
    let open = world.access(PROD, ALICE).await.open.unwrap();
    assert!(
        matches!(open.phase, Phase::Unknown { .. }),
        "nobody says that the permissions are gone: {open:?}"
    );
}
