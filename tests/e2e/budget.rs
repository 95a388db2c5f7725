//! A sweep that has not the time for everybody: it answers before its deadline, and the next ones go on where it stopped.

use std::time::Duration;

use cloud_emulator::Faults;
use kubeconfig::run::RunEvent;
use kubeconfig::{Event, Status, StreamId};

use crate::company::{Member, PROD, company};
use crate::world::{ONE_BY_ONE, World};

const PEOPLE: usize = 300;

/// Of a deadline, a sweep keeps 3 s to answer, 40 % of the rest to act in, and begins to look at somebody with 15 s left:
/// about a second is left to look in.
const TIMEOUT: Duration = Duration::from_secs(30);

/// More runs than it takes, by far.
const RUNS_MAX: usize = 20;

/// Every 25th has left before anybody looked: 12 people.
fn people() -> Vec<Member> {
    let member = |number| Member::user(number, &[PROD]);
    (1..=PEOPLE).map(|n| if n % 25 == 0 { member(n).deleted() } else { member(n) }).collect()
}

async fn world(env: &[(&str, &str)]) -> World {
    let env = [&[ONE_BY_ONE], env].concat();
    let world = World::with(company(&people()), &env, |program| program.timeout = TIMEOUT).await;
    world.lose_events();
    world.deployment.emulator.tune(|knobs| {
        knobs.everywhere = Faults { latency_ms: 20, ..Faults::default() };
    });
    world
}

/// Sweeps until one reaches the end; answers how many it took.
async fn sweep_to_the_end(world: &World, mut after_each: impl FnMut(&World)) -> usize {
    for run in 1..=RUNS_MAX {
        let swept = world.sweep().await;
        assert_eq!(swept["report"]["errors"], 0, "{swept}");
        after_each(world);
        if swept["report"].get("next").is_none() {
            return run;
        }
    }
    panic!("the end is not reached in {RUNS_MAX} runs");
}

fn cleaned(world: &World) -> Vec<Member> {
    let cleans = |member: &Member| world.deployment.emulator.cleans(PROD, &member.uid).effective;
    people().into_iter().filter(|member| cleans(member) > 0).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_seen_and_every_leftover_ended_within_a_bounded_number_of_runs() {
    let world = world(&[]).await;
    let runs = sweep_to_the_end(&world, |_| {}).await;
    assert!(runs > 1, "one run had the time for everybody: nothing is shown");
    println!("{runs} runs");
    // What the last run found without the time to end it.
    world.sweep().await;
    let log = world.log().await;
    assert_eq!(log.projection.accesses.len(), PEOPLE, "everybody is seen");
    for member in people() {
        if member.deleted {
            assert_eq!(log.status(PROD, &member.uid), Status::Deleted, "{}", member.name);
            world.assert_cleaned_once(&log, PROD, &member.uid);
        } else {
            assert_eq!(log.status(PROD, &member.uid), Status::Effective, "{}", member.name);
        }
    }
    assert_eq!(cleaned(&world).len(), PEOPLE / 25);
    // Each run that was cut begins where the one before ended, and says so.
    let mut stopped: Option<String> = None;
    for event in log.events.iter().filter(|event| matches!(event.stream, StreamId::Run(_))) {
        match &event.event {
            Event::Run(RunEvent::SweepStarted { resumed_from }) => assert_eq!(*resumed_from, stopped),
            Event::Run(RunEvent::SweepCompleted(report)) => stopped.clone_from(&report.next),
            _ => {}
        }
    }
    assert_eq!(world.starts("expiry-sweep"), 1, "no run was cut off by the platform");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_that_comes_in_drops_from_run_to_run_still_trips_the_guard() {
    const BOUND: usize = 5;
    let world = world(&[("REAPER_GUARD_MAX_IDENTITIES", "5")]).await;
    let within_bounds = |world: &World| {
        let cleaned = cleaned(world).len();
        assert!(cleaned <= BOUND, "{cleaned} lost their access, {BOUND} may");
    };
    sweep_to_the_end(&world, within_bounds).await;
    world.sweep().await;
    within_bounds(&world);
    let log = world.log().await;
    assert!(log.count("GuardTripped") > 0);
    let held = people().iter().filter(|member| log.phase(PROD, &member.uid) == Some("Held")).count();
    assert_eq!(held + cleaned(&world).len(), PEOPLE / 25, "what is not ended waits for a person");
}
