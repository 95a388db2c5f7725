//! What is true of every answer.

use axum::http::{Method, StatusCode};

use crate::snapshot::assert_answer;
use crate::world::{VERA, World, request};

#[tokio::test]
async fn the_process_says_that_it_answers_to_anybody() {
    let world = World::new().await;
    let answer = world.send(request(Method::GET, "/healthz", None, None)).await;
    assert_answer("healthz", &answer);
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    let world = World::new().await;
    for path in ["/v1", "/v2/overview", "/v1/overview/", "/v1/clusters/../overview", "/v1/../etc/passwd"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "no-such-route"), "{path}");
    }
    assert_answer("unknown_path", &world.get("/nowhere").await);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;
    let put = world.send(request(Method::PUT, "/v1/overview", Some(VERA), None)).await;
    assert_answer("wrong_method", &put);
    // This path is read by one function and written by the other.
    let delete = world.send(request(Method::DELETE, "/v1/events", None, None)).await;
    let mut allowed: Vec<&str> = delete.header("allow").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[tokio::test]
async fn every_answer_has_an_id_and_is_neither_stored_nor_framed() {
    let world = World::new().await;
    let mut ids = vec![];
    for path in ["/healthz", "/openapi.json", "/v1/overview", "/v1/clusters/none", "/nowhere"] {
        let answer = world.get(path).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        ids.push(answer.header("x-request-id").to_owned());
    }
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// Otherwise a client could put its words into the logs.
#[tokio::test]
async fn the_id_of_a_request_is_never_the_clients() {
    let world = World::new().await;
    let mut request = request(Method::GET, "/nowhere", None, None);
    request.headers_mut().insert("x-request-id", "mine".parse().unwrap());
    let answer = world.send(request).await;
    assert_ne!(answer.header("x-request-id"), "mine");
    assert_eq!(answer.body["instance"].as_str(), Some(answer.header("x-request-id")));
}

#[tokio::test]
async fn head_answers_like_get_without_a_body() {
    let world = World::new().await;
    let answer =
        crate::world::send(&world.router, request(Method::HEAD, "/v1/overview", Some(VERA), None)).await;
    assert_eq!((answer.status, answer.body.is_null()), (StatusCode::OK, true));
}
