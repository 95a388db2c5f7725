//! Input that means no good. Every answer is a problem, and nothing is stored.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::snapshot::assert_answer;
use crate::world::{ALICE, ANNA, OLGA, PROD, World, request};

async fn ask(world: &World, body: impl Into<String>) -> crate::world::Answer {
    world.send(request(Method::POST, "/v1/revocations", Some(OLGA), Some(body.into()))).await
}

#[rstest]
#[case::nothing("", "malformed-json")]
#[case::half_of_it("{\"uid\": \"1\"", "malformed-json")]
#[case::two_of_them("{\"uid\":\"1\",\"clusters\":\"all\"} {}", "malformed-json")]
#[case::no_json("uid=1", "malformed-json")]
#[case::deep_arrays(&"[".repeat(60_000), "invalid-body")]
#[case::deep_objects(&"{\"clusters\":".repeat(5000), "invalid-body")]
#[case::deep_in_a_field(&format!("{{\"x\":{}", "[".repeat(60_000)), "invalid-body")]
#[case::a_list("[]", "invalid-body")]
#[case::null("null", "invalid-body")]
#[case::no_fields("{}", "invalid-body")]
#[case::uid_as_number(r#"{"uid": 200000000000000101, "clusters": "all"}"#, "invalid-body")]
#[case::uid_as_name(r#"{"uid": "alice", "clusters": "all"}"#, "invalid-body")]
#[case::uid_empty(r#"{"uid": "", "clusters": "all"}"#, "invalid-body")]
#[case::uid_too_long(r#"{"uid": "200000000000000000001", "clusters": "all"}"#, "invalid-body")]
#[case::uid_with_a_null_byte(r#"{"uid": "1\u0000", "clusters": "all"}"#, "invalid-body")]
#[case::uid_in_other_digits("{\"uid\": \"１２３\", \"clusters\": \"all\"}", "invalid-body")]
#[case::clusters_missing(r#"{"uid": "1"}"#, "invalid-body")]
#[case::clusters_empty(r#"{"uid": "1", "clusters": []}"#, "invalid-body")]
#[case::clusters_null(r#"{"uid": "1", "clusters": null}"#, "invalid-body")]
#[case::clusters_another_word(r#"{"uid": "1", "clusters": "ALL"}"#, "invalid-body")]
#[case::clusters_traverse(r#"{"uid": "1", "clusters": ["../../users"]}"#, "invalid-body")]
#[case::clusters_with_a_query(r#"{"uid": "1", "clusters": ["c1?Force=true"]}"#, "invalid-body")]
#[case::clusters_with_a_null_byte(r#"{"uid": "1", "clusters": ["c1\u0000"]}"#, "invalid-body")]
#[case::unknown_field(r#"{"uid": "1", "clusters": "all", "force": true}"#, "invalid-body")]
#[case::misspelt_dry_run(r#"{"uid": "1", "clusters": "all", "dryRun": true}"#, "invalid-body")]
#[case::dry_run_as_text(r#"{"uid": "1", "clusters": "all", "dry_run": "true"}"#, "invalid-body")]
#[case::uid_twice(r#"{"uid": "1", "uid": "2", "clusters": "all"}"#, "invalid-body")]
#[case::reason_empty(r#"{"uid": "1", "clusters": "all", "reason": ""}"#, "invalid-body")]
#[case::reason_too_long(&format!(r#"{{"uid": "1", "clusters": "all", "reason": "{}"}}"#, "x".repeat(1001)), "invalid-body")]
#[case::reason_with_a_null_byte(r#"{"uid": "1", "clusters": "all", "reason": "a\u0000b"}"#, "invalid-body")]
#[tokio::test]
async fn a_bad_body_is_refused(#[case] body: &str, #[case] problem: &str) {
    let world = World::new().await;
    let answer = ask(&world, body).await;
    assert_eq!(answer.problem(), problem, "{}", answer.body);
    assert!(answer.body["line"].as_u64().is_some() && answer.body["column"].as_u64().is_some());
    assert!(answer.body.to_string().len() < 1500, "little of it is repeated");
    assert_eq!(world.log_length().await, 0);
    assert!(world.emulator.calls().is_empty(), "the cloud was not asked");
}

