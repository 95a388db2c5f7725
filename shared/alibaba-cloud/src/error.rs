//! The one error of all calls.

use std::fmt;
use std::time::Duration;

use crate::operation::Operation;

/// The longest message that is kept, in characters.
const MAX_MESSAGE: usize = 512;

/// What went wrong, as far as it matters for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Too many calls, also after all retries.
    Throttled {
        /// How long the service asked to wait.
        retry_after: Option<Duration>,
    },
    /// The thing does not exist (404).
    NotFound,
    /// Any other 4xx: forbidden, not allowed in this state, malformed. Never parse the message to find out which.
    Refused,
    /// The service failed (5xx).
    Server,
    /// No answer within the operation's timeout or before the deadline.
    Timeout,
    /// No connection, or it was lost.
    Transport,
    /// An answer that cannot be understood, is too long, or redirects.
    InvalidResponse,
    /// An argument that cannot be put into a request. Nothing was sent.
    InvalidRequest,
    /// There are no credentials. Nothing was sent.
    Credentials,
}

impl ErrorKind {
    /// The name, for logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "throttled",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Transport => "transport",
            Self::InvalidResponse => "invalid_response",
            Self::InvalidRequest => "invalid_request",
            Self::Credentials => "credentials",
        }
    }
}

/// A call that failed. Texts from outside are cut to 512 characters, without control characters, and hold neither the
/// secret nor the security token that the call was signed with.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    operation: &'static Operation,
    kind: ErrorKind,
    status: Option<u16>,
    code: Option<String>,
    message: String,
    request_id: Option<String>,
    ambiguous: bool,
    attempts: u32,
}

impl Error {
    pub(crate) fn new(operation: &'static Operation, kind: ErrorKind, message: impl fmt::Display) -> Self {
        let message = bounded(&message.to_string());
        Self(Box::new(Inner {
            operation,
            kind,
            status: None,
            code: None,
            message,
            request_id: None,
            ambiguous: false,
            attempts: 0,
        }))
    }

    pub(crate) fn invalid_response(operation: &'static Operation, message: impl fmt::Display) -> Self {
        Self::new(operation, ErrorKind::InvalidResponse, message).ambiguous()
    }

    /// Marks that the service may have done what was asked all the same.
    pub(crate) fn ambiguous(mut self) -> Self {
        self.0.ambiguous = true;
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_code(mut self, code: Option<&str>) -> Self {
        self.0.code = code.filter(|code| !code.is_empty()).map(bounded);
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<&str>) -> Self {
        self.0.request_id = request_id.filter(|id| !id.is_empty()).map(bounded);
        self
    }

    pub(crate) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Whether sending the same again can help and does no harm: an operation that is not idempotent is not sent
    /// again when the failed attempt may have been carried out.
    pub(crate) fn may_be_retried(&self) -> bool {
        let passing = matches!(
            self.0.kind,
            ErrorKind::Throttled { .. } | ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::Server
        );
        passing && (self.0.operation.idempotent || !self.0.ambiguous)
    }

    /// Name of the operation, as the service calls it.
    pub fn operation(&self) -> &'static str {
        self.0.operation.name
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's code, e.g. `ErrorClusterNotFound`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The service's message or ours, for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The id of the request at the service, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many times it was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the thing does not exist.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether a write may have been applied although the call failed: the caller has to read back.
    pub fn outcome_unknown(&self) -> bool {
        !self.0.operation.idempotent && self.0.ambiguous
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.operation.name, self.0.kind.as_str().replace('_', " "))?;
        if let Some(status) = self.0.status {
            write!(f, " ({status})")?;
        }
        if let Some(code) = &self.0.code {
            write!(f, " {code}")?;
        }
        if !self.0.message.is_empty() {
            write!(f, ": {}", self.0.message)?;
        }
        if let Some(request_id) = &self.0.request_id {
            write!(f, " [request {request_id}]")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("operation", &self.0.operation.name)
            .field("kind", &self.0.kind)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("request_id", &self.0.request_id)
            .field("outcome_unknown", &self.outcome_unknown())
            .field("attempts", &self.0.attempts)
            .finish()
    }
}

impl std::error::Error for Error {}

/// Cuts a text from outside and takes its control characters out: it ends up in logs, terminals and the history.
pub(crate) fn bounded(text: &str) -> String {
    let mut clean: String =
        text.chars().take(MAX_MESSAGE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_MESSAGE).is_some() {
        clean.push('…');
    }
    clean.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_cut_and_cleaned() {
        assert_eq!(bounded("a\x1b[31m\r\nb"), "a [31m  b");
        assert_eq!(bounded(&"ä".repeat(1000)).chars().count(), MAX_MESSAGE + 1);
    }
}
