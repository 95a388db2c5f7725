//! Deciding on what waits for a person.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::snapshot::assert_answer;
use crate::world::{ANNA, ARNO, BOB, OLGA, PROD, VERA, World};

/// Bob's kubeconfig was used three hours ago, so that asking for its end is held. Answers the id.
async fn held(world: &World, token: &str) -> String {
    let answer = world.post("/v1/revocations", token, &json!({ "uid": BOB, "clusters": [PROD] })).await;
    assert_eq!((answer.status, answer.outcomes()), (StatusCode::ACCEPTED, vec!["held"]));
    answer.body["outcomes"][0]["revocation"].as_str().unwrap().to_owned()
}

async fn decide(world: &World, id: &str, decision: &str, token: &str) -> crate::world::Answer {
    world.post(&format!("/v1/revocations/{id}/{decision}"), token, &json!({ "note": "asked the team" })).await
}

#[tokio::test]
async fn what_is_held_is_listed() {
    let world = World::seen().await;
    held(&world, OLGA).await;
    assert_answer("one_held", &world.get("/v1/held").await);
}

#[tokio::test]
async fn another_person_lets_it_go_on() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let approved = decide(&world, &id, "approval", ANNA).await;
    assert_eq!(approved.status, StatusCode::OK);
    assert_answer("approval", &approved);
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);

    let length = world.log_length().await;
    let again = decide(&world, &id, "approval", ANNA).await;
    assert_eq!((again.status, &again.body["outcome"]), (StatusCode::OK, &Value::from("confirmed")));
    assert_eq!(world.log_length().await, length, "approving again changes nothing");
}

#[tokio::test]
async fn an_answer_to_an_earlier_hold_is_no_answer_to_this_one() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let path = format!("/v1/revocations/{id}/approval");
    let late = world.post(&path, ANNA, &json!({ "hold": 0 })).await;
    assert_eq!((late.status, &late.body["outcome"]), (StatusCode::ACCEPTED, &Value::from("held")));
    assert_eq!(late.body["open_revocation"]["hold"], 1);
    let answer = world.post(&path, ANNA, &json!({ "hold": 1 })).await;
    assert_eq!((answer.status, &answer.body["outcome"]), (StatusCode::OK, &Value::from("confirmed")));
    for bad in [json!(-1), json!("1"), json!(1.5), json!(4294967296_u64)] {
        let answer = world.post(&path, ANNA, &json!({ "hold": bad })).await;
        assert_eq!((answer.status.as_u16(), &answer.body["field"]), (422, &"hold".into()));
    }
}

#[tokio::test]
async fn who_asked_may_not_approve() {
    let world = World::seen().await;
    let id = held(&world, ANNA).await;
    let own = decide(&world, &id, "approval", ANNA).await;
    assert_answer("self_approval", &own);
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
    assert_eq!(decide(&world, &id, "approval", ARNO).await.body["outcome"], "confirmed");
}

#[tokio::test]
async fn a_person_stops_it() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let rejected = decide(&world, &id, "rejection", ANNA).await;
    assert_eq!((rejected.status, &rejected.body["outcome"]), (StatusCode::OK, &Value::from("rejected")));
    assert_eq!(rejected.body["status"], "Effective");
    let again = decide(&world, &id, "rejection", ARNO).await;
    assert_eq!((again.status, &again.body["outcome"]), (StatusCode::OK, &Value::from("rejected")));

    let late = decide(&world, &id, "approval", ANNA).await;
    assert_eq!((late.status, late.problem()), (StatusCode::CONFLICT, "revocation-not-held"));
    assert_eq!(late.body["phase"], "ended");
}

#[rstest]
#[case("approval")]
#[case("rejection")]
#[tokio::test]
async fn deciding_takes_an_approver_and_a_revocation(#[case] decision: &str) {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    for token in [VERA, OLGA] {
        assert_eq!(decide(&world, &id, decision, token).await.problem(), "forbidden");
    }
    let unknown = decide(&world, "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11", decision, ANNA).await;
    assert_eq!((unknown.status, unknown.problem()), (StatusCode::NOT_FOUND, "no-such-revocation"));
    for bad in ["1", "..%2f..", "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11%00"] {
        let answer = decide(&world, bad, decision, ANNA).await;
        assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"revocation".into()), "{bad}");
    }
}
