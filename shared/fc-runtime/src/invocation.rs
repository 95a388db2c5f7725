//! One call of the function: what the platform's request headers say about it.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::HeaderMap;
use lambda_runtime::{Config, Context};

use crate::credentials::SECRET_HEADERS;
use crate::{Credentials, Environment};

/// Time a call is given when the platform does not say: short, so that work which watches its deadline stops early, not late.
const ASSUMED_TIMEOUT: Duration = Duration::from_secs(60);

/// A request id longer than this is not the platform's; it is cut before it reaches a log line.
const REQUEST_ID_MAX: usize = 128;

tokio::task_local! {
    static CURRENT: Arc<Invocation>;
}

/// The invocation that the current task works for. None outside a call, in a task spawned without [`Invocation::scope`], and
/// under `lambda_runtime::run`.
pub fn invocation() -> Option<Arc<Invocation>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// What the platform asked for, by `x-fc-control-path`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `/invoke`: an event (timer, EventBridge, Invoke API).
    Event,
    /// `/http-invoke`: a request of an HTTP trigger, or any request outside Function Compute.
    Http,
    /// `/initialize`: the instance starts.
    Initialize,
    /// `/pre-stop`: the instance is about to stop.
    PreStop,
}

impl Kind {
    /// The name used in log lines.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Event => "event",
            Kind::Http => "http",
            Kind::Initialize => "initialize",
            Kind::PreStop => "pre_stop",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One call of the function. `Debug` shows no credentials.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// What was asked for.
    pub kind: Kind,
    /// `x-fc-request-id`; `local-…` when there is none.
    pub request_id: String,
    /// When the request arrived.
    pub received_at: SystemTime,
    /// When the platform ends the call: arrival plus `x-fc-function-timeout` seconds, 60 s if that is missing.
    pub deadline: SystemTime,
    /// Credentials of the function role: those of this request, else those of the environment.
    pub credentials: Option<Credentials>,
    /// Account id.
    pub account_id: Option<String>,
    /// Region id.
    pub region: Option<String>,
    /// Name of the function.
    pub function_name: Option<String>,
    /// Memory of the function in MB.
    pub memory_mb: Option<u32>,
    /// Version id, or the qualifier (alias) if the platform names no version.
    pub version: Option<String>,
    /// How often the platform tried this event before; 0 at the first try.
    pub retry_count: u32,
    /// Address of the client of an HTTP trigger, as the platform saw it.
    pub client_ip: Option<String>,
    started: Instant,
    timeout: Duration,
}

impl Invocation {
    /// Reads the platform's headers and takes those with secrets out of `headers`.
    pub(crate) fn take_from(headers: &mut HeaderMap, kind: Kind, environment: &Environment) -> Self {
        let text = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let number = |name: &str| text(name).and_then(|value| value.parse::<u32>().ok());
        let timeout = number("x-fc-function-timeout")
            .map_or(ASSUMED_TIMEOUT, |seconds| Duration::from_secs(seconds.into()));
        let received_at = SystemTime::now();
        let invocation = Self {
            kind,
            request_id: text("x-fc-request-id").map_or_else(local_request_id, bounded_request_id),
            received_at,
            deadline: received_at + timeout,
            credentials: Credentials::from_headers(headers).or_else(|| environment.credentials.clone()),
            account_id: text("x-fc-account-id").or_else(|| environment.account_id.clone()),
            region: text("x-fc-region").or_else(|| environment.region.clone()),
            function_name: text("x-fc-function-name").or_else(|| environment.function_name.clone()),
            memory_mb: number("x-fc-function-memory").or(environment.memory_mb),
            version: text("x-fc-version-id").or_else(|| text("x-fc-qualifier")),
            retry_count: number("x-fc-retry-count").unwrap_or(0),
            client_ip: text("x-fc-client-ip"),
            started: Instant::now(),
            timeout,
        };
        for name in SECRET_HEADERS {
            headers.remove(name);
        }
        invocation
    }

    /// Time left until the deadline, by a clock that cannot be set; zero once it has passed.
    pub fn remaining(&self) -> Duration {
        self.timeout.saturating_sub(self.elapsed())
    }

    /// Time since the request arrived.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Runs `future` with this as its [`invocation`]. For tasks that a handler spawns.
    pub fn scope<F: Future>(self: Arc<Self>, future: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, future)
    }

    /// Runs `work` with this as its [`invocation`].
    pub(crate) fn enter<T>(self: Arc<Self>, work: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(self, work)
    }

    /// The same facts as lambda_runtime's context. Fields that only AWS Lambda knows stay empty.
    pub(crate) fn to_context(&self) -> Context {
        // Context is non-exhaustive and `Context::new` expects headers of AWS Lambda: default, then assign.
        let mut context = Context::default();
        context.request_id.clone_from(&self.request_id);
        context.deadline = milliseconds_since_epoch(self.deadline);
        context.env_config = Arc::new(Config {
            function_name: self.function_name.clone().unwrap_or_default(),
            memory: self.memory_mb.and_then(|mb| i32::try_from(mb).ok()).unwrap_or_default(),
            version: self.version.clone().unwrap_or_default(),
            ..Config::default()
        });
        context
    }
}

fn milliseconds_since_epoch(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn bounded_request_id(mut id: String) -> String {
    // A header value that passes `to_str` is visible ASCII, so every index is a character boundary.
    id.truncate(REQUEST_ID_MAX);
    id
}

fn local_request_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("local-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
