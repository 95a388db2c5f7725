//! Function Compute custom runtime with the shape and types of lambda_runtime.
//!
//! A handler is an `async fn(LambdaEvent<T>) -> Result<R, Error>`. [`run`] serves it on Function Compute 3.0; the same handler
//! also starts under `lambda_runtime::run`, because every type in its signature is lambda_runtime's own.
//!
//! ```no_run
//! use fc_runtime::{Error, LambdaEvent, service_fn};
//! use serde_json::{Value, json};
//!
//! async fn handler(event: LambdaEvent<Value>) -> Result<Value, Error> {
//!     Ok(json!({ "request": event.context.request_id, "got": event.payload }))
//! }
//!
//! # async fn main_() -> Result<(), Error> {
//! fc_runtime::run(service_fn(handler)).await
//! # }
//! ```
//!
//! A function with an HTTP trigger, lifecycle hooks or limits uses [`Runtime`].
//!
//! # Who may invoke
//! What a request is (event, HTTP trigger, lifecycle hook) is decided by the header `x-fc-control-path` and never by the path,
//! which a client of an HTTP trigger chooses freely. Function Compute does not accept request headers that begin with `x-fc-`
//! from clients (documentation page document_detail/2513511), so inside Function Compute the header is the platform's word.
//!
//! Outside Function Compute, that is without `FC_FUNCTION_NAME` in the environment, nobody strips these headers. There the
//! runtime removes every `x-fc-*` header itself: each request goes to the HTTP router, event and lifecycle calls are impossible,
//! and a runtime without an HTTP router refuses everything with 403. [`Runtime::run`] then also listens on loopback only. Set
//! `FC_FUNCTION_NAME` to test event calls on one machine.
//!
//! # What a call sees
//! [`Context`] carries request id, deadline, function name, memory and version. [`invocation`] gives the rest, most of all the
//! credentials of the function role that came with this request. The credential headers are removed before the request reaches
//! the HTTP router.

mod credentials;
mod dispatch;
mod environment;
mod event;
mod failure;
mod invocation;
mod logging;
mod payload;
mod record;
mod runtime;
mod scoped;
mod server;
#[cfg_attr(not(feature = "otlp"), path = "telemetry_absent.rs")]
mod telemetry;

pub use credentials::Credentials;
pub use environment::{Environment, EnvironmentError};
pub use invocation::{Invocation, Kind, invocation};
pub use lambda_runtime::{
    Context, Diagnostic, Error, FunctionResponse, IntoFunctionResponse, LambdaEvent, Service, StreamResponse,
    service_fn,
};
pub use logging::{LoggingError, init_logging};
pub use payload::RawPayload;
pub use runtime::{Runtime, RuntimeError, run};
