//! The server: built once, run until the platform ends it.

use std::fmt;
use std::future::{Future, pending};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use futures::{FutureExt, Stream};
use lambda_runtime::{Diagnostic, Error, IntoFunctionResponse, LambdaEvent, Service};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::dispatch::{Hook, Limits, Parts, router};
use crate::event::{EventHandler, erase};
use crate::server::serve;
use crate::{Environment, EnvironmentError};

/// Largest event of a synchronous call, in bytes (Function Compute limits: 32 MB).
const EVENT_BODY_MAX: usize = 32 * 1024 * 1024;
/// Largest body of an HTTP trigger unless set otherwise, in bytes: chat callbacks and commands are small.
const HTTP_BODY_MAX: usize = 1024 * 1024;
/// Most calls at once: the largest instance concurrency that Function Compute offers.
const CONCURRENCY_MAX: usize = 200;
/// How long a client that is a stranger may take to go on.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long calls in flight may take to finish once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(30);

/// Why a runtime could not serve.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The environment holds a value that cannot be used.
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    /// The port cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Address and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// Signals cannot be listened for.
    #[error("the server failed")]
    Serve(#[source] io::Error),
    /// Calls were still running when the time to finish was over.
    #[error("calls were still running {0:?} after the stop")]
    DrainTimeout(Duration),
}

/// Serves `handler` for the events of a function until SIGTERM. Takes what `lambda_runtime::run` takes, if it can be cloned and
/// sent between threads.
///
/// # Errors
/// See [`RuntimeError`].
pub async fn run<A, F, R, B, S, D, E>(handler: F) -> Result<(), Error>
where
    F: Service<LambdaEvent<A>, Response = R> + Clone + Send + Sync + 'static,
    F::Future: Send + 'static,
    F::Error: Into<Diagnostic> + fmt::Debug + Send + 'static,
    A: DeserializeOwned + Send + 'static,
    R: IntoFunctionResponse<B, S> + Send + 'static,
    B: Serialize + Send + 'static,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send + 'static,
    E: Into<Error> + Send + fmt::Debug + 'static,
{
    Ok(Runtime::new().event(handler).run().await?)
}

/// A Function Compute custom runtime: event handler, HTTP router and lifecycle hooks behind one port.
#[must_use = "a runtime does nothing until it is run"]
pub struct Runtime {
    event: Option<EventHandler>,
    http: Option<Router>,
    initialize: Option<Hook>,
    pre_stop: Option<Hook>,
    environment: Option<Environment>,
    limits: Limits,
    platform_lines: Option<bool>,
    drain: Duration,
    patience: Option<Duration>,
}

impl Default for Runtime {
    fn default() -> Self {
        Self::new()
    }
}

impl Runtime {
    /// A runtime that refuses everything, to be built up.
    pub fn new() -> Self {
        Self {
            event: None,
            http: None,
            initialize: None,
            pre_stop: None,
            environment: None,
            limits: Limits {
                event_body: EVENT_BODY_MAX,
                http_body: HTTP_BODY_MAX,
                concurrency: CONCURRENCY_MAX,
            },
            platform_lines: None,
            drain: DRAIN,
            patience: None,
        }
    }

    /// Handles events (`x-fc-control-path: /invoke`): timers, EventBridge, the Invoke API.
    pub fn event<A, F, R, B, S, D, E>(mut self, service: F) -> Self
    where
        F: Service<LambdaEvent<A>, Response = R> + Clone + Send + Sync + 'static,
        F::Future: Send + 'static,
        F::Error: Into<Diagnostic> + fmt::Debug + Send + 'static,
        A: DeserializeOwned + Send + 'static,
        R: IntoFunctionResponse<B, S> + Send + 'static,
        B: Serialize + Send + 'static,
        S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
        D: Into<Bytes> + Send + 'static,
        E: Into<Error> + Send + fmt::Debug + 'static,
    {
        self.event = Some(erase(service));
        self
    }

    /// Handles requests of HTTP triggers (`/http-invoke`), with the client's path, query, headers and body.
    pub fn http(mut self, router: Router) -> Self {
        self.http = Some(router);
        self
    }

