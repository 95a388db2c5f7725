//! The Invoke API (package alibabacloud-fc20230330 4.8.3: path and header names).

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

use super::Inner;
use super::call::{InvokeError, request_id};

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/2023-03-30/functions/{name}/invocations", post(invoke))
        // The limits on events are smaller and answer in the API's own way.
        .layer(DefaultBodyLimit::max(64 * 1024 * 1024))
        .with_state(inner)
}

async fn invoke(
    State(inner): State<Arc<Inner>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let asynchronous = headers
        .get("x-fc-invocation-type")
        .is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(b"async"));
    if asynchronous {
        return match inner.invoke_async(&name, payload) {
            Ok(id) => (StatusCode::ACCEPTED, [("x-fc-request-id", id)]).into_response(),
            Err(error) => refusal(&error),
        };
    }
    match inner.invoke(&name, payload).await {
        Ok(invoked) => {
            (StatusCode::OK, [("x-fc-request-id", invoked.request_id)], invoked.body).into_response()
        }
        Err(error) => refusal(&error),
    }
}

/// A call that could not be made is an API error; a call that failed is a 200 with `x-fc-error-type` (as in the earlier
/// generation of the service; unconfirmed for this one).
fn refusal(error: &InvokeError) -> Response {
    let (status, code) = match error {
        InvokeError::NoSuchFunction(_) => (StatusCode::NOT_FOUND, "FunctionNotFound"),
        InvokeError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "PayloadSizeExceeded"),
        InvokeError::Start(_) => (StatusCode::OK, "FunctionNotStarted"),
        InvokeError::TimedOut { .. } => (StatusCode::OK, "InvocationTimeout"),
        _ => (StatusCode::OK, "UnhandledInvocationError"),
    };
    if status != StatusCode::OK {
        let body = json!({ "RequestId": request_id(), "Code": code, "Message": error.to_string() });
        return (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    }
    let (id, error_type, message) = match error {
        InvokeError::Function { request_id, error_type, error_message } => {
            (request_id.clone(), error_type.as_str(), error_message.clone())
        }
        InvokeError::TimedOut { request_id } | InvokeError::Crashed { request_id, .. } => {
            (request_id.clone(), code, error.to_string())
        }
        _ => (request_id(), code, error.to_string()),
    };
    let body = json!({ "errorMessage": message, "errorType": error_type }).to_string();
    (StatusCode::OK, [("x-fc-request-id", id.as_str()), ("x-fc-error-type", code)], body).into_response()
}
