//! Messages of the cloud, and the people who decide what they mean.

use axum::http::{Method, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::snapshot::assert_answer;
use crate::world::{ALICE, ANNA, BATCH, DAVE, OLGA, PROD, World, request};

/// A deletion of somebody whom nobody has heard of.
fn of_a_stranger(id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
        "time": "2026-11-01T09:30:00Z",
        "data": {
            "eventId": id, "eventName": "DeleteUser", "serviceName": "Ram", "eventTime": "2026-11-01T09:30:00Z",
            "requestParameters": { "UserName": "nobody" },
        },
    })
}

async fn unresolved(world: &World) -> String {
    let answer = world.post("/v1/events", OLGA, &of_a_stranger("e1")).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    let receipt = &answer.body["receipts"][0];
    assert_eq!(receipt["became"], "unresolved", "{receipt}");
    receipt["intake"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_deletion_of_a_user_ends_its_access() {
    let world = World::seen().await;
    let event = world.delete_user("alice");
    let answer = world.post("/v1/events", OLGA, &event).await;
    let receipt = &answer.body["receipts"][0];
    assert_eq!((&receipt["became"], &receipt["uid"]), (&"revoked".into(), &ALICE.into()));
    assert_answer("deletion_of_a_user", &answer);
    for cluster in [PROD, BATCH] {
        let pair = world.get(&format!("/v1/kubeconfigs/{cluster}/{ALICE}")).await.body;
        assert_eq!(pair["status"], "Deleted");
    }
}

#[tokio::test]
async fn the_same_message_in_an_array_twice_deletes_once() {
    let world = World::seen().await;
    let event = world.delete_user("alice");
    let answer = world.post("/v1/events", OLGA, &json!([event, event])).await;
    assert_eq!(answer.body["receipts"].as_array().unwrap().len(), 2);
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
}

/// Who delivered it stands in the history.
#[tokio::test]
async fn what_is_not_understood_is_kept() {
    let world = World::new().await;
    for body in ["{\"almost\": ", "null", "[1]", "{}", &"[".repeat(5000), "\"\\u0000\""] {
        let answer = world.send(request(Method::POST, "/v1/events", Some(OLGA), Some(body.to_owned()))).await;
        assert_eq!(
            (answer.status, &answer.body["receipts"][0]["became"]),
            (StatusCode::OK, &"notUnderstood".into())
        );
    }
    let kept = world.get("/v1/events?type=MessageNotUnderstood&actor=olga").await.body;
    assert_eq!(kept["events"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_name_that_nobody_bore_waits_for_a_person() {
    let world = World::seen().await;
    let id = unresolved(&world).await;
    let held = world.get("/v1/held").await.body;
    assert_eq!((&held["messages"][0]["id"], &held["messages"][0]["name"]), (&id.into(), &"nobody".into()));
}

#[tokio::test]
async fn a_person_says_whose_name_it_was() {
    let world = World::seen().await;
    let id = unresolved(&world).await;
    let path = format!("/v1/messages/{id}/resolution");
    let exists = world.post(&path, ANNA, &json!({ "uid": ALICE })).await;
    assert_eq!((exists.status.as_u16(), exists.problem()), (422, "invalid-request"), "{}", exists.body);
    let resolved = world.post(&path, ANNA, &json!({ "uid": DAVE })).await;
    assert_answer("resolution", &resolved);
    assert_eq!(world.emulator.cleans(PROD, DAVE).received, 1);
}

#[tokio::test]
async fn a_person_says_that_nothing_follows() {
    let world = World::seen().await;
    let id = unresolved(&world).await;
    let path = format!("/v1/messages/{id}/dismissal");
    for _ in 0..2 {
        let answer = world.post(&path, ANNA, &json!({ "note": "a test account" })).await;
        assert_eq!((answer.status, &answer.body["became"]), (StatusCode::OK, &"dismissed".into()));
    }
    assert_eq!(world.get("/v1/held").await.body["messages"], json!([]));
    let late = world.post(&format!("/v1/messages/{id}/resolution"), ANNA, &json!({ "uid": DAVE })).await;
    assert_eq!((late.status, late.problem()), (StatusCode::CONFLICT, "message-not-held"));
    let repeated = world.post("/v1/events", OLGA, &of_a_stranger("e1")).await;
    assert_eq!(repeated.body["receipts"][0]["became"], "dismissed");
}

#[rstest]
#[case("resolution", json!({ "uid": DAVE }))]
#[case("dismissal", json!({ "note": "x" }))]
#[tokio::test]
async fn deciding_takes_an_approver_and_a_message(#[case] decision: &str, #[case] body: Value) {
    let world = World::seen().await;
    let id = unresolved(&world).await;
    let own = world.post(&format!("/v1/messages/{id}/{decision}"), OLGA, &body).await;
    assert_eq!(own.problem(), "forbidden");
    let unknown = "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f";
    let answer = world.post(&format!("/v1/messages/{unknown}/{decision}"), ANNA, &body).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "no-such-message"));
    let answer = world.post(&format!("/v1/messages/x/{decision}"), ANNA, &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"message".into()));
}
