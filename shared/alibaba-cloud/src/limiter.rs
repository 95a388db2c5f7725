//! The rate limiter: one for each service, shared by all clones of a client.

use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

use crate::config::Rate;
use crate::operation::Service;

/// Added to every wait, so that waiters do not come back all at once.
const MAX_JITTER: Duration = Duration::from_millis(50);

pub(crate) struct Limiter {
    clock: DefaultClock,
    services: [DefaultDirectRateLimiter; Service::ALL.len()],
}

impl Limiter {
    pub(crate) fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { clock: DefaultClock::default(), services: Service::ALL.map(|_| RateLimiter::direct(quota)) }
    }

    /// Waits for a turn. `false`: it would come after the deadline.
    pub(crate) async fn turn(&self, service: Service, deadline: Instant) -> bool {
        let limiter = &self.services[service as usize];
        while let Err(not_until) = limiter.check() {
            let wait =
                not_until.wait_time_from(self.clock.now()) + rand::random_range(Duration::ZERO..MAX_JITTER);
            if Instant::now() + wait >= deadline {
                return false;
            }
            tokio::time::sleep(wait).await;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[tokio::test]
    async fn a_service_has_its_own_burst_and_no_turn_comes_after_the_deadline() {
        let rate = Rate { per_second: NonZeroU32::MIN, burst: NonZeroU32::new(2).unwrap() };
        let limiter = Limiter::new(rate);
        let deadline = Instant::now() + Duration::from_millis(1);
        assert!(limiter.turn(Service::Cs, deadline).await);
        assert!(limiter.turn(Service::Cs, deadline).await);
        assert!(!limiter.turn(Service::Cs, deadline).await, "the third call of two is out of turn");
        assert!(limiter.turn(Service::Ram, deadline).await, "another service is not held up by it");
    }
}
