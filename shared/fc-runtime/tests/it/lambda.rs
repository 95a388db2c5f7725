//! The same handler, in the same binary, under lambda_runtime and under this runtime.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::child::Process;
use crate::client::Call;

/// A Lambda Runtime API with one event in it (paths and headers: lambda_runtime 1.5.0, `requests.rs` and `constants.rs`).
#[derive(Clone)]
struct RuntimeApi {
    next: Arc<Mutex<Option<String>>>,
    outcome: mpsc::UnboundedSender<(String, Value)>,
}

async fn next(State(api): State<RuntimeApi>) -> Response {
    let event = api.next.lock().unwrap().take();
    let Some(event) = event else { return std::future::pending().await };
    let headers = [
        ("lambda-runtime-aws-request-id", "req-1"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:1:function:probe"),
        ("lambda-runtime-trace-id", "Root=1"),
    ];
    (headers, event).into_response()
}

async fn outcome(
    State(api): State<RuntimeApi>,
    Path((_id, outcome)): Path<(String, String)>,
    body: String,
) -> http::StatusCode {
    let body = serde_json::from_str(&body).unwrap_or(Value::String(body));
    let _ = api.outcome.send((outcome, body));
    http::StatusCode::ACCEPTED
}

/// What the handler answers to `event` on AWS Lambda: `response` or `error`, and the body.
async fn under_lambda(event: &str) -> (String, Value) {
    let (sender, mut outcomes) = mpsc::unbounded_channel();
    let api = RuntimeApi { next: Arc::new(Mutex::new(Some(event.to_owned()))), outcome: sender };
    let router = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(outcome))
        .with_state(api);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(axum::serve(listener, router).into_future());
    let _process = Process::start(
        "portable",
        &[
            ("AWS_LAMBDA_RUNTIME_API", &address),
            ("AWS_LAMBDA_FUNCTION_NAME", "probe"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ],
    );
    outcomes.recv().await.unwrap()
}

#[tokio::test]
async fn the_answer_is_the_same() {
    let event = r#"{"name":"Ada"}"#;
    let (_process, address) = Process::function("portable", &[]).await;
    let here = Call::event(address, event).send().await.json();
    let expected = json!({ "text": "Hello, Ada", "function": "probe", "request_id": "req-1" });
    assert_eq!(here, expected);
    assert_eq!(under_lambda(event).await, ("response".to_owned(), here));
}

#[tokio::test]
async fn the_failure_is_the_same() {
    let event = r#"{"name":""}"#;
    let (_process, address) = Process::function("portable", &[]).await;
    let (error_type, error_message) = Call::event(address, event).send().await.failure();
    assert_eq!(error_message, "nobody to greet");
    let (outcome, body) = under_lambda(event).await;
    assert_eq!(outcome, "error");
    assert_eq!(body, json!({ "errorType": error_type, "errorMessage": error_message }));
}
