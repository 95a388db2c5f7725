//! One attempt: sign, send, read.

use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH};
use tokio::time::{Instant, timeout};

use super::request::About;
use super::{Answer, Request, answer};
use crate::client::Client;
use crate::credentials::Credentials;
use crate::endpoint::BaseUrl;
use crate::error::{Error, ErrorKind};
use crate::signature::canonical_query;
use crate::{oss_signature, signature, sls_signature};

/// A request with its signature.
struct Signed {
    base: BaseUrl,
    /// Encoded already.
    path: String,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub(super) async fn attempt(&self, request: &Request, deadline: Instant) -> Result<Answer, Error> {
        let operation = request.operation;
        let left = deadline.saturating_duration_since(Instant::now());
        let limit = self.shared.config.attempt_timeout.unwrap_or(operation.timeout).min(left);
        let credentials = timeout(left, self.credentials.provide())
            .await
            .map_err(|_| Error::new(operation, ErrorKind::Credentials, "no credentials before the deadline"))?
            .map_err(|error| Error::new(operation, ErrorKind::Credentials, error))?;
        let max = request.limit.unwrap_or(self.shared.config.max_response);
        let request = self.sign(request, &credentials)?;
        let exchange = async {
            let response =
                self.shared.http.execute(request).await.map_err(|error| lost(operation, &error))?;
            answer::read(operation, response, max, &credentials).await
        };
        // Connecting has its own, shorter limit, so the request may have arrived.
        timeout(limit, exchange).await.unwrap_or_else(|_| {
            Err(Error::new(
                operation,
                ErrorKind::Timeout,
                format!("no answer within {} ms", limit.as_millis()),
            )
            .ambiguous())
        })
    }

    fn sign(&self, request: &Request, credentials: &Credentials) -> Result<reqwest::Request, Error> {
        let operation = request.operation;
        let invalid = |why: String| Error::new(operation, ErrorKind::InvalidRequest, why);
        let Signed { base, path, headers } = self.signed(request, credentials);
        let url = base.join(&path, &canonical_query(&request.query)).map_err(invalid)?;
        let mut builder = self.shared.http.request(request.method.clone(), url);
        builder = match &request.about {
            About::Service => builder.header(ACCEPT, "application/json"),
            About::Project { .. } => {
                builder.header(ACCEPT, "application/json").header(ACCEPT_ENCODING, "lz4")
            }
            About::Object(_) => builder,
        };
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        match &request.body {
            Some(body) => builder = builder.body(body.bytes.clone()),
            // RPC operations are POSTs without a body. A gateway may refuse one that does not say so (RFC 9110, 8.6).
            None if request.method == Method::POST => builder = builder.header(CONTENT_LENGTH, 0),
            None => {}
        }
        builder.build().map_err(|error| invalid(cause(&error.without_url())))
    }

    fn signed(&self, request: &Request, credentials: &Credentials) -> Signed {
        let config = &self.shared.config;
        let operation = request.operation;
        let query: Vec<(&str, &str)> =
            request.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let content_type = request.body.as_ref().map(|body| body.content_type);
        let body = request.body.as_ref().map_or(&[][..], |body| &body.bytes);
        let method = request.method.as_str();
        let now = Timestamp::now();
        match &request.about {
            About::Project { name, region } => {
                let (base, host) = config.endpoints.of_project(name, region);
                let unsigned = sls_signature::Unsigned {
                    method,
                    host: &host,
                    path: &request.path,
                    query: &query,
                    region,
                    content_type,
                    body,
                };
                let headers = sls_signature::sign(&unsigned, credentials, now).headers;
                Signed { base, path: request.path.clone(), headers }
            }
            About::Object(object) => {
                let (base, bucket) = config.endpoints.of_bucket(object.bucket(), &config.region);
                let unsigned = oss_signature::Unsigned {
                    method,
                    bucket: object.bucket(),
                    key: object.key(),
                    region: &config.region,
                    content_type,
                };
                let headers = oss_signature::sign(&unsigned, credentials, now).headers;
                Signed { base, path: format!("{bucket}{}", request.path), headers }
            }
            About::Service => {
                let base = config.endpoints.of(operation.service, &config.region);
                let unsigned = signature::Unsigned {
                    method,
                    host: base.authority(),
                    path: &request.path,
                    query: &query,
                    action: operation.name,
                    version: operation.version,
                    content_type,
                    body,
                };
                let nonce = hex::encode(rand::random::<[u8; 16]>());
                let headers = signature::sign(&unsigned, credentials, now, &nonce).headers;
                Signed { base, path: request.path.clone(), headers }
            }
        }
    }
}

/// A failure below HTTP. Only one to connect is sure not to have reached the service.
pub(super) fn lost(operation: &'static crate::operation::Operation, error: &reqwest::Error) -> Error {
    let kind = if error.is_timeout() { ErrorKind::Timeout } else { ErrorKind::Transport };
    let lost = Error::new(operation, kind, cause(error));
    if error.is_connect() || error.is_builder() { lost } else { lost.ambiguous() }
}

/// The innermost cause: the outer ones say only that sending failed, and name the address with its query.
fn cause(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if std::ptr::addr_eq(innermost, error) { "the request failed".to_owned() } else { innermost.to_string() }
}
