//! Events that come ten times, in another order, late or never: the same end, and each access ended once.

use std::time::Duration;

use cloud_emulator::event_bridge::Disorder;
use kubeconfig::Status;

use crate::company::{BATCH, DEV, Member, PROD, company};
use crate::log::States;
use crate::world::{UNGUARDED, World};

/// Repeats a run: `REAPER_E2E_SEED=7 cargo test -p reaper --test e2e`.
pub(crate) fn seed() -> u64 {
    let seed = std::env::var("REAPER_E2E_SEED").ok().map_or(1, |seed| seed.parse().expect("a number"));
    println!("REAPER_E2E_SEED={seed}");
    seed
}

fn leavers() -> Vec<Member> {
    vec![
        Member::user(101, &[PROD, BATCH]),
        Member::user(102, &[PROD, DEV]),
        Member::user(103, &[BATCH]),
        Member::user(104, &[PROD, BATCH, DEV]),
        Member::role(301, &[PROD]),
        Member::role(302, &[BATCH, DEV]),
    ]
}

/// Leaves under another name than the one it is known by.
fn renamed() -> Member {
    Member::user(105, &[PROD, BATCH])
}

/// Takes the name of somebody who left, and stays.
fn heir() -> Member {
    Member::user(106, &[PROD, BATCH])
}

fn stayers() -> Vec<Member> {
    vec![heir(), Member::user(107, &[PROD, DEV]), Member::role(303, &[BATCH])]
}

async fn world() -> World {
    let everybody = [leavers(), stayers(), vec![renamed()]].concat();
    let world = World::new(company(&everybody), &UNGUARDED).await;
    world.look().await;
    world
}

/// Everything happens at the same moment.
fn storm(world: &World) {
    for leaver in leavers() {
        world.delete(&leaver);
    }
    world.perform("UpdateUser", &[("UserName", &renamed().name), ("NewUserName", "once-105")]);
    world.perform("DeleteUser", &[("UserName", "once-105")]);
    world.perform("UpdateUser", &[("UserName", &heir().name), ("NewUserName", "user-101")]);
}

fn audited() -> impl Iterator<Item = (&'static str, String)> {
    let gone = leavers().into_iter().chain([renamed()]);
    gone.flat_map(|member| {
        member.audited().map(|(cluster, uid)| (cluster, uid.to_owned())).collect::<Vec<_>>()
    })
}

/// What must have come out, whatever the way.
async fn assert_ended_once(world: &World) -> States {
    let log = world.log().await;
    for (cluster, uid) in audited() {
        assert_eq!(log.status(cluster, &uid), Status::Deleted, "{cluster}/{uid}");
        world.assert_cleaned_once(&log, cluster, &uid);
    }
    for leaver in leavers().iter().filter(|leaver| leaver.clusters.contains(&DEV)) {
        assert_eq!(log.phase(DEV, &leaver.uid), Some("Held"), "{}", leaver.uid);
    }
    for stayer in stayers() {
        for cluster in stayer.clusters {
            assert_eq!(log.status(cluster, &stayer.uid), Status::Effective, "{cluster}/{}", stayer.uid);
            assert_eq!(world.deployment.emulator.cleans(cluster, &stayer.uid).received, 0);
        }
    }
    world.assert_no_panic();
    log.states()
}

async fn undisturbed() -> States {
    let world = world().await;
    storm(&world);
    world.idle().await;
    assert_ended_once(&world).await;
    world.sweep().await;
    assert_ended_once(&world).await
}

/// Events alone, then a sweep.
async fn disturbed(disorder: Disorder) {
    let world = world().await;
    world.deployment.bus.set_disorder(disorder.clone());
    storm(&world);
    world.idle().await;
    // In another order a name may come from two people in the same second: that waits, and the sweep does not need it.
    if disorder.loss == 0.0 && disorder.reorder == 0 {
        assert_ended_once(&world).await;
    }
    world.sweep().await;
    let received = world.log().await.count("DeletionReceived");
    let all = leavers().len() + 1;
    assert!(received == all || disorder.loss > 0.0 && received < all, "{received} deletions, {disorder:?}");
    assert_eq!(assert_ended_once(&world).await, undisturbed().await, "{disorder:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_comes_ten_times() {
    disturbed(Disorder { seed: seed(), copies: 10, concurrency: 4, ..Disorder::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_in_another_order() {
    let seed = seed();
    for seed in seed..seed + 3 {
        disturbed(Disorder { seed, reorder: 100, ..Disorder::default() }).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_come_after_the_sweep_has_done_their_work() {
    let world = world().await;
    let seed = seed();
    world.deployment.bus.set_disorder(Disorder {
        seed,
        delay: Duration::from_secs(2),
        ..Disorder::default()
    });
    storm(&world);
    world.sweep().await;
    assert_eq!(world.log().await.count("DeletionReceived"), 0, "they are late");
    let swept = assert_ended_once(&world).await;
    world.idle().await;
    assert_eq!(world.log().await.count("DeletionReceived"), 7);
    assert_eq!(assert_ended_once(&world).await, swept, "late events change nothing");
    assert_eq!(swept, undisturbed().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_comes_at_all() {
    disturbed(Disorder { seed: seed(), loss: 1.0, ..Disorder::default() }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_at_once() {
    let seed = seed();
    let disorder =
        Disorder { seed, copies: 3, reorder: 100, loss: 0.3, concurrency: 8, ..Disorder::default() };
    disturbed(disorder).await;
}
