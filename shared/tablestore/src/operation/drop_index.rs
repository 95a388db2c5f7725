//! DropIndex: deletes a secondary index. The table keeps its rows.

use super::{Operation, required_text};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;

pub use super::Acknowledgement as DropIndexOutput;

/// Builds the request. Needed are the table and the index.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct DropIndexFluentBuilder {
    client: Client,
    table_name: Option<String>,
    index_name: Option<String>,
}

impl DropIndexFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None, index_name: None }
    }

    /// The main table.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// The index.
    pub fn index_name(self, name: impl Into<String>) -> Self {
        Self { index_name: Some(name.into()), ..self }
    }

    fn request(&self) -> Result<protobuf::DropIndexRequest, ConstructionFailure> {
        Ok(protobuf::DropIndexRequest {
            main_table_name: required_text("table_name", &self.table_name)?,
            index_name: required_text("index_name", &self.index_name)?,
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<DropIndexOutput, SdkError<DropIndexError>> {
        self.client
            .call(Operation::DropIndex, self.request(), DropIndexOutput::read::<protobuf::DropIndexResponse>)
            .await
    }
}

operation_error! {
    /// Why the service refused or failed.
    DropIndexError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
