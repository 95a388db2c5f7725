//! Panels of the past, why a status is what it is, and how long it took.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;

use crate::world::{ALICE, DAVE, PROD, World};

/// When the latest event was stored.
async fn latest(world: &World) -> String {
    let page = world.get("/v1/events?limit=1").await.body;
    page["events"][0]["recordedtime"].as_str().unwrap().to_owned()
}

async fn status(world: &World, query: &str) -> Value {
    let answer = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["status"].clone()
}

#[tokio::test]
async fn a_panel_shows_what_was_known_then() {
    let world = World::seen().await;
    let before = latest(&world).await;
    world.revoke(ALICE, &[PROD]).await;
    assert_eq!(status(&world, "").await, "Deleted");
    assert_eq!(status(&world, &format!("as_of={before}")).await, "Effective");
    assert_eq!(status(&world, &format!("as_of={before}&by=occurred")).await, "Effective");
    let now = latest(&world).await;
    assert_eq!(status(&world, &format!("as_of={now}")).await, "Deleted");
    let pairs = |body: &Value| body["pairs"]["Effective"].as_u64().unwrap();
    let then = world.get(&format!("/v1/overview?as_of={before}")).await.body;
    assert_eq!(pairs(&then), pairs(&world.get("/v1/overview").await.body) + 1);
    let nothing = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}?as_of=2020-01-01T00:00:00Z")).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    // Certificates of the believable account last for three years at the most.
    let much_later = world.get("/v1/kubeconfigs?status=Effective&as_of=2100-01-01T00:00:00Z").await;
    assert_eq!(much_later.body["kubeconfigs"], Value::Array(vec![]));
}

#[tokio::test]
async fn a_status_is_explained_by_the_events_that_decided_it() {
    let world = World::seen().await;
    let before = latest(&world).await;
    world.revoke(ALICE, &[PROD]).await;
    let why = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}/why")).await.body;
    assert_eq!(why["because"], "kubeconfig and permissions were read back as gone");
    let types = |why: &Value| {
        let events = why["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let revocation = [
        "RevocationRequested",
        "AccessChecked",
        "PermissionsBackedUp",
        "RevocationSubmitted",
        "RevocationConfirmed",
    ];
    assert_eq!(types(&why), revocation);
    let then = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}/why?as_of={before}")).await.body;
    assert!(then["because"].as_str().unwrap().starts_with("a certificate is valid until "), "{then}");
    assert_eq!(types(&then), ["KubeconfigObserved"]);
    let unknown = world.get(&format!("/v1/kubeconfigs/{PROD}/299999999999999999/why")).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn how_long_it_took_by_month_and_trigger() {
    let world = World::seen().await;
    assert_eq!(world.get("/v1/metrics/time-to-revoke").await.body["months"], Value::Array(vec![]));
    world.revoke(ALICE, &[PROD]).await;
    world.revoke(DAVE, &[PROD]).await;
    let body = world.get("/v1/metrics/time-to-revoke").await.body;
    let [month] = body["months"].as_array().unwrap().as_slice() else { panic!("{body}") };
    assert_eq!((&month["trigger"], &month["revocations"]), (&"requested".into(), &2.into()));
    assert_eq!(month["month"].as_str().map(str::len), Some(7));
    let seconds = |from: &str| ["p50", "p95", "p99"].map(|share| month[from][share].as_f64().unwrap());
    let [p50, p95, p99] = seconds("occurred_to_confirmed");
    assert!(0.0 < p50 && p50 <= p95 && p95 <= p99 && p99 < 3600.0, "{month}");
    assert!(seconds("received_to_confirmed")[2] <= p99);
}

#[rstest]
#[case("as_of=yesterday", "as_of")]
#[case("as_of=2026-01-01T00:00:00Z&by=stored", "by")]
#[case("by=recorded", "by")]
#[case("asof=2026-01-01T00:00:00Z", "asof")]
#[tokio::test]
async fn an_instant_that_is_none_is_refused(#[case] query: &str, #[case] parameter: &str) {
    let world = World::seen().await;
    let answer = world.get(&format!("/v1/leftovers?{query}")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &parameter.into()));
}
