//! Built without `otlp`: nothing is exported.

use http::HeaderMap;
use tracing::Span;

use crate::logging::{Extra, LoggingError};

pub(crate) fn layers() -> Result<Option<Vec<Extra>>, LoggingError> {
    Ok(None)
}

pub(crate) async fn flush() {}

pub(crate) fn continue_trace(_: &Span, _: &HeaderMap) {}
