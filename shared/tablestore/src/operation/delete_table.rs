//! DeleteTable: deletes a table with all it holds.

use super::{Operation, required_text};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;

pub use super::Acknowledgement as DeleteTableOutput;

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
        self.client
            .call(
                Operation::DeleteTable,
                self.request(),
                DeleteTableOutput::read::<protobuf::DeleteTableResponse>,
            )
            .await
    }
}

operation_error! {
    /// Why the service refused or failed.
    DeleteTableError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
