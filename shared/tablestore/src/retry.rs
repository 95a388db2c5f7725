//! Whether a failed attempt is repeated, and when.
//!
//! The rule is knowledge, not hope: a write is repeated only where the service is known not to have carried it out,
//! because it said so or because there was no connection. After a lost answer a write has an unknown outcome, and a
//! conditional put that is repeated blindly can lose against itself. Reads change nothing and are repeated.
//! Waits and rules follow `retry.py` of package tablestore 6.4.8 for Python; that repeats nothing after a lost
//! connection, not even reads.

use std::time::Duration;

use crate::error::{ErrorMetadata, Guidance, ResponseProblem, SdkError};
use crate::http::HttpErrorKind;
use crate::operation::OperationClass;

/// How failed attempts are repeated: after a wait between half of a bound and the bound, which doubles each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct RetryConfig {
    max_attempts: u32,
    initial_backoff: Duration,
    throttled_backoff: Duration,
    max_backoff: Duration,
}

impl RetryConfig {
    /// Ten attempts in all; the first wait at most 0.2 s, or 0.5 s where the service asks for less; no wait above 3 s.
    /// The timeout of the call ends them earlier.
    pub fn standard() -> Self {
        Self {
            max_attempts: 10,
            initial_backoff: Duration::from_millis(200),
            throttled_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(3),
        }
    }

    /// One attempt.
    pub fn disabled() -> Self {
        Self { max_attempts: 1, ..Self::standard() }
    }

    /// Attempts in all; 0 counts as 1.
    pub fn with_max_attempts(self, max_attempts: u32) -> Self {
        Self { max_attempts, ..self }
    }

    /// Bound of the first wait.
    pub fn with_initial_backoff(self, initial_backoff: Duration) -> Self {
        Self { initial_backoff, ..self }
    }

    /// Bound of the first wait where the service asks for less.
    pub fn with_throttled_backoff(self, throttled_backoff: Duration) -> Self {
        Self { throttled_backoff, ..self }
    }

    /// Bound of every wait.
    pub fn with_max_backoff(self, max_backoff: Duration) -> Self {
        Self { max_backoff, ..self }
    }

    /// How long to wait before the next attempt after this many. `None`: there is none.
    pub(crate) fn wait(&self, reason: Option<Reason>, attempts: u32) -> Option<Duration> {
        let first = match reason? {
            Reason::Throttled => self.throttled_backoff,
            Reason::Transient => self.initial_backoff,
        };
        if attempts >= self.max_attempts {
            return None;
        }
        let doubled = first.saturating_mul(1 << attempts.saturating_sub(1).min(16));
        Some(doubled.min(self.max_backoff).mul_f64(0.5 + 0.5 * rand::random::<f64>()))
    }
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self::standard()
    }
}

/// Why the next attempt may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Throttled,
    Transient,
}

/// Whether repeating is safe and may help.
pub(crate) fn reason(class: OperationClass, error: &SdkError<ErrorMetadata>) -> Option<Reason> {
    let read = class == OperationClass::Read;
    match error {
        SdkError::ConstructionFailure(_) => None,
        SdkError::TimeoutError(error) => (read || !error.sent).then_some(Reason::Transient),
        SdkError::DispatchFailure(error) => match error.source.kind() {
            HttpErrorKind::NotSent => Some(Reason::Transient),
            HttpErrorKind::Lost => read.then_some(Reason::Transient),
            HttpErrorKind::TooLarge => None,
        },
        SdkError::ResponseError(error) => {
            let passing = matches!(error.problem, ResponseProblem::Foreign)
                && matches!(error.http_status, 500 | 502..=504);
            (read && passing).then_some(Reason::Transient)
        }
        SdkError::ServiceError(error) => match error.err().guidance() {
            Guidance::NotApplied { throttled: true } => Some(Reason::Throttled),
            Guidance::NotApplied { throttled: false } => Some(Reason::Transient),
            Guidance::Unknown => read.then_some(Reason::Transient),
            Guidance::Refused => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_bound_and_end() {
        let retry = RetryConfig::standard().with_max_attempts(7);
        for (reason, bounds) in [
            (Reason::Transient, [200, 400, 800, 1600, 3000, 3000]),
            (Reason::Throttled, [500, 1000, 2000, 3000, 3000, 3000]),
        ] {
            for (attempts, bound) in (1..).zip(bounds) {
                let wait = retry.wait(Some(reason), attempts).unwrap().as_millis();
                assert!((bound / 2..=bound).contains(&wait), "{reason:?} {attempts}: {wait}");
            }
            assert_eq!(retry.wait(Some(reason), 7), None);
        }
        assert_eq!(retry.wait(None, 1), None);
        assert_eq!(RetryConfig::disabled().wait(Some(Reason::Transient), 1), None);
    }
}
