//! One way for all calls: rate limit, sign, send, judge, repeat.

mod answer;
mod attempt;
mod request;

use std::time::Duration;

use measure::Measure;
use tokio::time::Instant;
use tracing::Instrument;

pub(crate) use answer::{Answer, text as header};
pub(crate) use request::{Body, Request};

use crate::client::Client;
use crate::config::Retry;
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// No call takes a day; the sum of this and any time is still a time.
const MAX_CALL_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

impl Client {
    /// Calls an operation, as often as its description allows and the deadline permits.
    pub(crate) async fn call(&self, request: &Request) -> Result<Answer, Error> {
        let Operation { name, service, .. } = request.operation;
        let span =
            tracing::debug_span!("cloud.call", cloud.service = service.as_str(), cloud.operation = name);
        let started = Instant::now();
        let ended = self.call_repeatedly(request).instrument(span).await;
        let (outcome, attempts) = match &ended {
            Ok((_, attempts)) => ("ok", *attempts),
            Err(error) => (error.kind().as_str(), error.attempts()),
        };
        let (service, took) = (service.as_str(), started.elapsed());
        Measure::CloudCall { service, operation: name, outcome, attempts, took }.emit();
        ended.map(|(answer, _)| answer)
    }

    /// The answer, and how often it was asked for.
    async fn call_repeatedly(&self, request: &Request) -> Result<(Answer, u32), Error> {
        let operation = request.operation;
        let deadline = self.call_deadline();
        let mut failed: Option<Error> = None;
        let mut attempts = 0;
        loop {
            if !self.shared.limiter.turn(operation.service, deadline).await || Instant::now() >= deadline {
                let late = || {
                    Error::new(
                        operation,
                        ErrorKind::Timeout,
                        "the deadline came before the call could be sent",
                    )
                };
                return Err(failed.unwrap_or_else(late).after(attempts));
            }
            attempts += 1;
            let error = match self.attempt(request, deadline).await {
                Ok(answer) => return Ok((answer, attempts)),
                Err(error) => error.after(attempts),
            };
            let wait = wait(&self.shared.config.retry, &error, attempts);
            tracing::debug!(
                cloud.attempt = attempts,
                cloud.error = error.kind().as_str(),
                cloud.status = error.status(),
                cloud.request_id = error.request_id(),
                retry.wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                "call failed"
            );
            match wait {
                Some(wait) if Instant::now() + wait < deadline => tokio::time::sleep(wait).await,
                _ => return Err(error),
            }
            failed = Some(error);
        }
    }

    /// When a call that begins now has to be over.
    pub(crate) fn call_deadline(&self) -> Instant {
        let own = Instant::now() + self.shared.config.call_timeout.min(MAX_CALL_TIMEOUT);
        self.deadline.map_or(own, |deadline| deadline.min(own))
    }
}

/// How long to wait before the next attempt. `None`: there is none.
fn wait(retry: &Retry, error: &Error, attempts: u32) -> Option<Duration> {
    if attempts >= retry.max_attempts || !error.may_be_retried() {
        return None;
    }
    let bound = retry.base.saturating_mul(1 << (attempts - 1).min(16)).min(retry.cap);
    let jittered = bound.mul_f64(rand::random::<f64>());
    let asked = match error.kind() {
        ErrorKind::Throttled { retry_after } => retry_after.unwrap_or_default(),
        _ => Duration::ZERO,
    };
    // Never earlier than the service asked for; the jitter comes on top, or all would come back at once.
    Some(asked.saturating_add(jittered))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Service;

    static READ: Operation = Operation::read(Service::Cs, "1", "Read", 1);
    static WRITE: Operation = Operation::write(Service::Cs, "1", "Write", 1);

    fn waits(error: &Error, attempts: u32) -> Option<Duration> {
        wait(&Retry::default(), error, attempts)
    }

    #[test]
    fn a_write_is_repeated_only_when_it_was_surely_not_carried_out() {
        let lost = |operation| Error::new(operation, ErrorKind::Transport, "lost");
        assert!(waits(&lost(&READ).ambiguous(), 1).is_some());
        assert!(waits(&lost(&WRITE), 1).is_some(), "no connection was made");
        assert!(waits(&lost(&WRITE).ambiguous(), 1).is_none());
        assert!(lost(&WRITE).ambiguous().outcome_unknown());
        assert!(!lost(&READ).ambiguous().outcome_unknown());
        let throttled = Error::new(&WRITE, ErrorKind::Throttled { retry_after: None }, "");
        assert!(waits(&throttled, 1).is_some());
    }

    #[test]
    fn what_cannot_get_better_is_not_repeated() {
        for kind in
            [ErrorKind::NotFound, ErrorKind::Refused, ErrorKind::InvalidResponse, ErrorKind::Credentials]
        {
            assert!(waits(&Error::new(&READ, kind, ""), 1).is_none(), "{kind:?}");
        }
    }

    #[test]
    fn the_wait_is_at_least_what_was_asked_for_and_ends() {
        let asked = Duration::from_secs(3);
        let throttled = Error::new(&READ, ErrorKind::Throttled { retry_after: Some(asked) }, "");
        for _ in 0..100 {
            let wait = waits(&throttled, 2).unwrap();
            assert!((asked..=asked + Duration::from_millis(400)).contains(&wait), "{wait:?}");
        }
        assert!(waits(&throttled, 4).is_none(), "four attempts in all");
    }
}
