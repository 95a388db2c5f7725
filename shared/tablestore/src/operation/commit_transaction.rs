//! CommitTransaction: makes all writes of a transaction last. A lost answer leaves it unknown whether they do.

use super::{Operation, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;

/// Builds the request. Needed is the transaction.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CommitTransactionFluentBuilder {
    client: Client,
    transaction_id: Option<String>,
}

impl CommitTransactionFluentBuilder {
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
    pub async fn send(self) -> Result<CommitTransactionOutput, SdkError<CommitTransactionError>> {
        let read = |_: protobuf::EndTransactionResponse, meta: &Meta| {
            Ok(CommitTransactionOutput { request_id: meta.request_id.clone() })
        };
        self.client.call(Operation::CommitTransaction, self.request(), read).await
    }
}

/// What CommitTransaction answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitTransactionOutput {
    request_id: Option<String>,
}

impl CommitTransactionOutput {
    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    CommitTransactionError {
        ParameterInvalid, is_parameter_invalid;
    }
}
