//! Rules: which events go to which targets, and how often a target is tried.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::Pattern;
use crate::function_compute::FunctionCompute;

/// Hands one event over. An error is a failed delivery.
pub(crate) type Deliver = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A rule of the bus.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Which events it wants.
    pub pattern: Pattern,
    /// Who gets them.
    pub targets: Vec<Target>,
}

/// `PushRetryStrategy` of a target (package alibabacloud-eventbridge20200401 8.7.0, CreateRule).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushRetryStrategy {
    /// Three more tries, 10 to 20 s apart.
    BackoffRetry,
    /// 176 more tries over 24 h: after 1, 2, 4, … 512 s, then every 512 s.
    ExponentialDecayRetry,
}

impl PushRetryStrategy {
    /// The pauses before each repetition. `jitter`, from 0 to 1, places a pause of [`PushRetryStrategy::BackoffRetry`] between
    /// 10 and 20 s.
    pub fn pauses(self, jitter: f64) -> Vec<Duration> {
        match self {
            Self::BackoffRetry => vec![Duration::from_secs_f64(10.0 + 10.0 * jitter.clamp(0.0, 1.0)); 3],
            Self::ExponentialDecayRetry => (0..176).map(|n| Duration::from_secs(1 << n.min(9))).collect(),
        }
    }
}

/// A target of a rule.
#[derive(Clone)]
pub struct Target {
    /// Its name, for the records.
    pub name: String,
    /// How often it is tried.
    pub retry: PushRetryStrategy,
    /// Whether exhausted events are kept; without they are dropped, as in the service.
    pub dead_letters: bool,
    pub(crate) deliver: Deliver,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut target = f.debug_struct("Target");
        target
            .field("name", &self.name)
            .field("retry", &self.retry)
            .field("dead_letters", &self.dead_letters);
        target.finish_non_exhaustive()
    }
}

impl Target {
    /// A target that `deliver` stands for. It is retried as [`PushRetryStrategy::ExponentialDecayRetry`] with dead letters.
    pub fn new<F, D>(name: impl Into<String>, deliver: D) -> Self
    where
        D: Fn(Bytes) -> F + Send + Sync + 'static,
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        Self {
            name: name.into(),
            retry: PushRetryStrategy::ExponentialDecayRetry,
            dead_letters: true,
            deliver: Arc::new(move |event| deliver(event).boxed()),
        }
    }

    /// A function, called synchronously: the bus sees its failures and repeats them.
    pub fn function(functions: &FunctionCompute, name: &str) -> Self {
        let (functions, function) = (functions.clone(), name.to_owned());
        Self::new(name, move |event| {
            let (functions, function) = (functions.clone(), function.clone());
            async move { functions.invoke(&function, event).await.map(drop).map_err(|error| error.to_string()) }
        })
    }

    /// A function, called asynchronously: the bus sees that the event was accepted, Function Compute repeats failures.
    pub fn function_async(functions: &FunctionCompute, name: &str) -> Self {
        let (functions, function) = (functions.clone(), name.to_owned());
        Self::new(name, move |event| {
            let accepted =
                functions.invoke_async(&function, event).map(drop).map_err(|error| error.to_string());
            std::future::ready(accepted)
        })
    }

    /// Sets how often it is tried.
    #[must_use]
    pub fn retry(mut self, retry: PushRetryStrategy) -> Self {
        self.retry = retry;
        self
    }

    /// Drops exhausted events.
    #[must_use]
    pub fn without_dead_letters(mut self) -> Self {
        self.dead_letters = false;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_retry_is_three_pauses_of_10_to_20_seconds() {
        let seconds = |jitter| {
            PushRetryStrategy::BackoffRetry.pauses(jitter).iter().map(Duration::as_secs).collect::<Vec<_>>()
        };
        assert_eq!((seconds(0.0), seconds(1.0)), (vec![10; 3], vec![20; 3]));
    }

    #[test]
    fn exponential_decay_retry_lasts_almost_a_day() {
        let pauses = PushRetryStrategy::ExponentialDecayRetry.pauses(0.5);
        assert_eq!(
            pauses[..11].iter().map(Duration::as_secs).collect::<Vec<_>>(),
            [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]
        );
        assert_eq!((pauses.len(), pauses.iter().sum::<Duration>().as_secs() / 3600), (176, 23));
    }
}
