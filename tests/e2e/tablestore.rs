//! The main job with the events on Tablestore, through the functions' own processes.

use std::pin::pin;
use std::process::Command;

use cloud_emulator::{Faults, HoldPoint, Service};
use event_store::EventStore as _;
use futures::{StreamExt as _, stream};
use kubeconfig::Status;
use serde_json::json;

use crate::company::{DEV, Member, PROD};
use crate::world::{NO_LEASE, ON_TABLESTORE, ONE_BY_ONE, OPERATOR, World, within};

/// Worlds at the same time.
const AT_ONCE: usize = 3;

async fn world() -> World {
    World::with_a_leaver(&[ON_TABLESTORE, NO_LEASE, ONE_BY_ONE]).await
}

async fn assert_all_is_done(world: &World) {
    world.assert_the_leaver_is_done().await;
    assert!(!world.store().exists(), "nothing went to a file");
    let (misfiled, _) = world.tablestore().misfiled(0, 1000).await.unwrap();
    assert_eq!(misfiled, []);
}

#[test]
fn the_demo_ends_well_on_tablestore() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reaper"));
    let output = command.args(["demo", "--once", "--store", "tablestore"]).output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for part in ["DeletionReceived", "approved:  by peter; confirmed", "0 of 3 certificates"] {
        assert!(told.contains(part), "{part} is missing in:\n{told}");
    }
}

/// Four functions, each a process of its own, and the command line beside them, on one store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn functions_and_the_command_line_share_the_tables() {
    let world = world().await;
    world.look().await;
    world.deliver(&world.delete(&Member::leaver())).await.unwrap();
    assert_all_is_done(&world).await;
    let (status, held) = world.get("/v1/held").await;
    assert_eq!(status, 200);
    let id = held["revocations"][0]["open_revocation"]["id"].as_str().unwrap().to_owned();
    let body = json!({ "uid": Member::user(102, &[]).uid, "clusters": [PROD], "reason": "left" });
    let (status, answer) = world.post("/v1/revocations", OPERATOR, &body).await;
    assert_eq!((status, &answer["outcomes"][0]["outcome"]), (200, &json!("confirmed")), "{answer}");
    let approved = world.run(&["approve", &id], &[ON_TABLESTORE]).await;
    assert_eq!(approved.code, Some(0), "{}", approved.err);
    world.sweep().await;
    let log = world.log().await;
    assert_eq!(log.status(DEV, &Member::leaver().uid), Status::Deleted);
    assert_eq!(log.count("RevocationConfirmed"), 4);
}

/// `history` may not append: what it leaves beside the log, a sweep takes over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_takes_an_export_over_http_is_in_the_log_after_the_next_sweep() {
    let world = World::with_a_leaver(&[ON_TABLESTORE, ("REAPER_HISTORY_RECORD_SEARCHES", "true")]).await;
    world.look().await;
    let (status, page) = world.get("/v1/events?q=type:SweepStarted").await;
    assert_eq!((status, page["events"].as_array().map(Vec::len)), (200, Some(1)), "{page}");
    let (status, export) = world.get("/v1/events/export?q=type:SweepStarted").await;
    assert_eq!((status, export.as_array().map(Vec::len)), (200, Some(1)), "{export}");
    let looks = ["HistoryQueried", "ExportBegun", "ExportTaken"];
    let before = world.log().await;
    assert_eq!(looks.map(|name| before.count(name)), [0, 0, 0]);
    world.look().await;
    let after = world.log().await;
    assert_eq!(looks.map(|name| after.count(name)), [1, 1, 1]);
    let taken = after.events.iter().find(|event| event.event.type_name() == "ExportTaken").unwrap();
    assert_eq!(taken.actor.to_string(), "viewer (http)");
    world.assert_no_panic();
}

/// Whatever the store does, short of staying away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_a_busy_tablestore_change_nothing() {
    let world = world().await;
    world.look().await;
    let hard = Faults { error_rate: 0.05, lost_response_rate: 0.05, ..Faults::default() };
    world.deployment.emulator.tune(|knobs| knobs.services.insert(Service::Tablestore, hard));
    world.deliver(&world.delete(&Member::leaver())).await.unwrap();
    for _ in 0..3 {
        world.sweep().await;
    }
    let calls = world.deployment.emulator.calls();
    let hit = calls.iter().filter(|call| call.lost || call.code.as_deref() == Some("OTSServerBusy")).count();
    assert!(hit >= 5, "{hit} of {} calls were hit: too few to show anything", calls.len());
    world.deployment.emulator.tune(|knobs| knobs.services.clear());
    assert_all_is_done(&world).await;
}

/// What puts a commit.
const COMMIT: &str = "BatchWriteRow";

/// `kill -9` in the middle of a commit: the row is stored or it is not, and its sender never hears of it.
async fn killed_at(nth: u64, point: HoldPoint) {
    let world = world().await;
    let held = world.deployment.emulator.hold_call_of(COMMIT, nth, point);
    let event = world.delete(&Member::leaver());
    let mut work = pin!(world.deliver(&event));
    tokio::select! {
        () = within("the commit", held.reached()) => {}
        ended = &mut work => panic!("it ended before the commit: {ended:?}"),
    }
    assert!(world.deployment.functions.kill("identity-deleted").await.unwrap());
    drop(held);
    assert!(within("the end of the killed", work).await.is_err(), "the caller is not told that all is well");
    world.log().await;
    world.sweep().await;
    assert_all_is_done(&world).await;
    let before = world.log().await.events.len();
    world.sweep().await;
    assert_eq!(world.log().await.events.len(), before + 2, "another sweep finds nothing to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_killed_at_any_of_its_commits_loses_nothing_and_doubles_nothing() {
    let undisturbed = world().await;
    undisturbed.deliver(&undisturbed.delete(&Member::leaver())).await.unwrap();
    let calls = undisturbed.deployment.emulator.calls();
    let stored = |call: &&cloud_emulator::Call| call.operation == COMMIT && call.code.is_none();
    let commits = calls.iter().filter(stored).count() as u64;
    assert_all_is_done(&undisturbed).await;
    let log = undisturbed.log().await;
    let expected: std::collections::BTreeSet<_> =
        log.events.iter().map(|event| (&event.stream, event.recorded_at)).collect();
    assert_eq!(commits, expected.len() as u64, "one request a commit");
    let points = [HoldPoint::Arrived, HoldPoint::CarriedOut];
    let crashes = (1..=commits).flat_map(|nth| points.map(|point| (nth, point)));
    let crashes = stream::iter(crashes).map(|(nth, point)| async move {
        let crash = tokio::spawn(killed_at(nth, point)).await;
        crash.unwrap_or_else(|error| panic!("killed at commit {nth}, {point:?}: {error}"));
    });
    crashes.buffer_unordered(AT_ONCE).collect::<()>().await;
    println!("{commits} commits, killed before and after each");
}
