//! Idempotency keys: a repeat is answered with what is stored, and a key is for one request.

use axum::http::{Method, StatusCode};
use cloud_emulator::{Failure, Outcome};
use event_store::{Filter, Order};
use revocation::{Config, Reaper};
use rstest::rstest;
use serde_json::{Value, json};

use crate::world::{
    ALICE, ANNA, Answer, BATCH, BOB, DEV, OLGA, PROD, World, callers, console, request, send,
};

const KEY: &str = "ticket-7";

fn keyed(token: &str, key: &str, body: &Value) -> axum::http::Request<axum::body::Body> {
    let mut request = request(Method::POST, "/v1/revocations", Some(token), Some(body.to_string()));
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

fn body() -> Value {
    json!({ "uid": ALICE, "clusters": [PROD], "reason": "has left" })
}

impl World {
    async fn ask_with_key(&self, body: &Value) -> Answer {
        self.send(keyed(OLGA, KEY, body)).await
    }

    async fn stored(&self, event: &str) -> usize {
        let filter = Filter { types: vec![event.into()], ..Filter::default() };
        self.store.query(&filter, Order::Oldest, None, 1000).await.unwrap().events.len()
    }

    /// The same store behind another process.
    fn other_process(&self, config: Config) -> axum::Router {
        let reaper = Reaper::new(self.store.clone(), self.cloud(), config);
        let (callers, console) = (callers(reaper.config()), console(reaper.config()));
        revoke::router(reaper.into(), callers, &console)
    }
}

#[tokio::test]
async fn a_repeat_gets_the_stored_answer_whatever_has_happened_since_and_wherever_it_is_asked() {
    let world = World::seen().await;
    let first = world.ask_with_key(&body()).await;
    assert_eq!((first.status, first.outcomes()), (StatusCode::OK, vec!["confirmed"]));
    // Somebody gives alice a new kubeconfig: what is asked now would be answered otherwise.
    let now = world.emulator.now();
    let year = jiff::SignedDuration::from_hours(365 * 24);
    world.emulator.account(|account| account.issue(PROD, ALICE, now, now + year, false)).unwrap();
    world.look().await;
    let length = world.log_length().await;
    let respelt = format!(r#"{{"reason":"has left", "clusters":["{PROD}","{PROD}"], "uid":"{ALICE}"}}"#);
    let respelt: Value = serde_json::from_str(&respelt).unwrap();
    for body in [body(), respelt] {
        let again = world.ask_with_key(&body).await;
        assert_eq!((again.status, &again.body), (first.status, &first.body));
    }
    let quoted = world.send(keyed(OLGA, "\"ticket-7\"", &body())).await;
    assert_eq!(quoted.body, first.body, "a string as the draft writes it");
    let there = send(&world.other_process(world.reaper.config().clone()), keyed(OLGA, KEY, &body())).await;
    assert_eq!((there.status, there.body), (first.status, first.body));
    assert_eq!(world.log_length().await, length, "a repeat adds nothing");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

#[tokio::test]
async fn what_waits_for_a_person_is_answered_the_same_after_the_person_has_decided() {
    let world = World::seen().await;
    let body = json!({ "uid": BOB, "clusters": [PROD] });
    let first = world.ask_with_key(&body).await;
    assert_eq!((first.status, first.outcomes()), (StatusCode::ACCEPTED, vec!["held"]));
    let id = first.body["outcomes"][0]["revocation"].as_str().unwrap();
    world.post(&format!("/v1/revocations/{id}/approval"), ANNA, &json!({})).await;
    let again = world.ask_with_key(&body).await;
    assert_eq!((again.status, again.body), (StatusCode::ACCEPTED, first.body));
}

#[rstest]
#[case::another_person(json!({ "uid": BOB, "clusters": [PROD], "reason": "has left" }))]
#[case::another_cluster(json!({ "uid": ALICE, "clusters": [DEV], "reason": "has left" }))]
#[case::one_more_cluster(json!({ "uid": ALICE, "clusters": [PROD, BATCH], "reason": "has left" }))]
#[case::all(json!({ "uid": ALICE, "clusters": "all", "reason": "has left" }))]
#[case::another_reason(json!({ "uid": ALICE, "clusters": [PROD], "reason": "has gone" }))]
#[case::no_reason(json!({ "uid": ALICE, "clusters": [PROD] }))]
#[tokio::test]
async fn the_key_of_another_request_is_refused(#[case] other: Value) {
    let world = World::seen().await;
    world.ask_with_key(&body()).await;
    let length = world.log_length().await;
    let refused = world.ask_with_key(&other).await;
    assert_eq!(
        (refused.status.as_u16(), refused.problem()),
        (422, "idempotency-key-reused"),
        "{}",
        refused.body
    );
    let process = world.other_process(world.reaper.config().clone());
    assert_eq!(send(&process, keyed(OLGA, KEY, &other)).await.problem(), "idempotency-key-reused");
    assert_eq!(world.log_length().await, length);
    assert_eq!(world.emulator.cleans(DEV, ALICE).received + world.emulator.cleans(PROD, BOB).received, 0);
}

#[tokio::test]
async fn while_it_is_under_way_a_repeat_goes_on_and_another_request_is_refused() {
    let world = World::seen().await;
    let outcome = Outcome::Error { status: 500, code: "InternalError".into() };
    world.emulator.fail_next(Failure { operation: "CleanClusterUserPermissions".into(), times: 20, outcome });
    let first = world.ask_with_key(&body()).await;
    assert_eq!(first.status, StatusCode::ACCEPTED);
    assert_eq!(world.stored("KeyedRequestAnswered").await, 0, "it is no answer yet");
    let other = world.ask_with_key(&json!({ "uid": ALICE, "clusters": [DEV] })).await;
    assert_eq!(other.problem(), "idempotency-key-reused");
    let again = world.ask_with_key(&body()).await;
    assert_eq!(again.body["outcomes"][0]["revocation"], first.body["outcomes"][0]["revocation"]);
    assert_eq!(world.stored("RevocationRequested").await, 1);
}

#[tokio::test]
async fn what_is_no_request_takes_no_key() {
    let world = World::seen().await;
    let length = world.log_length().await;
    let dry = json!({ "uid": ALICE, "clusters": "all", "dry_run": true });
    assert_eq!(world.ask_with_key(&dry).await.status, StatusCode::OK);
    let nowhere = json!({ "uid": ALICE, "clusters": ["c-nobody-knows"] });
    assert_eq!(world.ask_with_key(&nowhere).await.problem(), "invalid-request");
    assert_eq!(world.log_length().await, length);
    assert_eq!(world.ask_with_key(&body()).await.outcomes(), ["confirmed"], "the key is free");
}

#[tokio::test]
async fn a_key_is_the_callers_own() {
    let world = World::seen().await;
    world.ask_with_key(&body()).await;
    let other = world.send(keyed(ANNA, KEY, &json!({ "uid": ALICE, "clusters": [BATCH] }))).await;
    assert_eq!(other.outcomes(), ["confirmed"]);
}

#[tokio::test]
async fn a_stored_answer_does_not_reach_over_bounds_that_came_later() {
    let world = World::seen().await;
    let all = json!({ "uid": ALICE, "clusters": "all" });
    assert_eq!(world.ask_with_key(&all).await.outcomes().len(), 3);
    let mut config = world.reaper.config().clone();
    config.access.scopes.push(format!("olga:cluster:{PROD}").parse().unwrap());
    let bounded = send(&world.other_process(config), keyed(OLGA, KEY, &all)).await;
    assert_eq!(bounded.problem(), "out-of-scope");
    assert!(!bounded.body.to_string().contains(DEV));
}
