//! The default: reqwest, with TLS by rustls, ring and Mozilla's roots. No part of it depends on the machine.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;

use super::{HttpClient, HttpError, HttpErrorKind};

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Idle connections are dropped early: a write that is lost on a stale one has an unknown outcome.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// An HTTP client with a pool of connections; a clone shares the pool.
#[derive(Debug, Clone)]
pub struct ReqwestClient {
    client: reqwest::Client,
}

impl ReqwestClient {
    /// A client that trusts Mozilla's roots, connects within 3 s and drops idle connections after 15 s.
    ///
    /// # Errors
    /// When TLS cannot be set up; the text says why.
    pub fn new() -> Result<Self, String> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client })
    }
}

impl HttpClient for ReqwestClient {
    fn send(
        &self,
        request: http::Request<Bytes>,
        max_response: usize,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, HttpError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)
                .map_err(|error| HttpError::new(HttpErrorKind::NotSent, cause(&error)))?;
            let response = self.client.execute(request).await.map_err(|error| lost(&error))?;
            read(response, max_response).await
        })
    }
}

/// Reads the body as it comes, so that neither a length in a header nor an endless body takes more memory than allowed.
async fn read(
    mut response: reqwest::Response,
    max_response: usize,
) -> Result<http::Response<Bytes>, HttpError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| lost(&error))? {
        if body.len() + chunk.len() > max_response {
            let message = format!("the answer is longer than {max_response} bytes");
            return Err(HttpError::new(HttpErrorKind::TooLarge, message));
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = http::Response::new(body.freeze());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    Ok(answer)
}

/// Only a failure to connect is sure not to have reached the service.
fn lost(error: &reqwest::Error) -> HttpError {
    let kind =
        if error.is_connect() || error.is_builder() { HttpErrorKind::NotSent } else { HttpErrorKind::Lost };
    HttpError::new(kind, cause(error))
}

/// The innermost cause: the outer ones say only that sending failed.
fn cause(error: &reqwest::Error) -> String {
    let Some(mut innermost) = error.source() else { return "the request failed".to_owned() };
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
