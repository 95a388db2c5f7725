//! An error as a client sees it: problem+json (RFC 9457).

use std::time::Duration;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::problem_type::ProblemType;

/// The longest detail, in characters: it may quote what the client sent.
const DETAIL_MAX: usize = 400;

/// A problem on its way to the client, and what only the log may say about it.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    kind: ProblemType,
    detail: String,
    members: Map<String, Value>,
    headers: HeaderMap,
    cause: Option<String>,
}

impl Problem {
    /// A problem; the detail is for people, and is cut and freed from control characters.
    pub fn new(kind: ProblemType, detail: impl AsRef<str>) -> Self {
        let detail = detail.as_ref().chars().take(DETAIL_MAX);
        Self(Box::new(Parts {
            kind,
            detail: detail.map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
            members: Map::new(),
            headers: HeaderMap::new(),
            cause: None,
        }))
    }

    /// A parameter of path, query or header that does not fit.
    pub fn parameter(name: &str, expected: &str) -> Self {
        Self::new(ProblemType::InvalidParameter, format!("`{name}` has to be {expected}"))
            .with("parameter", name)
            .with("expected", expected)
    }

    /// A fault of this program. The client learns its id, the log the cause.
    pub fn internal(cause: impl Into<String>) -> Self {
        let detail = "the cause is in the log under the id that stands in `instance`";
        Self::new(ProblemType::Internal, detail).because(cause)
    }

    /// Adds a member for programs.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// Says when trying again makes sense. Full seconds, rounded up, at least one.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with_header(RETRY_AFTER, HeaderValue::from(seconds.max(1)))
    }

    /// Says to the log what the client does not learn.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// Its type.
    pub fn kind(&self) -> ProblemType {
        self.0.kind
    }

    /// What happened, for people.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What only the log may say.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The body.
    pub(crate) fn to_json(&self, instance: Option<&str>) -> Value {
        let mut body = json!({
            "type": self.0.kind.uri(),
            "title": self.0.kind.title(),
            "status": self.0.kind.status().as_u16(),
            "detail": self.0.detail,
        });
        if let Some(instance) = instance {
            body["instance"] = instance.into();
        }
        for (name, value) in &self.0.members {
            body[name] = value.clone();
        }
        body
    }
}

/// The edge writes it again with the id of the request; without an edge it stands as it is.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.0.kind.status(), Json(self.to_json(None))).into_response();
        response.headers_mut().extend(self.0.headers.clone());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response.extensions_mut().insert(self);
        response
    }
}
