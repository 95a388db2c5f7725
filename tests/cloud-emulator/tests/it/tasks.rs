//! CleanUserPermissions: a task that completes later, with a result per cluster.

use cloud_emulator::Service;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::client::{ALICE, BATCH, BOB, DAVE, DEV, PROD, REAPER, ROOT, World};

/// A world whose tasks take an hour per cluster, of a clock that only the test moves on.
async fn slow() -> World {
    let world = World::start().await;
    world.emulator.tune(|knobs| knobs.task_step_ms = 3_600_000);
    world
}

fn start(world: &World, uid: &str, query: &str) -> String {
    let answer = world.cs("DELETE", &format!("/users/{uid}/permissions?{query}")).ok();
    assert!(answer["request_id"].is_string());
    answer["task_id"].as_str().expect("a task id").to_owned()
}

fn task(world: &World, id: &str) -> Value {
    world.cs("GET", &format!("/tasks/{id}")).ok()
}

fn hours(world: &World, hours: i64) {
    world.emulator.advance(SignedDuration::from_hours(hours));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_cleans_one_cluster_after_the_other_and_then_succeeds() {
    let world = slow().await;
    let id = start(&world, ALICE, &format!("ClusterIds={PROD},{BATCH}&Force=true"));
    assert!(id.starts_with(&format!("clean-user-permissions-{ALICE}-")));
    assert_eq!(task(&world, &id)["state"], "running");
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    hours(&world, 1);
    assert_eq!(task(&world, &id)["state"], "running");
    assert_eq!(world.states(PROD, ALICE), ["Removed"]);
    assert_eq!(world.states(BATCH, ALICE), ["Unexpired"]);
    hours(&world, 1);
    let ended = task(&world, &id);
    assert_eq!(ended["state"], "success");
    let results = json!([{"data": PROD, "status": "success"}, {"data": BATCH, "status": "success"}]);
    assert_eq!(ended["task_result"], results);
    assert_eq!(world.states(BATCH, ALICE), ["Removed"]);
    assert_eq!(world.states(DEV, ALICE), ["Unexpired"], "not asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_cluster_ids_every_cluster_is_cleaned() {
    let world = slow().await;
    let id = start(&world, ALICE, "Force=true");
    hours(&world, 3);
    assert_eq!(task(&world, &id)["state"], "success");
    for cluster in [PROD, BATCH, DEV] {
        assert_eq!(world.states(cluster, ALICE), ["Removed"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_refuses_fails_alone() {
    let world = slow().await;
    let id = start(&world, BOB, &format!("ClusterIds={PROD},{BATCH}&Force=false"));
    hours(&world, 2);
    let ended = task(&world, &id);
    assert_eq!(ended["state"], "fail");
    assert_eq!(ended["error"]["code"], "ErrorKubeConfigInUse");
    let results = json!([{"data": PROD, "status": "failed"}, {"data": BATCH, "status": "success"}]);
    assert_eq!(ended["task_result"], results);
    assert_eq!(ended["events"][0]["source"], PROD);
    assert_eq!(world.states(PROD, BOB), ["Unexpired", "Unexpired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canceled_task_leaves_undone_what_it_has_not_done() {
    let world = slow().await;
    let id = start(&world, ALICE, &format!("ClusterIds={PROD},{BATCH}&Force=true"));
    hours(&world, 1);
    assert_eq!(world.cs("POST", &format!("/tasks/{id}/cancel")).status, 200);
    hours(&world, 5);
    assert_eq!(task(&world, &id)["state"], "canceled");
    assert_eq!(world.states(PROD, ALICE), ["Removed"]);
    assert_eq!(world.states(BATCH, ALICE), ["Unexpired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn held_tasks_make_no_progress_until_they_are_released() {
    let world = slow().await;
    world.emulator.tune(|knobs| knobs.tasks_held = true);
    let id = start(&world, ALICE, "Force=true");
    hours(&world, 9);
    assert_eq!(task(&world, &id)["state"], "running");
    world.emulator.tune(|knobs| knobs.tasks_held = false);
    assert_eq!(task(&world, &id)["state"], "success");
}

#[tokio::test(flavor = "multi_thread")]
async fn root_caller_and_unknown_clusters_are_refused_before_a_task_starts() {
    let world = slow().await;
    let refused = |uid: &str, query: &str| {
        let answer = world.cs("DELETE", &format!("/users/{uid}/permissions?{query}"));
        let (status, code) = answer.error();
        (status, code.to_owned())
    };
    assert_eq!(refused(ROOT, "Force=true"), (403, "Forbidden.MainAccount".to_owned()));
    assert_eq!(refused(REAPER, "Force=true"), (403, "Forbidden.OwnPermissions".to_owned()));
    assert_eq!(refused(DAVE, "ClusterIds=c-none"), (404, "ErrorClusterNotFound".to_owned()));
    assert_eq!(world.cs("GET", "/tasks/none").error(), (404, "ErrorTaskNotFound"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_of_a_task_is_on_the_trail() {
    let world = slow().await;
    let id = start(&world, ALICE, "Force=true");
    let records = world.emulator.trail().records();
    let last = records.last().expect("a record");
    assert_eq!(last["eventName"], "CleanUserPermissions");
    assert_eq!(last["responseElements"]["task_id"], id);
    assert!(world.emulator.calls().iter().any(|c| c.service == Service::Cs && c.caller == REAPER));
}
