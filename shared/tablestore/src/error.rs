//! What can go wrong, with the shape of the errors of the AWS packages.
//!
//! ```
//! use tablestore_rs::error::SdkError;
//! use tablestore_rs::operation::put_row::PutRowError;
//!
//! fn explain(error: &SdkError<PutRowError>) -> String {
//!     match error.as_service_error() {
//!         Some(refused) if refused.is_condition_check_fail() => "somebody was faster".to_owned(),
//!         Some(refused) => format!("refused: {}", refused.meta()),
//!         None if error.may_have_been_applied() => "read the row to learn what became of it".to_owned(),
//!         None => format!("not written: {error}"),
//!     }
//! }
//! # let _ = explain;
//! ```

mod code;
mod metadata;
mod operation;
mod sdk;

pub use code::ErrorCode;
pub(crate) use code::Guidance;
pub use metadata::{ErrorMetadata, ProvideErrorMetadata};
pub(crate) use operation::operation_error;
pub use sdk::{
    ConstructionFailure, DispatchFailure, ResponseError, ResponseProblem, SdkError, ServiceError,
    TimeoutError, TimeoutKind,
};
