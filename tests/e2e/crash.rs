//! `kill -9` at every call of a revocation: the next sweep completes it, nothing is lost and nothing done twice.
//!
//! What a process does to the world are its calls to the cloud and its commits. The emulator holds the n-th call, either
//! before or after it is carried out; the process is killed while it waits. Between two calls lie the commits, so every
//! call stands for the commits before it, too.

use std::pin::pin;

use cloud_emulator::HoldPoint;
use cloud_emulator::function_compute::InvokeError;
use futures::{StreamExt as _, stream};
use serde_json::json;

use crate::company::{DEV, Member};
use crate::world::{NO_LEASE, ONE_BY_ONE, OPERATOR, World, within};

/// Worlds at the same time.
const AT_ONCE: usize = 3;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    IdentityDeleted,
    Sweep,
    Revoke,
}

async fn world() -> World {
    World::with_a_leaver(&[NO_LEASE, ONE_BY_ONE]).await
}

impl Victim {
    const fn function(self) -> &'static str {
        match self {
            Self::IdentityDeleted => "identity-deleted",
            Self::Sweep => "expiry-sweep",
            Self::Revoke => "revoke",
        }
    }

    /// The work that is killed. An answer is a success.
    async fn work(self, world: &World) -> Result<(), String> {
        let functions = &world.deployment.functions;
        let told = |result: Result<_, InvokeError>| result.map(drop).map_err(|error| error.to_string());
        match self {
            Self::IdentityDeleted => {
                let event = world.delete(&Member::leaver());
                told(functions.invoke("identity-deleted", event.to_string()).await)
            }
            Self::Sweep => {
                world.delete(&Member::leaver());
                world.deployment.sweep("").await.map(drop).map_err(|error| error.to_string())
            }
            Self::Revoke => {
                let body = json!({ "uid": Member::leaver().uid, "clusters": "all", "reason": "left" });
                let url = format!("{}/v1/revocations", world.deployment.revoke_url());
                let sent = reqwest::Client::new().post(url).bearer_auth(OPERATOR).json(&body).send().await;
                let status = sent.map_err(|error| error.to_string())?.status();
                if status.is_success() { Ok(()) } else { Err(status.to_string()) }
            }
        }
    }
}

/// The calls that the work takes when nothing disturbs it.
async fn calls_of(victim: Victim) -> Vec<String> {
    let world = world().await;
    within("the work", victim.work(&world)).await.unwrap();
    let calls = world.deployment.emulator.calls();
    assert_all_is_done(&world, victim).await;
    calls.into_iter().map(|call| call.operation).collect()
}

async fn assert_all_is_done(world: &World, victim: Victim) {
    world.assert_the_leaver_is_done().await;
    assert_eq!(world.deployment.emulator.cleans(DEV, &Member::leaver().uid).received, 0);
    let received = world.log().await.count("DeletionReceived");
    assert_eq!(received, usize::from(victim == Victim::IdentityDeleted));
}

/// Kills the work at one call of it, and lets another process sweep.
async fn crash_at(victim: Victim, nth: u64, point: HoldPoint) {
    let world = world().await;
    let held = world.deployment.emulator.hold_call(nth, point);
    let mut work = pin!(victim.work(&world));
    tokio::select! {
        () = within("the call", held.reached()) => {}
        ended = &mut work => panic!("it ended before the call: {ended:?}"),
    }
    assert!(world.deployment.functions.kill(victim.function()).await.unwrap());
    drop(held);
    let ended = within("the end of the killed", work).await;
    assert!(ended.is_err(), "the caller is not told that all is well");
    world.log().await;
    world.sweep().await;
    // What was asked for before the crash is finished, in whatever state it was.
    let log = world.log().await;
    for (key, access) in &log.projection.accesses {
        let phase = access.open.as_ref().map(|open| open.phase.as_str());
        assert!([None, Some("Held")].contains(&phase), "{key}: {phase:?}");
    }
    if victim == Victim::Revoke {
        // Nobody was deleted here: what had not been asked for yet is asked for again.
        let _ = within("the second try", victim.work(&world)).await;
    }
    assert_all_is_done(&world, victim).await;
    let before = world.log().await.events.len();
    let again = world.sweep().await;
    assert_eq!(again["report"]["requested"], 0);
    assert_eq!(world.log().await.events.len(), before + 2, "another sweep finds nothing to do");
}

/// Crashes at all of the calls that are wanted.
async fn crash_everywhere(victim: Victim, point: HoldPoint, wanted: fn(&str) -> bool) {
    let calls = calls_of(victim).await;
    let points: Vec<u64> = (1..).zip(&calls).filter(|(_, call)| wanted(call)).map(|(nth, _)| nth).collect();
    assert!(calls.len() > 10 && points.len() > 1, "{victim:?} makes {calls:?}");
    let crashes = stream::iter(points.clone()).map(|nth| {
        let call = &calls[nth as usize - 1];
        async move {
            let crash = tokio::spawn(crash_at(victim, nth, point)).await;
            crash.unwrap_or_else(|error| {
                panic!("{victim:?} killed at call {nth}, {call}, {point:?}: {error}")
            });
        }
    });
    crashes.buffer_unordered(AT_ONCE).collect::<()>().await;
    println!("{victim:?}, {point:?}: {} crash points of {} calls", points.len(), calls.len());
}

const fn every_call(_: &str) -> bool {
    true
}

/// Those that change the cloud. Of the others it makes no difference to anybody whether they were carried out.
fn changes(operation: &str) -> bool {
    operation.starts_with("Clean")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_killed_before_a_call_is_carried_out() {
    crash_everywhere(Victim::IdentityDeleted, HoldPoint::Arrived, every_call).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_killed_after_a_call_is_carried_out() {
    crash_everywhere(Victim::IdentityDeleted, HoldPoint::CarriedOut, every_call).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_killed_before_a_call_is_carried_out() {
    crash_everywhere(Victim::Sweep, HoldPoint::Arrived, every_call).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_killed_after_a_deletion_is_carried_out() {
    crash_everywhere(Victim::Sweep, HoldPoint::CarriedOut, changes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_killed_before_a_call_is_carried_out() {
    crash_everywhere(Victim::Revoke, HoldPoint::Arrived, every_call).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_killed_after_a_deletion_is_carried_out() {
    crash_everywhere(Victim::Revoke, HoldPoint::CarriedOut, changes).await;
}
