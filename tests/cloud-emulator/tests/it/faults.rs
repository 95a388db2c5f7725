//! Knobs that break calls, and the call log that tells what happened.

use cloud_emulator::account::Cleans;
use cloud_emulator::{Failure, Faults, HoldPoint, Outcome, Service};

use crate::client::{ALICE, PROD, Plain, REAPER, World, acs3};

fn clean(world: &World) -> Option<crate::client::Answer> {
    let plain = Plain::new("DELETE", &format!("/cluster/{PROD}/user/{ALICE}/permissions?Force=true"));
    let address = world.at(Service::Cs);
    acs3(plain, Service::Cs, &world.keys, &address.to_string()).send(address)
}

fn next(operation: &str, outcome: Outcome) -> Failure {
    Failure { operation: operation.to_owned(), times: 1, outcome }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_calls_fail_as_ordered_and_are_not_carried_out() {
    let world = World::start().await;
    let outcome = Outcome::Error { status: 503, code: "ServiceUnavailable".to_owned() };
    world.emulator.fail_next(next("CleanClusterUserPermissions", outcome));
    assert_eq!(clean(&world).expect("an answer").error(), (503, "ServiceUnavailable"));
    assert_eq!(world.emulator.cleans(PROD, ALICE), Cleans::default());
    assert_eq!(clean(&world).expect("an answer").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_response_was_carried_out() {
    let world = World::start().await;
    world.emulator.fail_next(next("CleanClusterUserPermissions", Outcome::LostResponse));
    assert!(clean(&world).is_none());
    assert_eq!(world.states(PROD, ALICE), ["Removed"]);
    let calls = world.emulator.calls();
    assert!(calls[0].lost && calls[0].carried_out && calls[0].status == 200);
    let record = world.emulator.trail().records().pop().expect("a record");
    assert_eq!(record["eventName"], "CleanClusterUserPermissions");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_request_was_not() {
    let world = World::start().await;
    world.emulator.fail_next(next("CleanClusterUserPermissions", Outcome::LostRequest));
    assert!(clean(&world).is_none());
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    let calls = world.emulator.calls();
    assert!(calls[0].lost && !calls[0].carried_out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_call_stays_where_it_is_held_and_is_never_answered() {
    for (point, effective) in [(HoldPoint::Arrived, 0), (HoldPoint::CarriedOut, 1)] {
        let world = World::start().await;
        let held = world.emulator.hold_call(2, point);
        world.cs("GET", "/api/v1/clusters");
        std::thread::scope(|scope| {
            let caller = scope.spawn(|| clean(&world));
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(held.reached()));
            assert!(!caller.is_finished());
            assert_eq!(world.emulator.cleans(PROD, ALICE).effective, effective, "{point:?}");
            drop(held);
            assert!(caller.join().expect("no panic").is_none(), "{point:?}");
        });
        assert_eq!(world.emulator.cleans(PROD, ALICE).effective, effective, "{point:?}");
        let call = world.emulator.calls().pop().expect("a call");
        assert_eq!((call.lost, call.carried_out), (true, effective == 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_calls_say_when_to_come_back() {
    let world = World::start().await;
    for status in [429, 400] {
        let faults =
            Faults { throttling_rate: 1.0, throttling_status: status, retry_after: 7, ..Faults::default() };
        world.emulator.tune(|knobs| knobs.everywhere = faults);
        for answer in [world.cs("GET", "/api/v1/clusters"), world.rpc(Service::Ram, "ListUsers", &[])] {
            assert_eq!(answer.error(), (status, "Throttling.User"));
            assert_eq!(answer.header("x-acs-retry-after"), "7");
        }
    }
    world.emulator.tune(|knobs| knobs.everywhere = Faults::default());
    assert_eq!(world.cs("GET", "/api/v1/clusters").status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_hit_the_share_of_calls_that_was_set_on_the_service_that_was_set() {
    let world = World::start().await;
    let half = Faults { error_rate: 0.5, ..Faults::default() };
    world.emulator.tune(|knobs| knobs.services.insert(Service::Ram, half));
    let calls = || world.rpc(Service::Ram, "ListUsers", &[]).status;
    let failed = (0..60).filter(|_| (500..504).contains(&calls())).count();
    assert!((15..46).contains(&failed), "{failed}");
    assert!((0..20).all(|_| world.cs("GET", "/api/v1/clusters").status == 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_call_is_answered_all_the_same() {
    let world = World::start().await;
    let slow = Faults { latency_ms: 5, jitter_ms: 5, ..Faults::default() };
    world.emulator.tune(|knobs| knobs.operations.insert("GetUser".to_owned(), slow));
    assert_eq!(world.rpc(Service::Ram, "GetUser", &[("UserName", "alice")]).status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_is_in_the_log_with_caller_action_target_and_outcome() {
    let world = World::start().await;
    clean(&world).expect("an answer").ok();
    world.rpc(Service::Ims, "GetUserInRecycleBin", &[("UserId", "1")]).error();
    let calls = world.emulator.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (calls[0].operation.as_str(), calls[0].caller.as_str()),
        ("CleanClusterUserPermissions", REAPER)
    );
    assert_eq!(calls[0].action, "cs:CleanClusterUserPermissions");
    let target: Vec<_> = calls[0].target.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(target, [("Force", "true"), ("ClusterId", PROD), ("Uid", ALICE)]);
    assert_eq!((calls[1].service, calls[1].status), (Service::Ims, 404));
    assert_eq!(calls[1].action, "ram:GetUserInRecycleBin");
    assert_eq!(calls[1].code.as_deref(), Some("EntityNotExist.User.RecycleBin"));
    world.emulator.forget_calls();
    assert!(world.emulator.calls().is_empty());
}
