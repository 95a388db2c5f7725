//! One call of a function over HTTP, and how it ended.

use std::fmt;
use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::request::Builder;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use uuid::Uuid;

use super::{FunctionSpec, Inner, Settings, StartError};

/// Largest event of a synchronous call and largest answer, in bytes (Function Compute limits: 32 MB).
const BODY_MAX: usize = 32 * 1024 * 1024;

/// The answer of a call that counts as a success.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// Request id of the call.
    pub request_id: String,
    /// What the function returned. Status and headers of an event call are lost (documentation page document_detail/2513511).
    pub body: Bytes,
}

impl Invoked {
    /// The span of the platform that the call belonged to, where the function's calls are traced.
    pub fn span(&self) -> Option<PlatformSpan> {
        span_of(&self.request_id)
    }
}

/// Why a call failed.
#[derive(Debug, Error)]
pub enum InvokeError {
    /// There is no function of that name.
    #[error("no function {0}")]
    NoSuchFunction(String),
    /// The event is larger than allowed.
    #[error("an event of {size} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Size of the event.
        size: usize,
        /// What is allowed.
        limit: usize,
    },
    /// The function's process did not start.
    #[error("the function did not start: {0}")]
    Start(#[from] StartError),
    /// The function answered with `x-fc-status`: it says that it failed.
    #[error("the function failed: {error_type}: {error_message}")]
    Function {
        /// Request id of the call.
        request_id: String,
        /// `errorType` of the answer.
        error_type: String,
        /// `errorMessage` of the answer, or all of the answer if it has another shape.
        error_message: String,
    },
    /// No answer within the function's timeout. Its process was ended.
    #[error("the function did not answer in time")]
    TimedOut {
        /// Request id of the call.
        request_id: String,
    },
    /// The connection broke before the answer was complete: the process ended or closed it.
    #[error("the function broke off the call: {reason}\n{tail}")]
    Crashed {
        /// Request id of the call.
        request_id: String,
        /// What happened to the connection.
        reason: String,
        /// The end of the function's output.
        tail: String,
    },
    /// An HTTP trigger cannot be opened.
    #[error("the HTTP trigger cannot listen")]
    Listen(#[source] std::io::Error),
}

/// What is asked of the function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ControlPath {
    Invoke,
    HttpInvoke,
    Initialize,
    PreStop,
}

impl ControlPath {
    fn as_str(self) -> &'static str {
        match self {
            Self::Invoke => "/invoke",
            Self::HttpInvoke => "/http-invoke",
            Self::Initialize => "/initialize",
            Self::PreStop => "/pre-stop",
        }
    }
}

/// A request to a function's process with the headers of the platform.
pub(crate) struct Request {
    builder: Builder,
    body: Body,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) type CallError = Box<dyn std::error::Error + Send + Sync>;

impl Request {
    /// An event: `POST /invoke` with the raw bytes.
    pub(crate) fn event(
        settings: &Settings,
        spec: &FunctionSpec,
        request_id: &str,
        retry: u32,
        payload: Bytes,
    ) -> Self {
        let builder = http::Request::post("/invoke")
            .header("content-type", "application/octet-stream")
            .header("x-fc-retry-count", retry);
        Self::with_platform(builder, settings, spec, ControlPath::Invoke, request_id, Body::from(payload))
    }

    pub(crate) fn lifecycle(settings: &Settings, spec: &FunctionSpec, control: ControlPath) -> Self {
        let builder = http::Request::builder().method(Method::POST).uri(control.as_str());
        Self::with_platform(builder, settings, spec, control, &request_id(), Body::empty())
    }

    /// Adds the platform's headers (names: public runtimes' constants and an echo dump of an FC 3.0 function).
    pub(crate) fn with_platform(
        mut builder: Builder,
        settings: &Settings,
        spec: &FunctionSpec,
        control: ControlPath,
        request_id: &str,
        body: Body,
    ) -> Self {
        builder = builder
            .header("x-fc-control-path", control.as_str())
            .header("x-fc-request-id", request_id)
            .header("x-fc-function-name", &spec.name)
            .header("x-fc-function-handler", "bootstrap")
            .header("x-fc-function-memory", spec.memory_mb)
            .header("x-fc-function-timeout", spec.timeout.as_secs())
            .header("x-fc-region", &settings.region)
            .header("x-fc-account-id", &settings.account_id)
            .header("x-fc-qualifier", "LATEST")
            .header("x-fc-version-id", "LATEST");
        if let Some(span) = span_of(request_id).filter(|_| spec.tracing) {
            builder = builder.header("x-fc-tracing-opentracing-span-context", span.to_string());
        }
        if let Some(role) = &settings.role {
            let key = role(&spec.name);
            builder = builder
                .header("x-fc-access-key-id", key.access_key_id)
                .header("x-fc-access-key-secret", key.secret)
                .header("x-fc-security-token", key.token);
        }
        Self { builder, body }
    }

