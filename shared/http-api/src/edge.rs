//! The edge around all routes: the id of the request, security headers, and every error as problem+json.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Response as HttpResponse};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers are data about access: not to be stored, framed, or taken for a page.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Puts the edge around routes that have all their state.
pub(crate) fn around(routes: Router) -> Router {
    routes
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn(finish))
}

async fn no_such_route() -> Problem {
    Problem::new(ProblemType::NoSuchRoute, "there is nothing at this path")
}

async fn method_not_allowed() -> Problem {
    Problem::new(ProblemType::MethodNotAllowed, "the header `Allow` lists the methods of this path")
}

/// The message of a panic goes to the log by the panic hook.
fn panicked() -> HttpResponse<Body> {
    Problem::internal("the handler panicked").into_response()
}

async fn finish(request: Request, next: Next) -> Response {
    let id = request_id();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        record(&problem, &id);
        *response.body_mut() = Body::from(problem.to_json(Some(&id)).to_string());
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    let headers = response.headers_mut();
    headers.extend(SECURITY_HEADERS);
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// The platform's id where there is one, so that its logs and ours meet.
fn request_id() -> String {
    fc_runtime::invocation()
        .map_or_else(|| Uuid::now_v7().to_string(), |invocation| invocation.request_id.clone())
}

fn record(problem: &Problem, request_id: &str) {
    let (kind, status, cause) = (problem.kind().uri(), problem.kind().status().as_u16(), problem.cause());
    if problem.kind().status().is_server_error() {
        tracing::error!(request_id, http.status = status, problem = kind, cause, "request failed");
    } else {
        tracing::info!(request_id, http.status = status, problem = kind, cause, "request refused");
    }
}
