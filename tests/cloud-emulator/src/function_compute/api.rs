//! The Invoke API (package alibabacloud-fc20230330 4.8.3: path and header names).

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Path, Request as ClientRequest, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde_json::json;

use super::Inner;
use super::call::{InvokeError, request_id};
use crate::service::{ApiError, Cloud, Request, Service};
use crate::signature::caller;

/// Larger than any event, whose own limits answer in the API's own way.
const BODY_MAX: usize = 64 * 1024 * 1024;

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/2023-03-30/functions/{name}/invocations", post(invoke))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(inner)
}

/// The same behind the check of the request's signature.
pub(crate) fn signed_router(inner: Arc<Inner>, cloud: Arc<Cloud>) -> Router {
    router(inner).layer(from_fn_with_state(cloud, check_signature))
}

/// The API is of the style of CS (paths, no parameters in the body), and so are its signatures.
async fn check_signature(State(cloud): State<Arc<Cloud>>, request: ClientRequest, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_MAX).await else {
        return api_error(StatusCode::PAYLOAD_TOO_LARGE, "PayloadSizeExceeded", "the event cannot be read");
    };
    let signed =
        Request::new(parts.method.as_str(), &parts.uri.to_string(), parts.headers.clone(), body.clone());
    let denied = {
        let account = cloud.account();
        caller(Service::Cs, &signed, &account, &cloud.nonces, Timestamp::now(), cloud.now()).err()
    };
    let Some(denied) = denied else {
        return next.run(ClientRequest::from_parts(parts, Body::from(body))).await;
    };
    let error = ApiError::denied(Service::Cs, &denied);
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::FORBIDDEN);
    api_error(status, &error.code, &error.message)
}

fn api_error(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "RequestId": request_id(), "Code": code, "Message": message });
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
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
        return api_error(status, code, &error.to_string());
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
