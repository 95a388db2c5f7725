//! An emulated Function Compute 3.0: each function is a real child process that is called over real HTTP.
//!
//! One instance a function. It starts at the first call (or with [`FunctionCompute::start`]), and again at the next call after
//! it ended. Events, HTTP triggers and timers reach it with the headers of the platform; whether a call failed is decided as
//! documented, by the header `x-fc-status` and nothing else.
//!
//! Not emulated: freezing between calls, several instances, versions and aliases, authentication of HTTP triggers (all are
//! `anonymous`), destinations (exhausted events are in [`FunctionCompute::failed_events`]).

mod api;
mod call;
mod event;
mod http_trigger;
mod instance;
mod output;
mod spec;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use call::{InvokeError, Invoked, PlatformSpan};
pub use event::FailedEvent;
pub use instance::StartError;
pub use output::{OutputLine, Stream};
pub use spec::{FunctionSpec, RoleKey, RoleSource};

use crate::Emulator;
use instance::Function;

/// What all functions of the account share.
#[derive(Clone)]
pub struct Settings {
    /// Account id.
    pub account_id: String,
    /// Region id.
    pub region: String,
    /// Gives fresh credentials of a function's role for each call. None: the function gets none.
    pub role: Option<RoleSource>,
    /// Factor on every waiting time between retries: 1.0 is real time, 0.001 makes a second a millisecond.
    pub time_scale: f64,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .field("time_scale", &self.time_scale)
            .finish_non_exhaustive()
    }
}

/// The functions of one account in one region. A clone is the same Function Compute; with the last one the processes end.
#[derive(Clone)]
pub struct FunctionCompute {
    inner: Arc<Inner>,
    // Background work holds `inner` alone, so that it cannot keep itself alive.
    _guard: Arc<EndOfWork>,
}

pub(crate) struct Inner {
    settings: Settings,
    functions: Mutex<BTreeMap<String, Arc<Function>>>,
    failed: Mutex<Vec<FailedEvent>>,
    pending: watch::Sender<usize>,
    work: Mutex<JoinSet<()>>,
}

struct EndOfWork(Arc<Inner>);

impl Drop for EndOfWork {
    fn drop(&mut self) {
        // The aborted tasks let go of `Inner`; with it the children go, which are killed on drop.
        lock(&self.0.work).abort_all();
    }
}

impl FunctionCompute {
    /// Function Compute without functions. Must be used inside a tokio runtime.
    pub fn new(settings: Settings) -> Self {
        let inner = Arc::new(Inner {
            settings,
            functions: Mutex::default(),
            failed: Mutex::default(),
            pending: watch::Sender::new(0),
            work: Mutex::default(),
        });
        Self { _guard: Arc::new(EndOfWork(Arc::clone(&inner))), inner }
    }

    /// Registers a function, or replaces the one of that name. Nothing is started.
    pub fn register(&self, spec: FunctionSpec) {
        lock(&self.inner.functions).insert(spec.name.clone(), Arc::new(Function::new(spec)));
    }

    /// The names of the functions, in order.
    pub fn names(&self) -> Vec<String> {
        lock(&self.inner.functions).keys().cloned().collect()
    }

    /// Starts the function's process unless it runs, and waits until it accepts connections.
    ///
    /// # Errors
    /// No such function, or it did not start; then with the tail of its output.
    pub async fn start(&self, name: &str) -> Result<SocketAddr, InvokeError> {
        self.inner.function(name)?.address(&self.inner.settings).await
    }

    /// Calls a function with an event and waits for its answer.
    ///
    /// # Errors
    /// The call failed, in one of the ways of [`InvokeError`].
    pub async fn invoke(&self, name: &str, payload: impl Into<Bytes>) -> Result<Invoked, InvokeError> {
        self.inner.invoke(name, payload.into()).await
    }

    /// Hands an event over and returns its request id. Failed calls are repeated as the function's configuration says.
    ///
    /// # Errors
    /// No such function, or an event above the limit for asynchronous calls.
    pub fn invoke_async(&self, name: &str, payload: impl Into<Bytes>) -> Result<String, InvokeError> {
        self.inner.invoke_async(name, payload.into())
    }

