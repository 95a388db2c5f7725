//! What can be set about a client.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::endpoint::Endpoints;

/// All that can be set. Start from [`Config::new`].
#[derive(Debug, Clone)]
pub struct Config {
    /// The region whose endpoints are used, e.g. `cn-hangzhou`.
    pub region: String,
    /// Addresses in place of the usual ones.
    pub endpoints: Endpoints,
    /// How many calls to each service.
    pub rate: Rate,
    /// How failed attempts are repeated.
    pub retry: Retry,
    /// How long one attempt may take, in place of each operation's own timeout.
    pub attempt_timeout: Option<Duration>,
    /// How long a call may take with all its attempts and waits. Default 60 s.
    pub call_timeout: Duration,
    /// The longest answer that is read, in bytes, also after decompression. Default 8 MiB.
    pub max_response: usize,
    /// The wait before a log query with an incomplete answer is sent again. Default 0.5 s.
    pub incomplete_delay: Duration,
}

impl Config {
    /// The defaults, for a region.
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            endpoints: Endpoints::default(),
            rate: Rate::default(),
            retry: Retry::default(),
            attempt_timeout: None,
            call_timeout: Duration::from_secs(60),
            max_response: 8 << 20,
            incomplete_delay: Duration::from_millis(500),
        }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if is_region(&self.region) {
            Ok(())
        } else {
            Err(ConfigError::Region(self.region.chars().take(80).collect()))
        }
    }
}

/// Whether a text can be a region: it becomes a part of host names.
pub(crate) fn is_region(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// How many calls are made to each service. Alibaba's own limits are not documented; this is a guess to stay
/// clear of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Calls a second. Default 8.
    pub per_second: NonZeroU32,
    /// Calls that may be made at once after a pause. Default 4.
    pub burst: NonZeroU32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: NonZeroU32::MIN.saturating_add(7), burst: NonZeroU32::MIN.saturating_add(3) }
    }
}

/// How failed attempts are repeated: after a random wait whose bound doubles each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, at least one. Default 4.
    pub max_attempts: u32,
    /// Bound of the first wait. Default 0.2 s.
    pub base: Duration,
    /// Bound of every wait. Default 5 s.
    pub cap: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { max_attempts: 4, base: Duration::from_millis(200), cap: Duration::from_secs(5) }
    }
}

/// Why a client cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not an address to call a service at.
    #[error("endpoint `{url}`: {why}")]
    Endpoint {
        /// What was given, cut.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Not a region.
    #[error("region `{0}`: expected lower-case letters, digits and `-`")]
    Region(String),
    /// TLS or the HTTP client could not be set up.
    #[error("http client: {0}")]
    Http(String),
}
