//! Asking for revocations.

use axum::http::{Method, StatusCode};
use cloud_emulator::{Failure, Outcome};
use revocation::Config;
use rstest::rstest;
use serde_json::json;

use crate::snapshot::assert_answer;
use crate::world::{
    ALICE, ANNA, BATCH, BOB, CAROL, CI_DEPLOYER, DEV, OLGA, PROD, REAPER, ROOT, World, request,
};

#[tokio::test]
async fn one_cluster() {
    let world = World::seen().await;
    let body = json!({ "uid": ALICE, "clusters": [PROD], "reason": "left the company" });
    let answer = world.post("/v1/revocations", OLGA, &body).await;
    assert_answer("revocation_of_one", &answer);
    let pair = world.get(&format!("/v1/kubeconfigs/{PROD}/{ALICE}")).await;
    assert_eq!(pair.body["status"], "Deleted", "as read back");
}

#[tokio::test]
async fn several_clusters() {
    let world = World::seen().await;
    let answer = world.revoke(ALICE, &[BATCH, PROD, PROD]).await;
    assert_eq!((answer.status, answer.outcomes()), (StatusCode::OK, vec!["confirmed", "confirmed"]));
}

#[tokio::test]
async fn all_clusters() {
    let world = World::seen().await;
    let body = json!({ "uid": ALICE, "clusters": "all" });
    let answer = world.post("/v1/revocations", OLGA, &body).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "one of them waits for a person");
    assert_answer("revocation_of_all", &answer);
}

#[tokio::test]
async fn an_approver_may_ask_too() {
    let world = World::seen().await;
    let answer = world.post("/v1/revocations", ANNA, &json!({ "uid": ALICE, "clusters": [PROD] })).await;
    assert_eq!(answer.outcomes(), ["confirmed"]);
}

#[tokio::test]
async fn a_dry_run_says_what_would_happen_and_stores_nothing() {
    let world = World::seen().await;
    let before = world.log_length().await;
    let body = json!({ "uid": ALICE, "clusters": "all", "dry_run": true });
    let answer = world.post("/v1/revocations", OLGA, &body).await;
    assert_eq!((answer.status, world.log_length().await), (StatusCode::OK, before));
    assert_answer("dry_run", &answer);
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
}

#[tokio::test]
async fn the_same_key_means_the_same_revocations() {
    let world = World::seen().await;
    let ask = async |token, key: &str| {
        let body = json!({ "uid": ALICE, "clusters": [PROD, BATCH] }).to_string();
        let mut request = request(Method::POST, "/v1/revocations", Some(token), Some(body));
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        let answer = world.send(request).await;
        let outcomes = answer.body["outcomes"].as_array().unwrap().clone();
        outcomes.iter().map(|o| (o["outcome"].clone(), o["revocation"].clone())).collect::<Vec<_>>()
    };
    let first = ask(OLGA, "ticket-7").await;
    let length = world.log_length().await;
    for _ in 0..3 {
        assert_eq!(ask(OLGA, "ticket-7").await, first);
    }
    assert_eq!(world.log_length().await, length, "a repeat adds nothing");
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1);
    // Keys belong to the one who uses them.
    let other = ask(ANNA, "ticket-7").await;
    assert_eq!(other[0].0, "refused", "it is gone already");
    assert_ne!(other[0].1, first[0].1);
}

#[rstest]
#[case::empty(&[""])]
#[case::too_long(&[&*"x".repeat(129)])]
#[case::with_a_space(&["a b"])]
#[case::twice(&["a", "a"])]
#[tokio::test]
async fn a_key_that_does_not_fit_is_refused(#[case] keys: &[&str]) {
    let world = World::new().await;
    let body = json!({ "uid": ALICE, "clusters": [PROD] }).to_string();
    let mut request = request(Method::POST, "/v1/revocations", Some(OLGA), Some(body));
    for key in keys {
        request.headers_mut().append("idempotency-key", key.parse().unwrap());
    }
    let answer = world.send(request).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"Idempotency-Key".into()));
    assert_eq!(world.log_length().await, 0);
}

/// What cannot be deleted, and the rule that says so. A refusal is an outcome, not a failed request.
#[rstest]
#[case::root_account(ROOT, PROD, "rootAccount")]
#[case::the_caller_itself(REAPER, PROD, "caller")]
#[case::never_issued(BOB, DEV, "notIssued")]
#[case::removed_before(BOB, BATCH, "alreadyDeleted")]
#[case::unknown_to_the_cloud(CI_DEPLOYER, DEV, "statusUnknown")]
#[case::protected_by_configuration(CI_DEPLOYER, PROD, "protectedIdentity")]
#[case::role_of_a_function(CAROL, BATCH, "functionRole")]
#[tokio::test]
async fn a_refusal_names_its_rule(#[case] uid: &str, #[case] cluster: &str, #[case] rule: &str) {
    let mut config = Config::default();
    match rule {
        "protectedIdentity" => config.protected.push(uid.parse().unwrap()),
        "functionRole" => config.function_roles.push(uid.parse().unwrap()),
        _ => {}
    }
    let world = World::with_config(config).await;
    world.look().await;
    let answer = world.revoke(uid, &[cluster]).await;
    assert_eq!((answer.status, answer.outcomes()), (StatusCode::OK, vec!["refused"]));
    let because = &answer.body["outcomes"][0]["because"];
    assert_eq!(because["rule"], rule);
    assert!(because["text"].as_str().is_some_and(|text| text.len() > 10));
    assert_eq!(world.emulator.cleans(cluster, uid).received, 0, "the cloud was not even asked");
}

#[tokio::test]
async fn a_cluster_that_does_not_exist_is_a_mistake_and_no_refusal() {
    let world = World::seen().await;
    let answer = world.revoke(ALICE, &["c-nobody-knows"]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body["detail"].as_str().is_some_and(|text| text.contains("c-nobody-knows")),
        "{:?}",
        answer.body
    );
}

#[tokio::test]
async fn what_fails_at_the_cloud_goes_on_later_and_says_so() {
    let world = World::seen().await;
    let outcome = Outcome::Error { status: 500, code: "InternalError".into() };
    let failure = Failure { operation: "CleanClusterUserPermissions".into(), times: 20, outcome };
    world.emulator.fail_next(failure);
    let answer = world.revoke(ALICE, &[PROD]).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert!(["failed", "unknown"].contains(&answer.outcomes()[0]), "{:?}", answer.outcomes());
    assert!(answer.body["outcomes"][0]["open_revocation"].is_object());
}

#[rstest]
#[case::throttled(429, "Throttling", StatusCode::SERVICE_UNAVAILABLE, "cloud-unavailable")]
#[case::broken(500, "InternalError", StatusCode::SERVICE_UNAVAILABLE, "cloud-unavailable")]
#[case::forbidden(403, "NoPermission", StatusCode::BAD_GATEWAY, "cloud-error")]
#[tokio::test]
async fn where_nothing_can_be_decided_the_request_fails(
    #[case] status: u16,
    #[case] code: &str,
    #[case] answered: StatusCode,
    #[case] problem: &str,
) {
    let world = World::new().await;
    let outcome = Outcome::Error { status, code: code.into() };
    world.emulator.fail_next(Failure { operation: "GetCallerIdentity".into(), times: 20, outcome });
    let answer = world.revoke(ALICE, &[PROD]).await;
    assert_eq!((answer.status, answer.problem()), (answered, problem));
    assert_eq!(answer.body["cloud"]["operation"], "GetCallerIdentity");
    assert_eq!(answer.headers.contains_key("retry-after"), answered == StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(world.log_length().await, 0);
}
