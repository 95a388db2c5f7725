//! The console pages.

use ::chat::Secret;
use serde::{Deserialize, Serialize};

/// The fewest bytes of a key: what HMAC-SHA256 makes full use of (RFC 2104, section 3).
const KEY_MIN: usize = 32;

/// The console pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConsoleConfig {
    /// What sessions are signed with: the same for every process that serves pages.
    pub session_key: Option<Secret>,
    /// How long somebody stays signed in, in hours.
    pub session_hours: u16,
    /// The address that browsers see, where a proxy puts another one into `Host`.
    pub origin: Option<String>,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self { session_key: None, session_hours: 8, origin: None }
    }
}

impl ConsoleConfig {
    /// What cannot be used. The key is not quoted.
    pub(super) fn problem(&self) -> Option<String> {
        if self.session_key.as_ref().is_some_and(|key| key.expose().len() < KEY_MIN) {
            return Some(format!("console.session_key has to have at least {KEY_MIN} bytes"));
        }
        if !(1..=168).contains(&self.session_hours) {
            return Some("console.session_hours has to lie between 1 and 168".to_owned());
        }
        let is_origin = |origin: &String| {
            let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            host.is_some_and(|host| {
                !host.trim_end_matches('/').is_empty() && !host.trim_end_matches('/').contains('/')
            })
        };
        let wrong = self.origin.as_ref().is_some_and(|origin| !is_origin(origin));
        wrong.then(|| "console.origin has to be scheme and host, e.g. https://reaper.example.com".to_owned())
    }
}
