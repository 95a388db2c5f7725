//! One way for all calls: encode, attempt, judge, repeat, decode.

use bytes::Bytes;
use prost::Message;
use tokio::time::Instant;

use super::Client;
use super::attempt::Answer;
use crate::error::{
    ConstructionFailure, ErrorMetadata, ProvideErrorMetadata, ResponseError, ResponseProblem, SdkError,
    TimeoutError, TimeoutKind,
};
use crate::operation::Operation;
use crate::retry;

impl Client {
    /// Calls an operation as often as it is safe and the deadline permits, and reads its answer.
    pub(crate) async fn call<Request, Response, Output, Error>(
        &self,
        operation: Operation,
        request: Result<Request, ConstructionFailure>,
        read: impl FnOnce(Response, &Meta) -> Result<Output, ResponseProblem>,
    ) -> Result<Output, SdkError<Error>>
    where
        Request: Message,
        Response: Message + Default,
        Error: From<ErrorMetadata>,
    {
        let body = Bytes::from(request?.encode_to_vec());
        let answer =
            self.repeat(operation, body).await.map_err(|error| error.map_service_error(Error::from))?;
        let meta = Meta { request_id: answer.request_id, http_status: answer.http_status };
        Response::decode(answer.body)
            .map_err(|error| ResponseProblem::Message(error.to_string()))
            .and_then(|response| read(response, &meta))
            .map_err(|problem| {
                let Meta { request_id, http_status } = meta;
                SdkError::ResponseError(ResponseError { problem, http_status, request_id })
            })
    }

    async fn repeat(&self, operation: Operation, body: Bytes) -> Result<Answer, SdkError<ErrorMetadata>> {
        let class = operation.class();
        let begin = Instant::now();
        let own = begin + self.config.timeout.get(class).operation;
        let deadline = self.deadline.map_or(own, |deadline| deadline.min(own));
        let mut attempts = 0;
        loop {
            // Without this a deadline that has passed would still send, and leave the outcome unknown.
            if Instant::now() >= deadline {
                let (kind, after) = (TimeoutKind::Operation, begin.elapsed());
                return Err(SdkError::TimeoutError(TimeoutError { kind, after, sent: false }));
            }
            attempts += 1;
            let error = match self.attempt(operation, body.clone(), deadline).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = self.config.retry.get(class).wait(retry::reason(class, &error), attempts);
            tracing::debug!(
                tablestore.operation = operation.name(),
                tablestore.attempt = attempts,
                tablestore.code = error.code().map(|code| code.as_str()),
                tablestore.request_id = error.request_id(),
                http.status = error.http_status(),
                retry.wait_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
                %error,
                "attempt failed"
            );
            match wait {
                Some(wait) if Instant::now() + wait < deadline => tokio::time::sleep(wait).await,
                _ => return Err(error),
            }
        }
    }
}

/// What came with a good answer.
pub(crate) struct Meta {
    pub(crate) request_id: Option<String>,
    pub(crate) http_status: u16,
}
