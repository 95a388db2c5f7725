//! ListTable, or ListTables as aws-sdk-dynamodb calls it: the names of the tables of the instance.

use super::Operation;
use crate::client::{Client, Meta};
use crate::error::{SdkError, operation_error};
use crate::protobuf;

/// Builds the request.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct ListTablesFluentBuilder {
    client: Client,
}

impl ListTablesFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<ListTablesOutput, SdkError<ListTablesError>> {
        let read = |response: protobuf::ListTableResponse, meta: &Meta| {
            Ok(ListTablesOutput { table_names: response.table_names, request_id: meta.request_id.clone() })
        };
        self.client.call(Operation::ListTable, Ok(protobuf::ListTableRequest {}), read).await
    }
}

/// What ListTables answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListTablesOutput {
    table_names: Vec<String>,
    request_id: Option<String>,
}

impl ListTablesOutput {
    /// The names.
    pub fn table_names(&self) -> &[String] {
        &self.table_names
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    ListTablesError {
        ObjectNotExist, is_object_not_exist;
    }
}