    /// Sends it on a connection of its own and gives the answer's head, its body still to come.
    pub(crate) async fn open(self, address: SocketAddr) -> Result<http::Response<Body>, CallError> {
        let mut builder = self.builder;
        if builder.headers_ref().is_some_and(|headers| !headers.contains_key("host")) {
            builder = builder.header("host", address.to_string());
        }
        let request = builder.body(self.body)?;
        let stream = TcpStream::connect(address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(sender.send_request(request).await?.map(Body::new))
    }

    pub(crate) async fn send(self, address: SocketAddr) -> Result<Answer, CallError> {
        let (parts, body) = self.open(address).await?.into_parts();
        Ok(Answer { status: parts.status, headers: parts.headers, body: to_bytes(body, BODY_MAX).await? })
    }
}

impl Answer {
    /// Without `x-fc-status` every answer is a success, a 500 included (documentation page document_detail/2513511). That the
    /// value 200 is one too is an assumption.
    pub(crate) fn succeeded(&self) -> bool {
        self.headers.get("x-fc-status").map(HeaderValue::as_bytes).is_none_or(|status| status == b"200")
    }
}

/// The span of the platform that a call belongs to, as Jaeger's clients write it: trace, span, parent, flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformSpan {
    /// Id of the trace.
    pub trace: u128,
    /// Id of the span.
    pub span: u64,
}

impl fmt::Display for PlatformSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}:{:016x}:0:1", self.trace, self.span)
    }
}

/// The span of a call follows from its request id, so that whoever called can look for it.
pub(crate) fn span_of(request_id: &str) -> Option<PlatformSpan> {
    let id: Uuid = request_id.strip_prefix("1-")?.parse().ok()?;
    let (high, low) = id.as_u64_pair();
    Some(PlatformSpan { trace: id.as_u128(), span: high ^ low })
}

pub(crate) fn request_id() -> String {
    format!("1-{}", Uuid::new_v4())
}

impl Inner {
    pub(crate) async fn invoke(&self, name: &str, payload: Bytes) -> Result<Invoked, InvokeError> {
        within(payload.len(), BODY_MAX)?;
        self.attempt(name, &request_id(), 0, payload).await
    }

    /// One try of an event call.
    pub(crate) async fn attempt(
        &self,
        name: &str,
        request_id: &str,
        retry: u32,
        payload: Bytes,
    ) -> Result<Invoked, InvokeError> {
        let function = self.function(name)?;
        let address = function.address(&self.settings).await?;
        let request = Request::event(&self.settings, function.spec(), request_id, retry, payload);
        let request_id = request_id.to_owned();
        match timeout(function.spec().timeout, request.send(address)).await {
            Ok(Ok(answer)) if answer.succeeded() => Ok(Invoked { request_id, body: answer.body }),
            Ok(Ok(answer)) => Err(said_failure(request_id, &answer.body)),
            Ok(Err(error)) => {
                // A process that cannot be talked to is of no use to the next call, even if it still lives.
                function.kill_at(address).await;
                Err(InvokeError::Crashed {
                    request_id,
                    reason: error.to_string(),
                    tail: function.output().tail(),
                })
            }
            Err(_) => {
                function.kill_at(address).await;
                Err(InvokeError::TimedOut { request_id })
            }
        }
    }
}

pub(crate) fn within(size: usize, limit: usize) -> Result<(), InvokeError> {
    if size > limit { Err(InvokeError::TooLarge { size, limit }) } else { Ok(()) }
}

fn said_failure(request_id: String, body: &[u8]) -> InvokeError {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
    InvokeError::Function {
        request_id,
        error_type: text("errorType").unwrap_or_default(),
        error_message: text("errorMessage").unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()),
    }
}
