//! The control listener: the same knobs from outside.

use cloud_emulator::{Knobs, Service};
use serde_json::{Value, json};

use crate::client::{ALICE, Answer, BATCH, PROD, Plain, World};

fn control(world: &World, method: &'static str, path: &str, body: Option<Value>) -> Answer {
    let address = world.emulator.endpoints().control();
    let address = address.strip_prefix("http://").expect("an address").parse().expect("an address");
    let plain = Plain::new(method, path);
    let plain = body.map_or_else(|| plain.clone(), |body| plain.clone().json(&body));
    plain.send(address).expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_names_all_that_an_outside_client_needs() {
    let world = World::start().await;
    let described = control(&world, "GET", "/describe", None).ok();
    assert_eq!(described, world.emulator.describe());
    for service in Service::ALL {
        assert_eq!(described["endpoints"][service.name()], world.emulator.endpoints().url(service));
    }
    assert_eq!(described["account_id"], "1000000000000001");
    assert_eq!(described["access_keys"].as_array().expect("keys").len(), 3);
    assert_eq!(described["clusters"].as_array().expect("clusters").len(), 3);
    assert_eq!(described["identities"].as_array().expect("identities").len(), 8);
    assert!(!serde_json::to_string(&described).expect("one line").contains('\n'));
}

#[tokio::test(flavor = "multi_thread")]
async fn knobs_are_turned_one_by_one_and_unknown_ones_are_refused() {
    let world = World::start().await;
    let turned = control(&world, "POST", "/knobs", Some(json!({"deleted_names_blank": true}))).ok();
    assert_eq!(turned["deleted_names_blank"], true);
    assert_eq!(world.emulator.knobs(), Knobs { deleted_names_blank: true, ..Knobs::default() });
    let refused = control(&world, "POST", "/knobs", Some(json!({"volume": 11})));
    assert_eq!(refused.status, 400);
    assert!(refused.body["error"].as_str().expect("an error").contains("volume"));
    assert_eq!(control(&world, "GET", "/knobs", None).ok(), turned);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_ordered_from_outside() {
    let world = World::start().await;
    let failure = json!({
        "operation": "DescribeClustersV1", "times": 2,
        "outcome": {"error": {"status": 500, "code": "InternalError"}},
    });
    assert_eq!(control(&world, "POST", "/failures", Some(failure)).status, 204);
    let statuses: Vec<_> = (0..3).map(|_| world.cs("GET", "/api/v1/clusters").status).collect();
    assert_eq!(statuses, [500, 500, 200]);
    let lost = json!({"operation": "DescribeClustersV1", "outcome": "lostResponse"});
    assert_eq!(control(&world, "POST", "/failures", Some(lost)).status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_is_restored_as_in_the_console() {
    let world = World::start().await;
    let pair = json!({"cluster": PROD, "uid": ALICE});
    assert_eq!(control(&world, "POST", "/kubeconfigs/restore", Some(pair.clone())).status, 409);
    world.clean(PROD, ALICE, "true").ok();
    assert_eq!(control(&world, "POST", "/kubeconfigs/restore", Some(pair)).status, 204);
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accesses_cluster_states_and_the_clock_are_set() {
    let world = World::start().await;
    let access = json!({"cluster": PROD, "uid": ALICE, "seconds_ago": 60});
    assert_eq!(control(&world, "POST", "/access-records", Some(access)).status, 204);
    assert_eq!(world.clean(PROD, ALICE, "false").error(), (400, "ErrorKubeConfigInUse"));
    let advance = json!({"advance_seconds": 8 * 86_400});
    assert_eq!(control(&world, "POST", "/clock", Some(advance)).status, 204);
    assert_eq!(world.clean(PROD, ALICE, "false").status, 200);
    let state = json!({"cluster": BATCH, "state": "deleting"});
    assert_eq!(control(&world, "POST", "/clusters/state", Some(state)).status, 204);
    assert_eq!(world.clean(BATCH, ALICE, "true").error(), (400, "ErrorClusterState"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_shows_pairs_cleanings_calls_and_the_trail() {
    let world = World::start().await;
    world.clean(PROD, ALICE, "true").ok();
    let state = control(&world, "GET", "/state", None).ok();
    let pairs = state["kubeconfigs"].as_array().expect("pairs");
    let pair = pairs.iter().find(|p| p["cluster"] == PROD && p["uid"] == ALICE).expect("the pair");
    assert_eq!(pair["cleans"], json!({"received": 1, "effective": 1}));
    assert_eq!(pair["certificates"][0]["state"], "Removed");
    assert_eq!(control(&world, "GET", "/calls", None).ok().as_array().expect("calls").len(), 1);
    assert_eq!(control(&world, "DELETE", "/calls", None).status, 204);
    assert_eq!(control(&world, "GET", "/calls", None).ok(), json!([]));
    let trail = control(&world, "GET", "/trail", None).ok();
    assert_eq!(trail.as_array().expect("records").last().expect("a record")["serviceName"], "Cs");
}
