//! From a request to the part of the runtime that answers it.

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode};
use lambda_runtime::{Diagnostic, Error};
use tower::ServiceExt;
use tower::limit::GlobalConcurrencyLimitLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;

use crate::event::{EventHandler, answer};
use crate::failure::{event_panicked, failed, http_panicked, refused};
use crate::record::record;
use crate::{Environment, Invocation, Kind};

const CONTROL_PATH: &str = "x-fc-control-path";

/// A lifecycle hook.
pub(crate) type Hook = Arc<dyn Fn() -> BoxFuture<'static, Result<(), Error>> + Send + Sync>;

/// What a runtime is made of, ready to serve.
pub(crate) struct Parts {
    pub(crate) event: Option<EventHandler>,
    pub(crate) http: Option<Router>,
    pub(crate) initialize: Option<Hook>,
    pub(crate) pre_stop: Option<Hook>,
    pub(crate) environment: Environment,
    pub(crate) limits: Limits,
    pub(crate) platform_lines: bool,
}

/// Bounds on what a call may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) event_body: usize,
    pub(crate) http_body: usize,
    pub(crate) concurrency: usize,
}

struct Dispatch {
    environment: Environment,
    control: Router,
    http: Option<Router>,
}

/// The runtime as a router that ignores paths.
pub(crate) fn router(parts: Parts) -> Router {
    let Parts { event, http, initialize, pre_stop, environment, limits, platform_lines } = parts;
    let slots = GlobalConcurrencyLimitLayer::new(limits.concurrency);
    let recorded = axum::middleware::from_fn_with_state(platform_lines, record);

    let calls = Arc::new(Calls { event, initialize, pre_stop, body_limit: limits.event_body });
    let control = Router::new()
        .fallback(call)
        .with_state(calls)
        .layer(slots.clone())
        .layer(CatchPanicLayer::custom(|_| event_panicked()))
        .layer(recorded.clone());
    let http = http.map(|router| {
        router
            .layer(DefaultBodyLimit::disable())
            .layer(RequestBodyLimitLayer::new(limits.http_body))
            .layer(slots)
            .layer(CatchPanicLayer::custom(|_| http_panicked()))
            .layer(recorded)
    });
    Router::new().fallback(dispatch).with_state(Arc::new(Dispatch { environment, control, http }))
}

/// Chooses by the control path alone: the client chooses the path, only the platform chooses the header.
async fn dispatch(State(this): State<Arc<Dispatch>>, mut request: Request) -> Response {
    if !this.environment.is_function_compute() {
        remove_platform_headers(request.headers_mut());
    }
    let (kind, chosen) = match (control_path(request.headers()), &this.http) {
        (Control::Call(Kind::Http) | Control::Absent, Some(http)) => (Kind::Http, http),
        (Control::Call(Kind::Http), None) => {
            return refused(StatusCode::NOT_FOUND, "NoHttpHandler", "this function has no HTTP handler");
        }
        (Control::Absent, None) => return not_an_invocation(),
        (Control::Unknown, _) => return unknown_control_path(),
        (Control::Call(kind), _) => (kind, &this.control),
    };
    let invocation = Invocation::take_from(request.headers_mut(), kind, &this.environment);
    request.extensions_mut().insert(Arc::new(invocation));
    match chosen.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What the control path says.
enum Control {
    Absent,
    Call(Kind),
    Unknown,
}

fn control_path(headers: &HeaderMap) -> Control {
    let mut values = headers.get_all(CONTROL_PATH).iter();
    match (values.next().map(HeaderValue::as_bytes), values.next()) {
        (None, _) => Control::Absent,
        (Some(b"/invoke"), None) => Control::Call(Kind::Event),
        (Some(b"/http-invoke"), None) => Control::Call(Kind::Http),
        (Some(b"/initialize"), None) => Control::Call(Kind::Initialize),
        (Some(b"/pre-stop"), None) => Control::Call(Kind::PreStop),
        // Two values: somebody tries to be the platform. One unknown value: a call this runtime cannot answer.
        (Some(_), _) => Control::Unknown,
    }
}

fn unknown_control_path() -> Response {
    failed(Diagnostic {
        error_type: "UnknownControlPath".to_owned(),
        error_message: "the control path is not one of /invoke, /http-invoke, /initialize, /pre-stop"
            .to_owned(),
    })
}

fn not_an_invocation() -> Response {
    let message = "only Function Compute may call this function, and it has no HTTP handler";
    refused(StatusCode::FORBIDDEN, "NotAnInvocation", message)
}

fn remove_platform_headers(headers: &mut HeaderMap) {
    let names: Vec<_> = headers.keys().filter(|name| name.as_str().starts_with("x-fc-")).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

struct Calls {
    event: Option<EventHandler>,
    initialize: Option<Hook>,
    pre_stop: Option<Hook>,
    body_limit: usize,
}

/// Answers an event or lifecycle call. The invocation was put there by [`dispatch`].
async fn call(State(calls): State<Arc<Calls>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(invocation) = parts.extensions.get::<Arc<Invocation>>() else {
        return refused(
            StatusCode::FORBIDDEN,
            "NotAnInvocation",
            "only Function Compute may call this function",
        );
    };
    match (invocation.kind, &calls.event) {
        (Kind::Initialize, _) => lifecycle(calls.initialize.as_ref()).await,
        (Kind::PreStop, _) => lifecycle(calls.pre_stop.as_ref()).await,
        (Kind::Event | Kind::Http, None) => failed(Diagnostic {
            error_type: "NoEventHandler".to_owned(),
            error_message: "this function has no event handler".to_owned(),
        }),
        (Kind::Event | Kind::Http, Some(handler)) => match to_bytes(body, calls.body_limit).await {
            Ok(payload) => answer(handler(payload, invocation.to_context()).await),
            Err(error) => failed(unreadable(&error, calls.body_limit)),
        },
    }
}

fn unreadable(error: &axum::Error, limit: usize) -> Diagnostic {
    Diagnostic {
        error_type: "PayloadUnreadable".to_owned(),
        error_message: format!("the event cannot be read, at most {limit} bytes are taken: {error}"),
    }
}

/// A hook that is not set has nothing to do, which is a success.
async fn lifecycle(hook: Option<&Hook>) -> Response {
    match hook {
        None => StatusCode::OK.into_response(),
        Some(hook) => answer(hook().await.map(|()| Bytes::new()).map_err(Diagnostic::from)),
    }
}
