//! JSON lines on stderr.

use std::panic::PanicHookInfo;

use thiserror::Error;
use tracing_subscriber::Registry;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Longest panic message in a log line, in bytes.
const PANIC_MESSAGE_MAX: usize = 200;

/// A layer beside the lines on stderr.
pub(crate) type Extra = Box<dyn Layer<Registry> + Send + Sync>;

/// Logging could not be set up.
#[derive(Debug, Error)]
pub enum LoggingError {
    /// `RUST_LOG` cannot be read.
    #[error("RUST_LOG must be a level or a list of target=level, got {0:?}")]
    Level(String),
    /// What `OTEL_…` asks for cannot be done.
    #[error("telemetry cannot be set up: {0}")]
    Telemetry(String),
    /// Something else logs already.
    #[error("logging is set up already")]
    Taken(#[from] TryInitError),
}

/// Logs as one JSON object a line to stderr, with the levels of `RUST_LOG` (`info` if unset; a level or `target=level,…`, without
/// the field and span filters of env-filter). Built with the feature `otlp`, spans and metrics are exported as well where
/// `OTEL_EXPORTER_OTLP_ENDPOINT` says where to. A panic becomes one such line, with place and at most 200 bytes of its message.
///
/// # Errors
/// `RUST_LOG` or `OTEL_…` cannot be read, or logging is set up already.
pub fn init_logging() -> Result<(), LoggingError> {
    let levels = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty()).unwrap_or("info".to_owned());
    let targets: Targets = levels.parse().map_err(|_| LoggingError::Level(levels))?;
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_filter(targets);
    tracing_subscriber::registry().with(crate::telemetry::layers()?).with(lines).try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn log_panic(info: &PanicHookInfo<'_>) {
    let message = info.payload_as_str().unwrap_or("").lines().next().unwrap_or("");
    let message = &message[..message.floor_char_boundary(PANIC_MESSAGE_MAX)];
    let location = info.location().map(ToString::to_string);
    let request_id = crate::invocation().map(|invocation| invocation.request_id.clone());
    tracing::error!(target: "fc_runtime", request_id, location, panic.message = message, "panic");
}
