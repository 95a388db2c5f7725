//! Asynchronous calls: accepted at once, repeated when they fail, kept when the last try failed. Timers use them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use tokio::time::{interval, sleep};

use super::call::{InvokeError, request_id, within};
use super::{Inner, lock};
use crate::moment::utc;

/// Largest event of an asynchronous call, in bytes (Function Compute limits: 128 KB).
const BODY_MAX: usize = 128 * 1024;
/// Pause before the first repetition, doubled each time. Function Compute does not document its own: chosen here.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// An event whose last allowed try failed.
#[derive(Debug, Clone)]
pub struct FailedEvent {
    /// The function.
    pub function: String,
    /// Request id, the same for all tries.
    pub request_id: String,
    /// The event.
    pub payload: Bytes,
    /// How often it was tried.
    pub tries: u32,
    /// Why the last try failed.
    pub error: String,
}

/// Counts an asynchronous call as pending for as long as it lives.
struct Pending(Arc<Inner>);

impl Pending {
    fn new(inner: &Arc<Inner>) -> Self {
        inner.pending.send_modify(|pending| *pending += 1);
        Self(Arc::clone(inner))
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.pending.send_modify(|pending| *pending -= 1);
    }
}

impl Inner {
    pub(crate) fn invoke_async(self: &Arc<Self>, name: &str, payload: Bytes) -> Result<String, InvokeError> {
        within(payload.len(), BODY_MAX)?;
        let retries = self.function(name)?.spec().max_async_retry_attempts;
        let (id, name, pending) = (request_id(), name.to_owned(), Pending::new(self));
        let accepted = id.clone();
        self.spawn(async move {
            let inner = Arc::clone(&pending.0);
            inner.deliver(name, id, payload, retries).await;
            drop(pending);
        });
        Ok(accepted)
    }

    async fn deliver(&self, function: String, request_id: String, payload: Bytes, retries: u32) {
        let mut pause = FIRST_PAUSE;
        for retry in 0..=retries {
            let Err(error) = self.attempt(&function, &request_id, retry, payload.clone()).await else {
                return;
            };
            tracing::debug!(function, request_id, retry, %error, "asynchronous call failed");
            if retry == retries {
                let failed =
                    FailedEvent { function, request_id, payload, tries: retry + 1, error: error.to_string() };
                lock(&self.failed).push(failed);
                return;
            }
            sleep(pause.mul_f64(self.settings.time_scale)).await;
            pause *= 2;
        }
    }
}

/// The event of a timer trigger.
pub(crate) fn timer_event(trigger: &str, payload: &str) -> Bytes {
    let event = json!({ "triggerTime": utc(Timestamp::now()), "triggerName": trigger, "payload": payload });
    Bytes::from(event.to_string())
}

/// Fires at once and then every `period`.
pub(crate) fn run_timer(inner: &Arc<Inner>, function: &str, trigger: &str, payload: &str, period: Duration) {
    let (function, trigger, payload) = (function.to_owned(), trigger.to_owned(), payload.to_owned());
    let this = Arc::clone(inner);
    inner.spawn(async move {
        let mut ticks = interval(period);
        loop {
            ticks.tick().await;
            if let Err(error) = this.invoke_async(&function, timer_event(&trigger, &payload)) {
                tracing::warn!(function, trigger, %error, "timer did not fire");
            }
        }
    });
}
