//! The control path header decides what a request is. The path, which a client chooses, never does.

use axum::Router;
use fc_runtime::{Error, LambdaEvent, Runtime, service_fn};
use http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::client::Call;
use crate::server::{Server, environment};

async fn event(event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({ "event": event.payload }))
}

async fn page(uri: Uri) -> String {
    format!("page {uri}")
}

fn both() -> Runtime {
    Runtime::new().event(service_fn(event)).http(Router::new().fallback(page))
}

#[tokio::test]
async fn an_event_reaches_the_event_handler_whatever_the_path() {
    let server = Server::start(both()).await;
    let answer =
        Call::to(server.address, "/elsewhere").header("x-fc-control-path", "/invoke").body("1").send().await;
    assert_eq!((answer.status, answer.json()), (StatusCode::OK, json!({ "event": 1 })));
}

#[tokio::test]
async fn a_client_that_asks_for_the_path_invoke_reaches_the_http_router() {
    let server = Server::start(both()).await;
    for path in ["/invoke", "/initialize", "/pre-stop", "/invoke?x-fc-control-path=/invoke"] {
        let answer =
            Call::to(server.address, path).header("x-fc-control-path", "/http-invoke").body("1").send().await;
        assert_eq!(answer.text(), format!("page {path}"));
    }
}

#[tokio::test]
async fn without_a_control_path_a_request_is_one_for_the_http_router() {
    let server = Server::start(both()).await;
    assert_eq!(Call::to(server.address, "/invoke").body("1").send().await.text(), "page /invoke");
}

#[tokio::test]
async fn without_control_path_and_http_router_a_request_is_refused() {
    let server = Server::start(Runtime::new().event(service_fn(event))).await;
    let answer = Call::to(server.address, "/invoke").body("1").send().await;
    assert_eq!(
        (answer.status, &answer.json()["errorType"]),
        (StatusCode::FORBIDDEN, &json!("NotAnInvocation"))
    );
}

#[tokio::test]
async fn an_http_request_to_a_function_without_router_is_not_found() {
    let server = Server::start(Runtime::new().event(service_fn(event))).await;
    let answer = Call::to(server.address, "/").header("x-fc-control-path", "/http-invoke").send().await;
    assert_eq!(
        (answer.status, &answer.json()["errorType"]),
        (StatusCode::NOT_FOUND, &json!("NoHttpHandler"))
    );
}

#[tokio::test]
async fn an_event_for_a_function_without_event_handler_fails_so_that_it_is_retried() {
    let server = Server::start(Runtime::new().http(Router::new().fallback(page))).await;
    assert_eq!(Call::event(server.address, "1").send().await.failure().0, "NoEventHandler");
}

#[tokio::test]
async fn an_unknown_control_path_or_two_of_them_reach_no_handler() {
    let server = Server::start(both()).await;
    let unknown = Call::to(server.address, "/").header("x-fc-control-path", "/pre-freeze").send().await;
    assert_eq!(unknown.failure().0, "UnknownControlPath");
    let two = Call::to(server.address, "/")
        .header("x-fc-control-path", "/http-invoke")
        .header("x-fc-control-path", "/invoke")
        .send()
        .await;
    assert_eq!(two.failure().0, "UnknownControlPath");
}

#[tokio::test]
async fn outside_function_compute_nobody_can_pose_as_the_platform() {
    let seen = Router::new().fallback(|headers: http::HeaderMap| async move {
        let platform = headers.keys().filter(|name| name.as_str().starts_with("x-fc-")).count();
        let key = fc_runtime::invocation().unwrap().credentials.clone().unwrap().access_key_id;
        format!("{platform} platform headers, key {key}")
    });
    let server = Server::start_in(both().http(seen), environment(None)).await;
    let spoofed = Call::event(server.address, "1").header("x-fc-access-key-id", "forged");
    let answer = spoofed.header("x-fc-access-key-secret", "forged").send().await;
    assert_eq!(answer.text(), "0 platform headers, key STS.env-id");
}

#[tokio::test]
async fn outside_function_compute_a_function_without_router_refuses_everything() {
    let server = Server::start_in(Runtime::new().event(service_fn(event)), environment(None)).await;
    assert_eq!(Call::event(server.address, "1").send().await.status, StatusCode::FORBIDDEN);
}
