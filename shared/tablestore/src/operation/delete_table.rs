//! DeleteTable: deletes a table with all it holds.

use super::{Operation, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;

/// Builds the request. Needed is the table.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct DeleteTableFluentBuilder {
    client: Client,
    table_name: Option<String>,
}

impl DeleteTableFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None }
    }

    /// The table.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    fn request(&self) -> Result<protobuf::DeleteTableRequest, ConstructionFailure> {
        Ok(protobuf::DeleteTableRequest { table_name: required_text("table_name", &self.table_name)? })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<DeleteTableOutput, SdkError<DeleteTableError>> {
        let read = |_: protobuf::DeleteTableResponse, meta: &Meta| {
            Ok(DeleteTableOutput { request_id: meta.request_id.clone() })
        };
        self.client.call(Operation::DeleteTable, self.request(), read).await
    }
}

/// What DeleteTable answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteTableOutput {
    request_id: Option<String>,
}

impl DeleteTableOutput {
    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    DeleteTableError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
