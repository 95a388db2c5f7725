//! Requests of an HTTP trigger.

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use fc_runtime::{Runtime, invocation};
use http::{HeaderMap, StatusCode, Uri};
use serde_json::json;

use crate::client::Call;
use crate::server::Server;

fn http(address: std::net::SocketAddr, path: &str) -> Call {
    Call::to(address, path).header("x-fc-control-path", "/http-invoke").header("x-fc-request-id", "req-h")
}

#[tokio::test]
async fn path_query_headers_and_body_of_the_client_arrive() {
    async fn mirror(uri: Uri, headers: HeaderMap, body: String) -> String {
        let kind = invocation().map(|i| format!("{} {}", i.kind, i.request_id));
        format!("{uri} {} {body} {}", headers["x-mine"].to_str().unwrap(), kind.unwrap())
    }
    let server = Server::start(Runtime::new().http(Router::new().route("/a/b", post(mirror)))).await;
    let answer = http(server.address, "/a/b?c=%20d").header("x-mine", "yes").body("hello").send().await;
    assert_eq!(answer.text(), "/a/b?c=%20d yes hello http req-h");
    assert_eq!(http(server.address, "/a").send().await.status, StatusCode::NOT_FOUND);
}

/// Notes the invocation in which it is dropped.
struct Dropped(tokio::sync::mpsc::UnboundedSender<Option<String>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(invocation().map(|i| i.request_id.clone()));
    }
}

#[tokio::test]
async fn what_is_made_while_it_is_sent_belongs_to_the_invocation_to_its_end() {
    let (sender, mut dropped) = tokio::sync::mpsc::unbounded_channel();
    let page = move || {
        let last = Dropped(sender.clone());
        async move {
            let parts = futures::stream::unfold((0, last), |(part, last)| async move {
                let id = invocation().map(|i| i.request_id.clone()).unwrap_or_default();
                (part < 3).then(|| (Ok::<_, std::io::Error>(format!("{part} {id};")), (part + 1, last)))
            });
            axum::body::Body::from_stream(parts)
        }
    };
    let server = Server::start(Runtime::new().http(Router::new().fallback(page))).await;
    let answer = http(server.address, "/").send().await;
    assert_eq!(answer.text(), "0 req-h;1 req-h;2 req-h;");
    assert_eq!(dropped.recv().await.unwrap().as_deref(), Some("req-h"));
}

#[tokio::test]
async fn the_router_never_sees_the_credential_headers() {
    let names = |headers: HeaderMap| async move {
        let mut names: Vec<_> =
            headers.keys().map(ToString::to_string).filter(|n| n.starts_with("x-fc-")).collect();
        names.sort();
        names.join(" ")
    };
    let server = Server::start(Runtime::new().http(Router::new().fallback(names))).await;
    let answer = http(server.address, "/")
        .header("x-fc-access-key-id", "id")
        .header("x-fc-access-key-secret", "secret")
        .header("X-Fc-Security-Token", "token")
        .send()
        .await;
    assert_eq!(answer.text(), "x-fc-control-path x-fc-request-id");
}

#[tokio::test]
async fn a_panic_is_a_plain_500_and_the_next_request_works() {
    let page = |body: String| async move {
        assert!(body.is_empty(), "the secret is hunter2");
        "fine"
    };
    let server = Server::start(Runtime::new().http(Router::new().fallback(page))).await;
    let answer = http(server.address, "/").body("boom").send().await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert_eq!(
        answer.json(),
        json!({ "type": "about:blank", "title": "Internal Server Error", "status": 500 })
    );
    assert_eq!(http(server.address, "/").send().await.text(), "fine");
}

#[tokio::test]
async fn a_body_above_the_http_limit_is_413_and_the_limit_can_be_raised() {
    let length = || Router::new().fallback(|body: Bytes| async move { body.len().to_string() });
    let ten_megabytes = Bytes::from(vec![b'x'; 10 * 1024 * 1024]);
    let server = Server::start(Runtime::new().http(length())).await;
    let refused = http(server.address, "/").body(ten_megabytes.clone()).send().await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(http(server.address, "/").body(vec![b'x'; 1024 * 1024]).send().await.text(), "1048576");

    let roomy = Server::start(Runtime::new().http(length()).http_body_limit(ten_megabytes.len())).await;
    assert_eq!(http(roomy.address, "/").body(ten_megabytes).send().await.text(), "10485760");
}
