//! The way out: a small trait, so that the HTTP client can be replaced, and the one that is used by default.

mod reqwest_client;

use std::fmt;

use bytes::Bytes;
use futures::future::BoxFuture;

pub use reqwest_client::ReqwestClient;

/// Sends one request and reads the whole answer. No redirects, no repetition, no decompression, no proxy that changes
/// what is sent: requests and answers are signed, and whether to repeat is decided above.
pub trait HttpClient: Send + Sync + fmt::Debug {
    /// Sends a request. `max_response` bounds the body that is read, in bytes.
    ///
    /// The future can be dropped at any time: timeouts are set above.
    fn send(
        &self,
        request: http::Request<Bytes>,
        max_response: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, HttpError>>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct HttpError {
    kind: HttpErrorKind,
    message: String,
}

/// What is known about the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// It was certainly not sent: there was no connection.
    NotSent,
    /// It may have arrived: the connection was lost later.
    Lost,
    /// It arrived, and the answer is longer than what is read.
    TooLarge,
}

impl HttpError {
    /// An error. The message must not hold secrets.
    pub fn new(kind: HttpErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What is known about the request.
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// Whether the service may have got the request.
    pub fn may_have_arrived(&self) -> bool {
        self.kind != HttpErrorKind::NotSent
    }
}
