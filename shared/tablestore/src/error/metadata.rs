//! What the service says about an error.

use std::fmt;

use super::code::Guidance;
use super::{ErrorCode, ServiceError};
use crate::operation::OperationClass;

/// What the service says about an error: of a request, or of one row of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorMetadata {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
    pub(crate) http_status: u16,
}

impl ErrorMetadata {
    /// The code.
    pub fn code(&self) -> &ErrorCode {
        &self.code
    }

    /// For people. Secrets of the caller are taken out.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The HTTP status. For a row of a batch it is that of the whole, 200.
    pub fn http_status(&self) -> u16 {
        self.http_status
    }

    pub(crate) fn guidance(&self) -> Guidance {
        self.code.guidance(self.http_status, &self.message)
    }

    /// Whether what was asked for may have been done all the same. Never for what only reads.
    pub(crate) fn may_have_been_applied(&self, class: OperationClass) -> bool {
        class != OperationClass::Read && self.guidance() == Guidance::Unknown
    }

    /// Whether asking again is safe and may help.
    pub(crate) fn may_be_repeated(&self, class: OperationClass) -> bool {
        match self.guidance() {
            Guidance::NotApplied { .. } => true,
            Guidance::Unknown => class == OperationClass::Read,
            Guidance::Refused => false,
        }
    }
}

impl fmt::Display for ErrorMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (HTTP {}", self.code, self.message, self.http_status)?;
        match &self.request_id {
            Some(id) => write!(f, ", request {id})"),
            None => f.write_str(")"),
        }
    }
}

impl std::error::Error for ErrorMetadata {}

/// Gives what the service says about an error, whichever kind of error it is.
pub trait ProvideErrorMetadata {
    /// It, if the error is the service's.
    fn metadata(&self) -> Option<&ErrorMetadata>;

    /// The code.
    fn code(&self) -> Option<&ErrorCode> {
        self.metadata().map(ErrorMetadata::code)
    }

    /// For people.
    fn message(&self) -> Option<&str> {
        self.metadata().map(ErrorMetadata::message)
    }
}

impl ProvideErrorMetadata for ErrorMetadata {
    fn metadata(&self) -> Option<&ErrorMetadata> {
        Some(self)
    }
}

impl<E: ProvideErrorMetadata> ProvideErrorMetadata for ServiceError<E> {
    fn metadata(&self) -> Option<&ErrorMetadata> {
        self.err().metadata()
    }
}