#[tokio::test]
async fn the_place_of_a_mistake_is_told() {
    let world = World::new().await;
    assert_answer("malformed_json", &ask(&world, "{\n  \"uid\": \"1\",\n  \"clusters\": [,]\n}").await);
    assert_answer(
        "bad_cluster_in_a_list",
        &ask(&world, r#"{"uid": "1", "clusters": ["c1", "../c2"]}"#).await,
    );
    assert_answer("unknown_field", &ask(&world, r#"{"uid": "1", "clusters": "all", "force": true}"#).await);
}

#[rstest]
#[case::of_a_command("/v1/revocations", 64 * 1024)]
#[case::of_a_message("/v1/events", 1024 * 1024)]
#[tokio::test]
async fn a_body_has_a_bound(#[case] path: &str, #[case] limit: usize) {
    let world = World::new().await;
    let ten_megabytes = "x".repeat(10 * 1024 * 1024);
    let answer = world.send(request(Method::POST, path, Some(OLGA), Some(ten_megabytes.clone()))).await;
    assert_eq!((answer.status, &answer.body["limit"]), (StatusCode::PAYLOAD_TOO_LARGE, &limit.into()));

    // The same where the client says otherwise: what is declared is not believed, what comes is counted.
    let mut lying = request(Method::POST, path, Some(OLGA), Some(ten_megabytes));
    lying.headers_mut().insert("content-length", "2".parse().unwrap());
    assert_eq!(world.send(lying).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    let huge = format!("{}", u64::MAX);
    let mut promising = request(Method::POST, path, Some(OLGA), Some("{}".to_owned()));
    promising.headers_mut().insert("content-length", huge.parse().unwrap());
    assert_eq!(world.send(promising).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(world.log_length().await, 0);
}

#[tokio::test]
async fn a_body_that_just_fits_is_read() {
    let world = World::new().await;
    let mut body = json!({ "uid": "alice", "clusters": "all" }).to_string();
    body.push_str(&" ".repeat(64 * 1024 - body.len()));
    assert_eq!(ask(&world, body.clone()).await.problem(), "invalid-body");
    body.push(' ');
    assert_eq!(ask(&world, body).await.problem(), "body-too-large");
}

#[rstest]
#[case::none(None)]
#[case::form(Some("application/x-www-form-urlencoded"))]
#[case::text(Some("text/plain"))]
#[case::not_text(Some("\u{ff}"))]
#[tokio::test]
async fn a_body_has_to_be_declared_as_json(#[case] content_type: Option<&str>) {
    let world = World::new().await;
    for path in ["/v1/revocations", "/v1/events"] {
        let mut request = Request::post(path).header("authorization", format!("Bearer {OLGA}"));
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type.as_bytes());
        }
        let answer = world.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (415, "unsupported-media-type"));
    }
}

/// Otherwise a switch in the wrong place would be taken for a command.
#[rstest]
#[case("/v1/revocations?dry_run=true", "dry_run", json!({ "uid": ALICE, "clusters": "all" }))]
#[case("/v1/events?dry_run=true", "dry_run", json!({}))]
#[case("/v1/revocations/0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11/approval?force", "force", json!({}))]
#[tokio::test]
async fn a_command_has_no_parameters_in_its_query(
    #[case] path: &str,
    #[case] parameter: &str,
    #[case] body: serde_json::Value,
) {
    let world = World::new().await;
    let answer = world.post(path, ANNA, &body).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &parameter.into()));
    assert_eq!(world.log_length().await, 0);
}

/// A browser can send a form or plain text to any host without asking; it cannot send JSON or a bearer token.
#[tokio::test]
async fn no_other_origin_is_allowed() {
    let world = World::new().await;
    let mut preflight = request(Method::OPTIONS, "/v1/revocations", None, None);
    preflight.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    preflight.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
    let answer = world.send(preflight).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

/// What a command of one person says never becomes part of another's.
#[tokio::test]
async fn words_are_kept_as_they_are_and_no_more() {
    let world = World::seen().await;
    let reason = "'; DROP TABLE events; -- \u{202e} <script>alert(1)</script> {\"uid\":\"1\"} %00 ../..";
    let body = json!({ "uid": ALICE, "clusters": [PROD], "reason": reason });
    assert_eq!(world.post("/v1/revocations", ANNA, &body).await.outcomes(), ["confirmed"]);
    let kept = world.get("/v1/events?type=RevocationRequested").await.body;
    assert_eq!(kept["events"][0]["data"]["reason"], reason);
}
