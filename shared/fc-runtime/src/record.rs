//! The record of a call: one JSON line, the platform's Start and End lines, and the task-local invocation.

use std::io::Write;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;

use measure::Measure;
use tracing::Instrument as _;

use crate::failure::ErrorType;
use crate::scoped::Scoped;
use crate::{Invocation, Kind, telemetry};

/// The most of a path that stands in a log line, in characters.
const MAX_PATH: usize = 200;

/// Runs a call as its [`Invocation`] (found in the request's extensions) and records it when it ends, however it ends.
pub(crate) async fn record(State(platform_lines): State<bool>, request: Request, next: Next) -> Response {
    let Some(invocation) = request.extensions().get::<Arc<Invocation>>().cloned() else {
        return next.run(request).await;
    };
    let mut line = Line::start(Arc::clone(&invocation), asked(&invocation, &request), platform_lines);
    let Invocation { request_id, function_name, kind, .. } = &*invocation;
    let function = function_name.as_deref();
    let span =
        tracing::info_span!(target: "fc_runtime", "invocation", request_id, function, kind = kind.as_str());
    telemetry::continue_trace(&span, request.headers());
    let response = Arc::clone(&invocation).scope(next.run(request)).instrument(span).await;
    line.end(&response);
    if platform_lines {
        telemetry::flush().await;
    }
    response.map(|body| Scoped::body(body, invocation))
}

/// Method and path of an HTTP call, without the query, which may hold what must not be stored. An event call has
/// nothing of its own here.
fn asked(invocation: &Invocation, request: &Request) -> Option<(Method, String)> {
    let path = || request.uri().path().chars().take(MAX_PATH).collect();
    (invocation.kind == Kind::Http).then(|| (request.method().clone(), path()))
}

/// Dropped before its end, it records a call that was given up: the platform closed the connection.
struct Line {
    invocation: Arc<Invocation>,
    asked: Option<(Method, String)>,
    platform_lines: bool,
    ended: bool,
}

impl Line {
    fn start(invocation: Arc<Invocation>, asked: Option<(Method, String)>, platform_lines: bool) -> Self {
        let line = Self { invocation, asked, platform_lines, ended: false };
        line.platform("Start", "");
        line
    }

    fn end(&mut self, response: &Response) {
        self.ended = true;
        let error = response.extensions().get::<ErrorType>().map(|error| error.0.as_str());
        let failed = error.is_some() || response.status().is_server_error();
        self.emit(if failed { "error" } else { "ok" }, error, response.status().as_u16());
        self.platform("End", if failed { ", Error: Unhandled function error" } else { "" });
    }

    fn emit(&self, outcome: &str, error: Option<&str>, status: u16) {
        let Invocation { request_id, function_name, kind, .. } = &*self.invocation;
        let function = function_name.as_deref();
        let took = self.invocation.elapsed();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let kind = kind.as_str();
        let (method, path) =
            self.asked.as_ref().map(|(method, path)| (method.as_str(), path.as_str())).unzip();
        // Neither payload nor headers: both may hold what must not be stored.
        tracing::info!(
            target: "fc_runtime",
            request_id, function, kind, duration_ms, outcome,
            error.type = error,
            http.method = method,
            http.path = path,
            http.status = status,
            "invocation"
        );
        Measure::Invocation { kind, outcome, took }.emit();
    }

    /// The lines by which log services cut a function's output into calls (Function Compute custom runtime specification).
    fn platform(&self, edge: &str, suffix: &str) {
        if !self.platform_lines {
            return;
        }
        let what = match self.invocation.kind {
            Kind::Event | Kind::Http => "Invoke",
            Kind::Initialize => "Initialize",
            Kind::PreStop => return,
        };
        // Nobody reads stdout any more: the call goes on all the same.
        let _ =
            writeln!(std::io::stdout(), "FC {what} {edge} RequestId: {}{suffix}", self.invocation.request_id);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.ended {
            self.emit("cancelled", None, 0);
            self.platform("End", ", Error: Unhandled function error");
        }
    }
}
