//! `kill -9` at moments that nobody chose: in the middle of commits, and of what goes on beside them.

use std::sync::atomic::{AtomicBool, Ordering};

use cloud_emulator::HoldPoint;
use cloud_emulator::event_bridge::Disorder;
use kubeconfig::Status;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

use crate::company::{BATCH, Member, PROD};
use crate::disorder::seed;
use crate::log::key;
use crate::world::{NO_LEASE, ONE_BY_ONE, World, within};

/// The length of the store's write-ahead log. It grows with every page of every commit.
fn written(world: &World) -> u64 {
    std::fs::metadata(world.store().with_extension("sqlite-wal")).unwrap().len()
}

/// A world that has been looked at, with the function started and the event that it is to be told.
async fn ready() -> (World, Value) {
    let world = World::with_a_leaver(&[NO_LEASE]).await;
    world.look().await;
    let event = world.delete(&Member::leaver());
    within("a start", world.deployment.functions.start("identity-deleted")).await.unwrap();
    (world, event)
}

/// The moments are those of the machine, but the seed chooses which part of which commit is hit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killed_while_it_writes_the_store() {
    const ROUNDS: u32 = 15;
    let (undisturbed, event) = ready().await;
    let before = written(&undisturbed);
    undisturbed.deliver(&event).await.unwrap();
    let all = written(&undisturbed) - before;

    let mut random = StdRng::seed_from_u64(seed());
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let (world, event) = ready().await;
        let fatal = written(&world) + random.random_range(1..=all);
        let done = AtomicBool::new(false);
        let kill = async {
            while written(&world) < fatal && !done.load(Ordering::Relaxed) {
                tokio::task::yield_now().await;
            }
            world.deployment.functions.kill("identity-deleted").await.unwrap();
        };
        let work = async {
            let ended = world.deliver(&event).await;
            done.store(true, Ordering::Relaxed);
            ended
        };
        let (ended, _) = within("the end of the round", async { tokio::join!(work, kill) }).await;
        interrupted += u32::from(ended.is_err());
        let stored = world.log().await.events.len();
        println!("round {round}: killed {fatal} bytes into the log, {stored} events stored");
        world.sweep().await;
        world.assert_the_leaver_is_done().await;
    }
    println!("{interrupted} of {ROUNDS} were interrupted");
    assert!(interrupted >= ROUNDS / 3, "the kills come too late: {interrupted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_function_gets_its_event_again_and_needs_no_sweep() {
    let mut random = StdRng::seed_from_u64(seed());
    for point in [HoldPoint::Arrived, HoldPoint::CarriedOut] {
        let nth = random.random_range(1..=30);
        println!("killed at call {nth}, {point:?}");
        let world = World::with_a_leaver(&[NO_LEASE]).await;
        world.deployment.bus.set_disorder(Disorder::default());
        let held = world.deployment.emulator.hold_call(nth, point);
        world.delete(&Member::leaver());
        within("the call", held.reached()).await;
        assert!(world.deployment.functions.kill("identity-deleted").await.unwrap());
        drop(held);
        world.idle().await;
        world.assert_the_leaver_is_done().await;
        assert!(world.deployment.bus.deliveries()[0].tries > 1);
    }
}

/// The place of the first call that deletes.
async fn first_deletion() -> u64 {
    let world = World::with_a_leaver(&[ONE_BY_ONE]).await;
    world.deliver(&world.delete(&Member::leaver())).await.unwrap();
    let calls = world.deployment.emulator.calls();
    calls.iter().position(|call| call.operation.starts_with("Clean")).unwrap() as u64 + 1
}

/// Kills the function between the announcement of its first deletion and the answer.
async fn killed_in_a_deletion(world: &World, point: HoldPoint) {
    let held = world.deployment.emulator.hold_call(first_deletion().await, point);
    let event = world.delete(&Member::leaver());
    let kill = async {
        within("the call", held.reached()).await;
        assert!(world.deployment.functions.kill("identity-deleted").await.unwrap());
        drop(held);
    };
    let (ended, ()) = tokio::join!(world.deliver(&event), kill);
    assert!(ended.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fresh_announcement_is_left_to_the_one_who_made_it_and_taken_over_later() {
    for point in [HoldPoint::Arrived, HoldPoint::CarriedOut] {
        // The lease is a minute here, longer than the function may run: whoever announced the call may still make it.
        let world = World::with_a_leaver(&[ONE_BY_ONE]).await;
        killed_in_a_deletion(&world, point).await;
        world.sweep().await;
        let log = world.log().await;
        assert_eq!(log.phase(PROD, &Member::leaver().uid), Some("Submitted"));
        assert_eq!(log.announced(PROD, &Member::leaver().uid), 1);
        assert_eq!(log.status(BATCH, &Member::leaver().uid), Status::Deleted, "the rest goes on");

        // To a process with a shorter lease the announcement is old.
        let swept = world.run(&["sweep"], &[("REAPER_POLICY_CALL_LEASE_SECONDS", "1")]).await;
        assert!([Some(0), Some(3)].contains(&swept.code), "{}", swept.err);
        world.assert_the_leaver_is_done().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_has_the_time_waits_for_the_lease_to_end() {
    let world = World::with_a_leaver(&[("REAPER_POLICY_CALL_LEASE_SECONDS", "2"), ONE_BY_ONE]).await;
    killed_in_a_deletion(&world, HoldPoint::CarriedOut).await;
    world.sweep().await;
    world.assert_the_leaver_is_done().await;
    let log = world.log().await;
    let when = |type_name: &str| {
        let of_prod = |event: &&kubeconfig::Recorded| event.stream == key(PROD, &Member::leaver().uid).into();
        let mut events = log.events.iter().filter(of_prod);
        events.find(|event| event.event.type_name() == type_name).unwrap().recorded_at
    };
    let waited = when("RevocationConfirmed").duration_since(when("RevocationSubmitted"));
    assert!(waited.as_secs() >= 2, "{waited:?}");
}