    /// Runs `hook` when the platform initializes the instance. A failure tells the platform not to use it.
    pub fn initialize<H, F>(mut self, hook: H) -> Self
    where
        H: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.initialize = Some(Arc::new(move || hook().boxed()));
        self
    }

    /// Runs `hook` before the platform stops the instance. It has at most 90 s (Function Compute limits).
    pub fn pre_stop<H, F>(mut self, hook: H) -> Self
    where
        H: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.pre_stop = Some(Arc::new(move || hook().boxed()));
        self
    }

    /// Uses `environment` instead of the one of the process.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Largest event in bytes; default 32 MiB. A larger one is a failed call.
    pub fn event_body_limit(mut self, bytes: usize) -> Self {
        self.limits.event_body = bytes;
        self
    }

    /// Largest body of an HTTP request in bytes; default 1 MiB. A larger one is answered with 413.
    pub fn http_body_limit(mut self, bytes: usize) -> Self {
        self.limits.http_body = bytes;
        self
    }

    /// Most calls that run at once, events and HTTP together; default 200. Further calls wait.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.limits.concurrency = calls;
        self
    }

    /// Whether to print `FC Invoke Start RequestId: …` and its End line to stdout; default: inside Function Compute only. The
    /// platform may print them too; log services tolerate the repetition.
    pub fn platform_lines(mut self, print: bool) -> Self {
        self.platform_lines = Some(print);
        self
    }

    /// How long calls in flight may take to finish after SIGTERM; default 30 s.
    pub fn drain(mut self, time: Duration) -> Self {
        self.drain = time;
        self
    }

    /// How long a client may take to send its headers, to begin another request, and to send the next part of a body;
    /// default 30 s outside Function Compute, and without end inside: there the platform is the client, and reuses connections.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = Some(time);
        self
    }

    /// Listens on the address and port of the environment and serves until SIGTERM or SIGINT, or until standard input ends where
    /// the environment says that this counts.
    ///
    /// # Errors
    /// See [`RuntimeError`].
    pub async fn run(mut self) -> Result<(), RuntimeError> {
        let environment = match self.environment.take() {
            Some(environment) => environment,
            None => Environment::from_process()?,
        };
        let address = (environment.host, environment.port);
        let listener = TcpListener::bind(address).await.map_err(|source| RuntimeError::Listen {
            address: format!("{}:{}", address.0, address.1),
            source,
        })?;
        let stop = stop_signal(environment.end_with_stdin).map_err(RuntimeError::Serve)?;
        let address = listener.local_addr().map_err(RuntimeError::Serve)?;
        tracing::info!(target: "fc_runtime", %address, function = environment.function_name, "listening");
        self.environment(environment).serve(listener, stop).await
    }

    /// Serves on `listener` until `shutdown` is done, then stops accepting and lets the calls in flight finish.
    ///
    /// # Errors
    /// See [`RuntimeError`].
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), RuntimeError> {
        let environment = match self.environment {
            Some(environment) => environment,
            None => Environment::from_process()?,
        };
        let strangers = (!environment.is_function_compute()).then_some(PATIENCE);
        let patience = self.patience.or(strangers);
        let app = router(Parts {
            event: self.event,
            http: self.http,
            initialize: self.initialize,
            pre_stop: self.pre_stop,
            platform_lines: self.platform_lines.unwrap_or(environment.is_function_compute()),
            environment,
            limits: self.limits,
        });
        let (stopping, stopped) = oneshot::channel();
        let server = serve(listener, app, patience, async move {
            shutdown.await;
            tracing::info!(target: "fc_runtime", "stopping");
            let _ = stopping.send(());
        });
        let drain = self.drain;
        let ended = tokio::select! {
            () = server => Ok(()),
            () = expired(stopped, drain) => Err(RuntimeError::DrainTimeout(drain)),
        };
        crate::telemetry::flush().await;
        ended
    }
}

/// Done when `drain` has passed since the stop. A server that ends without a stop drops the sender: then never.
async fn expired(stopped: oneshot::Receiver<()>, drain: Duration) {
    match stopped.await {
        Ok(()) => tokio::time::sleep(drain).await,
        Err(_) => pending().await,
    }
}

/// SIGTERM is how the platform ends an instance, SIGINT how a person does, and the end of standard input, where it counts,
/// says that whoever started it is gone. Listens from now on, not from the first poll.
fn stop_signal(end_with_stdin: bool) -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let orphaned = if end_with_stdin { end_of_stdin()?.boxed() } else { pending().boxed() };
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = orphaned => {}
        }
    })
}

/// Done when nobody is left who could write to standard input. What is written there means nothing.
fn end_of_stdin() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let (ended, end) = oneshot::channel();
    // A thread of its own, not one of tokio's: those have to come back before the process can end.
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        // What cannot be read has no writer.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    })?;
    Ok(async move {
        let _ = end.await;
    })
}
