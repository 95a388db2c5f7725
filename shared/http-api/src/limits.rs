//! How often somebody may call: each caller by name, and all whom nobody knows together.
//!
//! Kept in memory: every process, and every instance of a function, counts for itself.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, NotUntil, Quota, RateLimiter};
use revocation::config::{ApiConfig, ChatConfig};

use crate::problem::Problem;
use crate::problem_type::ProblemType;

/// Above this many names, those that have not called for a minute are forgotten. Names come from the configuration and
/// from tokens that the issuer has signed, never from anything else.
const NAMES_KEPT: usize = 10_000;

/// Two kinds of buckets. Each holds the calls of one minute, and is filled again evenly over a minute.
pub(crate) struct Limits {
    clock: DefaultClock,
    callers: DefaultKeyedRateLimiter<String>,
    strangers: DefaultDirectRateLimiter,
    commands: DefaultKeyedRateLimiter<String>,
    /// Who was told that it was one command too many.
    told: DefaultKeyedRateLimiter<String>,
}

/// That a command from a chat was one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyCommands {
    /// When the next one is taken.
    pub wait: Duration,
    /// Whether the person has to be told: an answer to each would be a flood of its own.
    pub is_to_be_told: bool,
}

impl Limits {
    pub(crate) fn of(config: &ApiConfig, chat: &ChatConfig) -> Self {
        let quota = |calls| Quota::per_minute(NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN));
        Self {
            clock: DefaultClock::default(),
            callers: RateLimiter::keyed(quota(config.requests_per_minute)),
            strangers: RateLimiter::direct(quota(config.unauthenticated_per_minute)),
            commands: RateLimiter::keyed(quota(chat.commands_per_minute)),
            told: RateLimiter::keyed(quota(1)),
        }
    }

    /// Counts a call of somebody who is known.
    pub(crate) fn caller(&self, name: &str) -> Result<(), Problem> {
        if self.callers.len() > NAMES_KEPT {
            self.callers.retain_recent();
        }
        self.callers.check_key(&name.to_owned()).map_err(|until| {
            let detail = format!("{name} calls more often than `api.requests_per_minute` allows");
            too_many(&detail, self.wait(&until))
        })
    }

    /// Counts a command that a person has given in a chat. Names come from the configuration alone.
    pub(crate) fn command(&self, name: &str) -> Result<(), TooManyCommands> {
        self.commands.check_key(&name.to_owned()).map_err(|until| TooManyCommands {
            wait: self.wait(&until),
            is_to_be_told: self.told.check_key(&name.to_owned()).is_ok(),
        })
    }

    /// Counts a call that shows nothing good.
    pub(crate) fn stranger(&self) -> Result<(), Problem> {
        self.strangers.check().map_err(|until| {
            let detail =
                "too many requests came without a good token or signature; one that has it is not held up";
            too_many(detail, self.wait(&until))
        })
    }

    fn wait(&self, until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Duration {
        until.wait_time_from(self.clock.now())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(&ApiConfig::default(), &ChatConfig::default())
    }
}

fn too_many(detail: &str, wait: Duration) -> Problem {
    Problem::new(ProblemType::TooManyRequests, detail).retry_after(wait)
}
