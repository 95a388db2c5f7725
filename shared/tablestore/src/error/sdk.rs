//! The error of every call.

use std::time::Duration;

use super::{ErrorMetadata, ProvideErrorMetadata};
use crate::credentials::CredentialsError;
use crate::http::HttpError;
use crate::plainbuffer::{DecodeError, EncodeError};
use crate::signature::VerifyError;

/// Why a call failed, after all attempts that were safe to make. `E` is the error of the operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SdkError<E> {
    /// The request could not be made. Nothing was sent.
    #[error("the request could not be made: {0}")]
    ConstructionFailure(#[source] ConstructionFailure),
    /// It took too long.
    #[error(transparent)]
    TimeoutError(TimeoutError),
    /// The request could not be sent, or the answer did not arrive.
    #[error("{0}")]
    DispatchFailure(DispatchFailure),
    /// There was an answer, but it is not to be believed or not to be understood.
    #[error("{0}")]
    ResponseError(ResponseError),
    /// The service refused or failed.
    #[error("{0}")]
    ServiceError(ServiceError<E>),
}

/// Why a request could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConstructionFailure {
    /// Something that the operation needs was not given.
    #[error("`{0}` was not given")]
    Missing(&'static str),
    /// A row or filter cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// There are no credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
}

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutKind {
    /// One attempt.
    Attempt,
    /// The whole call with its attempts and waits: its deadline came.
    Operation,
}

/// It took too long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} timed out after {} ms", match .kind { TimeoutKind::Attempt => "the attempt", TimeoutKind::Operation => "the call" }, .after.as_millis())]
pub struct TimeoutError {
    /// What took too long.
    pub kind: TimeoutKind,
    /// How long was waited.
    pub after: Duration,
    /// Whether something was sent: then the service may have done it.
    pub sent: bool,
}

/// The request could not be sent, or the answer did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the exchange failed: {source}")]
pub struct DispatchFailure {
    /// What happened.
    #[source]
    pub source: HttpError,
}

/// There was an answer, but it is not to be believed or not to be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer cannot be used: {problem} (HTTP {http_status}{})", .request_id.as_ref().map_or(String::new(), |id| format!(", request {id}")))]
pub struct ResponseError {
    /// What is wrong with it.
    #[source]
    pub problem: ResponseProblem,
    /// The HTTP status.
    pub http_status: u16,
    /// The id under which Alibaba Cloud finds the request; not to be believed either where the signature is wrong.
    pub request_id: Option<String>,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseProblem {
    /// It is not the service's, not whole, or not of now.
    #[error(transparent)]
    Unverified(#[from] VerifyError),
    /// It is not the protobuf message that it has to be.
    #[error("not the expected message: {0}")]
    Message(String),
    /// A row in it is damaged.
    #[error(transparent)]
    Row(#[from] DecodeError),
    /// A failure that is not Tablestore's, e.g. of a proxy in front of it.
    #[error("an error page that is not Tablestore's")]
    Foreign,
}

/// The service refused or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{err}")]
pub struct ServiceError<E> {
    pub(crate) err: E,
    pub(crate) may_have_been_applied: bool,
}

impl<E> ServiceError<E> {
    /// The error of the operation.
    pub fn err(&self) -> &E {
        &self.err
    }

    /// The error of the operation.
    pub fn into_err(self) -> E {
        self.err
    }
}

impl<E> SdkError<E> {
    /// The error of the operation, if the service refused or failed.
    pub fn as_service_error(&self) -> Option<&E> {
        if let SdkError::ServiceError(error) = self { Some(&error.err) } else { None }
    }

    /// Whether the service may have done what was asked for, so that it has to be read to learn which. It is false
    /// where that is known not to be so; for reads it says nothing, they change nothing either way.
    pub fn may_have_been_applied(&self) -> bool {
        match self {
            SdkError::ConstructionFailure(_) => false,
            SdkError::TimeoutError(error) => error.sent,
            SdkError::DispatchFailure(error) => error.source.may_have_arrived(),
            SdkError::ResponseError(_) => true,
            SdkError::ServiceError(error) => error.may_have_been_applied,
        }
    }

    /// Changes the error of the operation.
    pub fn map_service_error<F>(self, map: impl FnOnce(E) -> F) -> SdkError<F> {
        match self {
            SdkError::ConstructionFailure(error) => SdkError::ConstructionFailure(error),
            SdkError::TimeoutError(error) => SdkError::TimeoutError(error),
            SdkError::DispatchFailure(error) => SdkError::DispatchFailure(error),
            SdkError::ResponseError(error) => SdkError::ResponseError(error),
            SdkError::ServiceError(ServiceError { err, may_have_been_applied }) => {
                SdkError::ServiceError(ServiceError { err: map(err), may_have_been_applied })
            }
        }
    }
}

impl<E: ProvideErrorMetadata> SdkError<E> {
    /// The id under which Alibaba Cloud finds the request, if there was an answer with one.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            SdkError::ServiceError(error) => error.err.metadata().and_then(ErrorMetadata::request_id),
            SdkError::ResponseError(error) => error.request_id.as_deref(),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            SdkError::ServiceError(error) => error.err.metadata().map(ErrorMetadata::http_status),
            SdkError::ResponseError(error) => Some(error.http_status),
            _ => None,
        }
    }
}

impl<E: ProvideErrorMetadata> ProvideErrorMetadata for SdkError<E> {
    fn metadata(&self) -> Option<&ErrorMetadata> {
        self.as_service_error().and_then(E::metadata)
    }
}

impl<E> From<ConstructionFailure> for SdkError<E> {
    fn from(error: ConstructionFailure) -> Self {
        SdkError::ConstructionFailure(error)
    }
}
