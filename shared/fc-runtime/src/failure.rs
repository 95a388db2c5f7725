//! Failure answers that Function Compute counts and retries.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use lambda_runtime::Diagnostic;
use serde_json::json;

/// Longest error message in an answer, in bytes. Answers of failed asynchronous calls are stored in destinations and logs.
const MESSAGE_MAX: usize = 2048;

/// The error type of a call that failed, carried beside the response for the log line.
#[derive(Clone, Debug)]
pub(crate) struct ErrorType(pub(crate) String);

/// A failed event or lifecycle call: HTTP 404 with `x-fc-status: 404`. Without that header Function Compute takes any answer for
/// a success, a 500 included (documentation page document_detail/2513511).
pub(crate) fn failed(diagnostic: Diagnostic) -> Response {
    let mut response = answer(StatusCode::NOT_FOUND, diagnostic);
    response.headers_mut().insert("x-fc-status", HeaderValue::from_static("404"));
    response
}

/// A request that is no call of the function: answered with `status`, in the same shape.
pub(crate) fn refused(status: StatusCode, error_type: &str, message: &str) -> Response {
    answer(status, Diagnostic { error_type: error_type.to_owned(), error_message: message.to_owned() })
}

fn answer(status: StatusCode, Diagnostic { error_type, mut error_message }: Diagnostic) -> Response {
    error_message.truncate(error_message.floor_char_boundary(MESSAGE_MAX));
    let body = json!({ "errorMessage": error_message, "errorType": error_type, "stackTrace": [] });
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    response.extensions_mut().insert(ErrorType(error_type));
    response
}

/// What a caller learns of a panic in an event handler: that it happened. Message and place go to the log (`init_logging`).
pub(crate) fn event_panicked() -> Response {
    failed(Diagnostic { error_type: PANIC.to_owned(), error_message: "the handler panicked".to_owned() })
}

/// What a client of an HTTP trigger learns of a panic: a plain 500 (RFC 9457).
pub(crate) fn http_panicked() -> Response {
    let body = json!({ "type": "about:blank", "title": "Internal Server Error", "status": 500 });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response.extensions_mut().insert(ErrorType(PANIC.to_owned()));
    response
}

const PANIC: &str = "HandlerPanic";
