//! One attempt: sign, send, verify.

use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use jiff::Timestamp;
use prost::Message;
use tokio::time::{Instant, timeout};

use super::Client;
use crate::credentials::{Credentials, CredentialsError};
use crate::error::{
    ConstructionFailure, DispatchFailure, ErrorCode, ErrorMetadata, ResponseError, ResponseProblem, SdkError,
    ServiceError, TimeoutError, TimeoutKind,
};
use crate::http::{HttpError, HttpErrorKind};
use crate::operation::Operation;
use crate::protobuf;
use crate::signature::{ResponseCheck, SigningKey, signed_headers, verify};

type Failure = SdkError<ErrorMetadata>;

/// A verified good answer.
pub(super) struct Answer {
    pub(super) body: Bytes,
    pub(super) request_id: Option<String>,
    pub(super) http_status: u16,
}

impl Client {
    pub(super) async fn attempt(
        &self,
        operation: Operation,
        body: Bytes,
        deadline: Instant,
    ) -> Result<Answer, Failure> {
        let left = |deadline: Instant| deadline.saturating_duration_since(Instant::now());
        let begin = Instant::now();
        let now = Timestamp::now();
        let credentials = timeout(left(deadline), self.config.credentials.get(now))
            .await
            .map_err(|_| timed_out(TimeoutKind::Operation, begin.elapsed(), false))?
            .map_err(ConstructionFailure::from)?;
        let (request, key) = self.sign(operation, body, &credentials, now)?;
        let attempt = self.config.timeout.get(operation.class()).attempt;
        let limit = attempt.min(left(deadline));
        let kind = if limit == attempt { TimeoutKind::Attempt } else { TimeoutKind::Operation };
        let response = timeout(limit, self.config.http_client.send(request, self.config.max_response))
            .await
            .map_err(|_| timed_out(kind, limit, true))?
            .map_err(|source| SdkError::DispatchFailure(DispatchFailure { source }))?;
        // Another client may not keep to the limit.
        if response.body().len() > self.config.max_response {
            let source = HttpError::new(HttpErrorKind::TooLarge, "the answer is longer than allowed");
            return Err(SdkError::DispatchFailure(DispatchFailure { source }));
        }
        judge(operation, &response, &credentials, &key)
    }

    fn sign(
        &self,
        operation: Operation,
        body: Bytes,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<(Request<Bytes>, SigningKey), Failure> {
        let config = &self.config;
        let name = operation.name();
        let (headers, key) =
            signed_headers(&config.signature_version, credentials, &config.instance_name, name, &body, now);
        // Said also where it is 0, as for ListTable: without it some servers refuse a POST, or wait.
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(config.endpoint.url(name))
            .header(CONTENT_LENGTH, body.len());
        for (name, value) in headers {
            let value = HeaderValue::try_from(value).map(|mut value| {
                value.set_sensitive(name == "x-ots-ststoken");
                value
            });
            request = request.header(name, value.map_err(|_| unsendable())?);
        }
        Ok((request.body(body).map_err(|_| unsendable())?, key))
    }
}

/// All parts of a request were checked before; if one cannot be sent all the same, it comes from the credentials.
fn unsendable() -> Failure {
    ConstructionFailure::from(CredentialsError::new("they cannot be sent in headers")).into()
}

fn timed_out(kind: TimeoutKind, after: Duration, sent: bool) -> Failure {
    SdkError::TimeoutError(TimeoutError { kind, after, sent })
}

fn judge(
    operation: Operation,
    response: &Response<Bytes>,
    credentials: &Credentials,
    key: &SigningKey,
) -> Result<Answer, Failure> {
    let http_status = response.status().as_u16();
    let request_id = request_id(response.headers());
    let unusable = |problem: ResponseProblem| {
        let request_id = request_id.clone();
        SdkError::ResponseError(ResponseError { problem, http_status, request_id })
    };
    let good = response.status().is_success();
    let error = if good { None } else { error_of(response.body()) };
    if !good && error.is_none() {
        return Err(unusable(ResponseProblem::Foreign));
    }
    let check = ResponseCheck {
        key,
        access_key_id: credentials.access_key_id(),
        operation: operation.name(),
        now: Timestamp::now(),
    };
    // The service does not sign, or not with our key, when it does not know the key or the clock is off.
    let unsigned = http_status == 403
        && error.as_ref().is_some_and(|error| error.code == ErrorCode::AuthFailed.as_str());
    if !unsigned {
        verify(&check, good, response.headers(), response.body()).map_err(|error| unusable(error.into()))?;
    }
    match error {
        None => Ok(Answer { body: response.body().clone(), request_id, http_status }),
        Some(error) => {
            let message = credentials.redact(&error.message.unwrap_or_default());
            let err = ErrorMetadata {
                code: ErrorCode::from(error.code.as_str()),
                message,
                request_id,
                http_status,
            };
            let may_have_been_applied = err.may_have_been_applied(operation.class());
            Err(SdkError::ServiceError(ServiceError { err, may_have_been_applied }))
        }
    }
}

/// The service's error message. An HTML page of a proxy is none.
fn error_of(body: &Bytes) -> Option<protobuf::Error> {
    let error = protobuf::Error::decode(body.clone()).ok()?;
    let is_code =
        error.code.starts_with("OTS") && error.code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(error)
}

fn request_id(headers: &HeaderMap) -> Option<String> {
    headers.get("x-ots-requestid")?.to_str().ok().map(str::to_owned)
}
