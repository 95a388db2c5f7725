//! One store, four processes, ten people who leave at the same moment, and a cloud that has a bad day.

use std::collections::BTreeSet;

use cloud_emulator::Faults;
use cloud_emulator::event_bridge::Disorder;
use futures::future::join_all;
use kubeconfig::Status;
use serde_json::{Value, json};

use crate::company::{BATCH, DEV, Member, PROD, company};
use crate::disorder::seed;
use crate::world::{APPROVER, NO_LEASE, OPERATOR, UNGUARDED, World};

fn leavers() -> Vec<Member> {
    (1..=10).map(|number| Member::user(number, &[PROD, BATCH, DEV])).collect()
}

fn bad_day() -> Faults {
    Faults {
        error_rate: 0.05,
        throttling_rate: 0.1,
        retry_after: 5,
        lost_response_rate: 0.05,
        jitter_ms: 5,
        ..Faults::default()
    }
}

/// Approves what a failed check left to a person in clusters that can be checked.
async fn approve_what_could_not_be_checked(world: &World) {
    let (_, held) = world.get("/v1/held").await;
    for pair in held["revocations"].as_array().unwrap().iter().filter(|pair| pair["cluster"] != DEV) {
        let open = &pair["open_revocation"];
        let path = format!("/v1/revocations/{}/approval", open["id"].as_str().unwrap());
        let (status, answer) = world.post(&path, APPROVER, &json!({ "hold": open["hold"] })).await;
        assert_eq!((status, &answer["outcome"]), (200, &Value::from("confirmed")), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_sweeps_requests_and_queries_at_the_same_time() {
    let seed = seed();
    let everybody = [leavers(), vec![Member::user(11, &[PROD]), Member::role(12, &[BATCH])]].concat();
    let env = [UNGUARDED.as_slice(), &[NO_LEASE]].concat();
    let world = World::new(company(&everybody), &env).await;
    world.look().await;
    world.deployment.bus.set_disorder(Disorder { seed, copies: 2, concurrency: 4, ..Disorder::default() });
    world.deployment.emulator.tune(|knobs| knobs.everywhere = bad_day());

    for leaver in leavers() {
        world.delete(&leaver);
    }
    let requests = leavers().into_iter().map(|leaver| {
        let body = json!({ "uid": leaver.uid, "clusters": "all", "reason": "left" });
        let world = &world;
        async move { world.post("/v1/revocations", OPERATOR, &body).await.0 }
    });
    let sweeps = (0..3).map(|_| async { world.deployment.sweep("").await.is_ok() });
    let queries = (0..20).map(|_| async { world.get("/v1/overview").await.0 });
    let (statuses, _, queries, ()) =
        tokio::join!(join_all(requests), join_all(sweeps), join_all(queries), world.idle());
    let statuses: BTreeSet<u16> = statuses.into_iter().collect();
    assert!(statuses.iter().all(|status| [200, 202, 503].contains(status)), "{statuses:?}");
    assert!(queries.iter().all(|status| *status == 200), "{queries:?}");
    let mut log = world.log().await;
    assert!(log.count("DeletionReceived") == 10, "the events were taken");

    world.deployment.emulator.tune(|knobs| knobs.everywhere = Faults::default());
    world.sweep().await;
    approve_what_could_not_be_checked(&world).await;
    log = world.log().await;
    for leaver in leavers() {
        for (cluster, uid) in leaver.audited() {
            assert_eq!(log.status(cluster, uid), Status::Deleted, "{cluster}/{uid}");
            world.assert_cleaned_once(&log, cluster, uid);
        }
        assert_eq!(log.phase(DEV, &leaver.uid), Some("Held"));
        assert_eq!(world.deployment.emulator.cleans(DEV, &leaver.uid).received, 0);
    }
    for (cluster, uid) in everybody[10..].iter().flat_map(Member::audited) {
        assert_eq!(world.deployment.emulator.cleans(cluster, uid).received, 0, "{cluster}/{uid}");
    }
    world.assert_no_panic();
    for function in world.deployment.functions.names() {
        assert_eq!(world.starts(&function), 1, "{function} lives on");
    }
    let mistaken = world.deployment.emulator.calls().iter().filter(|call| call.lost).count();
    println!(
        "{} calls, {mistaken} of them lost; {} events",
        world.deployment.emulator.calls().len(),
        log.events.len()
    );
}
