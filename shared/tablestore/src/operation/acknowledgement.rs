//! The answer of operations that have nothing to say.

use crate::client::Meta;
use crate::error::ResponseProblem;

/// What operations answer that return nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    request_id: Option<String>,
}

impl Acknowledgement {
    /// `M` is the message of the operation, which has no fields.
    pub(super) fn read<M>(_: M, meta: &Meta) -> Result<Self, ResponseProblem> {
        Ok(Self { request_id: meta.request_id.clone() })
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}