    /// Fires a timer trigger now, as an asynchronous call. Returns the request id.
    ///
    /// # Errors
    /// As [`FunctionCompute::invoke_async`].
    pub fn fire_timer(&self, name: &str, trigger: &str, payload: &str) -> Result<String, InvokeError> {
        self.inner.invoke_async(name, event::timer_event(trigger, payload))
    }

    /// Fires a timer trigger now and then every `period` (real time), for as long as Function Compute lives.
    ///
    /// # Errors
    /// No such function.
    pub fn timer(
        &self,
        name: &str,
        trigger: &str,
        payload: &str,
        period: Duration,
    ) -> Result<(), InvokeError> {
        self.inner.function(name)?;
        event::run_timer(&self.inner, name, trigger, payload, period);
        Ok(())
    }

    /// Opens an HTTP trigger for the function and returns where it listens.
    ///
    /// # Errors
    /// No such function, or the address cannot be listened on.
    pub async fn http_trigger(&self, name: &str, address: SocketAddr) -> Result<SocketAddr, InvokeError> {
        http_trigger::open(&self.inner, &[("/*", name)], address).await
    }

    /// Opens a custom domain, which leads paths to functions, and returns where it listens. A path that ends with `*`
    /// stands for all below it; the longest that matches counts.
    ///
    /// # Errors
    /// No such function, or the address cannot be listened on.
    pub async fn custom_domain(
        &self,
        routes: &[(&str, &str)],
        address: SocketAddr,
    ) -> Result<SocketAddr, InvokeError> {
        http_trigger::open(&self.inner, routes, address).await
    }

    /// The Invoke API, `POST /2023-03-30/functions/{name}/invocations`, with the signatures checked against the keys of the
    /// emulator's account (ACS3-HMAC-SHA256, or the older ROA HMAC-SHA1).
    pub fn signed_invoke_api(&self, emulator: &Emulator) -> axum::Router {
        api::signed_router(Arc::clone(&self.inner), emulator.cloud())
    }

    /// The Invoke API without any check: for loopback only.
    pub fn invoke_api(&self) -> axum::Router {
        api::router(Arc::clone(&self.inner))
    }

    /// Resolves when no asynchronous call is waiting, running or to be repeated.
    pub async fn idle(&self) {
        // The sender is ours, so waiting cannot fail.
        let _ = self.inner.pending.subscribe().wait_for(|pending| *pending == 0).await;
    }

    /// Events whose last allowed try failed, oldest first: what an `onFailure` destination would get.
    pub fn failed_events(&self) -> Vec<FailedEvent> {
        lock(&self.inner.failed).clone()
    }

    /// Ends the function's process with SIGKILL, as a crash would, and waits until it is gone. False: none was running.
    ///
    /// # Errors
    /// No such function.
    pub async fn kill(&self, name: &str) -> Result<bool, InvokeError> {
        Ok(self.inner.function(name)?.kill().await)
    }

    /// Calls the pre-stop hooks that are set, then ends every process.
    pub async fn stop(&self) {
        lock(&self.inner.work).abort_all();
        let functions: Vec<_> = lock(&self.inner.functions).values().cloned().collect();
        for function in functions {
            function.stop(&self.inner.settings).await;
        }
    }

    /// What the function's processes wrote to stdout and stderr so far (at most the last 10,000 lines).
    ///
    /// # Errors
    /// No such function.
    pub fn output(&self, name: &str) -> Result<Vec<OutputLine>, InvokeError> {
        Ok(self.inner.function(name)?.output().lines())
    }

    /// The next line of output, from the first one on, for which `wanted` holds. Waits for it.
    ///
    /// # Errors
    /// No such function.
    pub async fn output_with(
        &self,
        name: &str,
        wanted: impl FnMut(&OutputLine) -> bool,
    ) -> Result<OutputLine, InvokeError> {
        Ok(self.inner.function(name)?.output().wait_for(wanted).await)
    }
}

impl Inner {
    fn function(&self, name: &str) -> Result<Arc<Function>, InvokeError> {
        lock(&self.functions).get(name).cloned().ok_or_else(|| InvokeError::NoSuchFunction(name.to_owned()))
    }

    /// Runs `task` until it ends or Function Compute does.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut work = lock(&self.work);
        while work.try_join_next().is_some() {}
        work.spawn(task);
    }
}

/// State behind these locks is valid after every statement, so a poisoned lock is as good as another.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
