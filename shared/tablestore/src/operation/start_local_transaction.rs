//! StartLocalTransaction: locks one partition for reads and writes that are committed together, within 60 s. The table
//! has to be made for it ([`enable_local_transactions`]).
//!
//! [`enable_local_transactions`]: super::create_table::CreateTableFluentBuilder::enable_local_transactions

use super::{Operation, required, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, ResponseProblem, SdkError, operation_error};
use crate::plainbuffer::{WireRow, encode_row};
use crate::protobuf;
use crate::types::PrimaryKey;

/// Builds the request. Needed are the table and the partition.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct StartLocalTransactionFluentBuilder {
    client: Client,
    table_name: Option<String>,
    partition_key: Option<PrimaryKey>,
}

impl StartLocalTransactionFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None, partition_key: None }
    }

    /// The table.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// The first primary key column, alone.
    pub fn partition_key(self, key: PrimaryKey) -> Self {
        Self { partition_key: Some(key), ..self }
    }

    fn request(self) -> Result<protobuf::StartLocalTransactionRequest, ConstructionFailure> {
        let key = required("partition_key", self.partition_key)?;
        Ok(protobuf::StartLocalTransactionRequest {
            table_name: required_text("table_name", &self.table_name)?,
            key: encode_row(&WireRow::key(key))?.into(),
        })
    }

    /// Sends it. If the answer is lost there may be a transaction that nobody knows; it ends by itself after 60 s.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<StartLocalTransactionOutput, SdkError<StartLocalTransactionError>> {
        let client = self.client.clone();
        client.call(Operation::StartLocalTransaction, self.request(), StartLocalTransactionOutput::read).await
    }
}

/// What StartLocalTransaction answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartLocalTransactionOutput {
    transaction_id: String,
    request_id: Option<String>,
}

impl StartLocalTransactionOutput {
    fn read(response: protobuf::StartLocalTransactionResponse, meta: &Meta) -> Result<Self, ResponseProblem> {
        if response.transaction_id.is_empty() {
            return Err(ResponseProblem::Message("`transaction_id` is missing".to_owned()));
        }
        Ok(Self { transaction_id: response.transaction_id, request_id: meta.request_id.clone() })
    }

    /// What the operations of the transaction name.
    pub fn transaction_id(&self) -> &str {
        &self.transaction_id
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    StartLocalTransactionError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
        RowOperationConflict, is_row_operation_conflict;
    }
}
