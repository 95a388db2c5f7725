//! Where the configuration is read from: a file, or an object of OSS where a process has no file of its own.

use std::path::Path;
use std::time::Duration;

use alibaba_cloud::oss::SCHEME;
use alibaba_cloud::{Error, ErrorKind, ObjectAddress};
use tokio::time::Instant;
use toml::Table;

use super::{Config, ConfigError};

/// The longest object that is read as a configuration, in bytes.
const MAX_OBJECT: usize = 256 << 10;

/// How long reading the object may take with all attempts: a function answers nobody before it is over.
const LONGEST: Duration = Duration::from_secs(20);

pub(super) fn is_object(place: &str) -> bool {
    place.starts_with(SCHEME)
}

pub(super) fn of_file(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
    parsed(&text).map_err(|problem| ConfigError::NotToml { path: path.into(), problem })
}

/// What is wrong with a text that is not TOML: only where and what, for the line itself may be a secret.
fn parsed(text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {} is not TOML: {}", before.matches('\n').count() + 1, error.message())
    })
}

/// Reads the object with the credentials of the process. `before` is what the variables alone say: region and address.
pub(super) async fn of_object(place: &str, before: &Config) -> Result<Table, ConfigError> {
    let failed = |problem: String| ConfigError::Object { place: place.chars().take(600).collect(), problem };
    let object: ObjectAddress = place.parse().map_err(|error| failed(format!("it is {error}")))?;
    let client = crate::connect::client(before).map_err(|error| failed(error.to_string()))?;
    let oss = client.with_deadline(Instant::now() + LONGEST).oss();
    let text = oss.get_text(&object, MAX_OBJECT).await.map_err(|error| failed(explained(&error, before)))?;
    let text = text.ok_or_else(|| {
        failed(
            "there is no such object: put the file there, e.g. with `ossutil cp`, or name another".to_owned(),
        )
    })?;
    parsed(&text).map_err(failed)
}

/// What the service said, and what to do about it.
fn explained(error: &Error, config: &Config) -> String {
    let next = match error.kind() {
        ErrorKind::Credentials => "give this process credentials, e.g. the role of its function".to_owned(),
        ErrorKind::NotFound => {
            format!("make the bucket, or set REAPER_REGION to its region, now {}", config.region)
        }
        ErrorKind::Refused => format!(
            "these credentials need oss:GetObject on it, and REAPER_REGION has to be the bucket's region, now {}",
            config.region
        ),
        ErrorKind::InvalidResponse => format!("it has to be UTF-8 of at most {} KiB", MAX_OBJECT >> 10),
        _ => "try again; REAPER_CLOUD_ENDPOINTS_OSS names another way there".to_owned(),
    };
    format!("{error}; {next}")
}
