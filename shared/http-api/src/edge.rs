//! The edge around all routes: the id of the request, security headers, and every error as problem+json, or as a page
//! where a browser asks for one.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, Response as HttpResponse};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use uuid::Uuid;

use crate::problem::Problem;
use crate::problem_type::ProblemType;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What begins the paths that programs call: problems are never pages there.
const FOR_PROGRAMS: &str = "/v1/";

/// Writes a problem as a page.
pub type ProblemPage = Arc<dyn Fn(&Refused<'_>) -> Response + Send + Sync>;

/// A request of a browser that ended in a problem.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// Why.
    pub problem: &'a Problem,
    /// The id of the request.
    pub request_id: &'a str,
    /// Where the browser wanted to go: path and query.
    pub place: &'a str,
}

/// Answers are data about access: not to be stored, framed, or taken for a page. A page sets what it needs itself.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// Puts the edge around routes that have all their state.
pub(crate) fn around(routes: Router, problem_page: Option<ProblemPage>) -> Router {
    routes
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(|_| panicked()))
        .layer(from_fn_with_state(problem_page, finish))
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

async fn finish(State(page): State<Option<ProblemPage>>, request: Request, next: Next) -> Response {
    let id = request_id();
    let page = page.filter(|_| wants_page(&request));
    let place = request.uri().path_and_query().map_or("/", |place| place.as_str()).to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        record(&problem, &id);
        response.headers_mut().remove(CONTENT_LENGTH);
        match page {
            Some(page) => {
                response = with_headers_of(
                    page(&Refused { problem: &problem, request_id: &id, place: &place }),
                    response,
                );
            }
            None => *response.body_mut() = Body::from(problem.to_json(Some(&id)).to_string()),
        }
    }
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// A browser that goes to a place says that it takes HTML; programs do not.
fn wants_page(request: &Request) -> bool {
    let mut accepted = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    !request.uri().path().starts_with(FOR_PROGRAMS) && accepted.any(|value| value.contains("text/html"))
}

/// The page, with what the problem says in headers, e.g. `Retry-After`.
fn with_headers_of(mut page: Response, problem: Response) -> Response {
    let told = problem.headers().iter().filter(|(name, _)| *name != CONTENT_TYPE);
    for (name, value) in told {
        page.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    page
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
