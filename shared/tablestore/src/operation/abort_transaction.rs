//! AbortTransaction: takes all writes of a transaction back. It also ends by itself after 60 s.

use super::{Operation, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;

/// Builds the request. Needed is the transaction.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct AbortTransactionFluentBuilder {
    client: Client,
    transaction_id: Option<String>,
}

impl AbortTransactionFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, transaction_id: None }
    }

    /// The transaction.
    pub fn transaction_id(self, id: impl Into<String>) -> Self {
        Self { transaction_id: Some(id.into()), ..self }
    }

    fn request(&self) -> Result<protobuf::EndTransactionRequest, ConstructionFailure> {
        let transaction_id = required_text("transaction_id", &self.transaction_id)?;
        Ok(protobuf::EndTransactionRequest { transaction_id })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<AbortTransactionOutput, SdkError<AbortTransactionError>> {
        let read = |_: protobuf::EndTransactionResponse, meta: &Meta| {
            Ok(AbortTransactionOutput { request_id: meta.request_id.clone() })
        };
        self.client.call(Operation::AbortTransaction, self.request(), read).await
    }
}

/// What AbortTransaction answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbortTransactionOutput {
    request_id: Option<String>,
}

impl AbortTransactionOutput {
    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    AbortTransactionError {
        ParameterInvalid, is_parameter_invalid;
    }
}
