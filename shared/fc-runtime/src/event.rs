//! Event calls: bytes in, lambda_runtime's handler, bytes out.

use std::fmt;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use futures::{FutureExt, Stream, TryStreamExt};
use http::{StatusCode, header};
use lambda_runtime::{
    Context, Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, Service,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;

use crate::failure::failed;
use crate::payload::decode;

/// An event handler whose payload and response types are no longer visible.
pub(crate) type EventHandler =
    Arc<dyn Fn(Bytes, Context) -> BoxFuture<'static, Result<Bytes, Diagnostic>> + Send + Sync>;

/// Hides the types of `service` behind bytes. The bounds are those of lambda_runtime's concurrent runner, plus `Sync`.
pub(crate) fn erase<A, F, R, B, S, D, E>(service: F) -> EventHandler
where
    F: Service<LambdaEvent<A>, Response = R> + Clone + Send + Sync + 'static,
    F::Future: Send + 'static,
    F::Error: Into<Diagnostic> + fmt::Debug + Send + 'static,
    A: DeserializeOwned + Send + 'static,
    R: IntoFunctionResponse<B, S> + Send + 'static,
    B: Serialize + Send + 'static,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send + 'static,
    E: Into<Error> + Send + fmt::Debug + 'static,
{
    Arc::new(move |payload, context| {
        let service = service.clone();
        async move {
            let event = LambdaEvent::new(decode::<A>(payload)?, context);
            let response = service.oneshot(event).await.map_err(Into::into)?;
            encode(response.into_response()).await
        }
        .boxed()
    })
}

/// Only a body goes back from an event call, so a streaming answer is collected: its failure must still become a failed call.
async fn encode<B, S, D, E>(response: FunctionResponse<B, S>) -> Result<Bytes, Diagnostic>
where
    B: Serialize,
    S: Stream<Item = Result<D, E>> + Unpin + Send + 'static,
    D: Into<Bytes> + Send,
    E: Into<Error> + Send + fmt::Debug,
{
    match response {
        FunctionResponse::BufferedResponse(body) => {
            serde_json::to_vec(&body).map(Bytes::from).map_err(|error| Diagnostic {
                error_type: "ResponseNotSerializable".to_owned(),
                error_message: error.to_string(),
            })
        }
        FunctionResponse::StreamingResponse(mut body) => {
            let mut collected = BytesMut::new();
            while let Some(chunk) = body.stream.try_next().await.map_err(Into::into)? {
                collected.extend_from_slice(&chunk.into());
            }
            Ok(collected.freeze())
        }
    }
}

/// The HTTP answer of an event call.
pub(crate) fn answer(outcome: Result<Bytes, Diagnostic>) -> Response {
    match outcome {
        Ok(body) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(diagnostic) => failed(diagnostic),
    }
}
