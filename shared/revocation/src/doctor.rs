//! Whether everything is there that Reaper needs: credentials, permissions, logs, events, store, settings.
//!
//! It only reads, in the cloud as in the store, and tells nobody anything. What cannot be tried without doing harm is said to
//! be untried.

mod cloud;
mod people;
mod permissions;
mod settings;
mod stored;
mod told;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::config::Config;
use crate::connect::{client, open_read_only};

/// How a check ended. Names and meaning are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it has to be.
    Ok,
    /// It works, and somebody should look.
    Warn,
    /// Something does not work.
    Fail,
    /// Not looked at, and why.
    Skip,
}

impl Grade {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check: a stable name.
    pub check: &'static str,
    /// What it was about: a RAM action, a cluster, a setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How it ended.
    pub result: Grade,
    /// What was found, and what that means.
    pub found: String,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    fn new(check: &'static str, result: Grade, found: impl Into<String>) -> Self {
        Self { check, about: None, result, found: found.into(), next: None }
    }

    fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Grade::Ok, found)
    }

    fn warn(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Grade::Warn, found)
    }

    fn fail(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Grade::Fail, found)
    }

    fn skip(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Grade::Skip, found)
    }

    fn about(self, about: impl Into<String>) -> Self {
        Self { about: Some(about.into()), ..self }
    }

    fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }
}

/// Examines everything that the configuration names, in the order in which one thing needs the other.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let now = Timestamp::now();
    let mut findings = settings::examine(config);
    findings.push(people::approvers(config));
    findings.extend(told::examine(&config.notify).await);
    match client(config) {
        Ok(client) => findings.extend(cloud::examine(&client, config, now).await),
        Err(error) => findings.push(Finding::fail("credentials", error.to_string())),
    }
    findings.extend(stored::checkpoint(config).await);
    match open_read_only(config) {
        Ok(store) => {
            findings.extend(stored::parts(config).await);
            findings.extend(stored::examine(store, config, now).await);
        }
        Err(error) => findings.push(stored::unusable(&error)),
    }
    findings
}

/// A time that has passed, to the largest unit.
fn ago(since: Timestamp, now: Timestamp) -> String {
    let hours = now.duration_since(since).max(SignedDuration::ZERO).as_hours();
    match hours {
        0 => format!("{} minutes ago", now.duration_since(since).as_mins().max(0)),
        1..=47 => format!("{hours} hours ago"),
        _ => format!("{} days ago", hours / 24),
    }
}
