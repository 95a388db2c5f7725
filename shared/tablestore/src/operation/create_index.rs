//! CreateIndex: makes a secondary index of a table that is there.

use super::{Operation, required, required_text};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;
use crate::types::IndexMeta;

pub use super::Acknowledgement as CreateIndexOutput;

/// Builds the request. Needed are the table and the index.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateIndexFluentBuilder {
    client: Client,
    table_name: Option<String>,
    index: Option<IndexMeta>,
    include_base_data: bool,
}

impl CreateIndexFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None, index: None, include_base_data: true }
    }

    /// The main table.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// The index.
    pub fn index(self, index: IndexMeta) -> Self {
        Self { index: Some(index), ..self }
    }

    /// Whether rows that are in the table already come into the index. Default yes.
    pub fn include_base_data(self, include_base_data: bool) -> Self {
        Self { include_base_data, ..self }
    }

    fn request(&self) -> Result<protobuf::CreateIndexRequest, ConstructionFailure> {
        Ok(protobuf::CreateIndexRequest {
            main_table_name: required_text("table_name", &self.table_name)?,
            index_meta: Some(required("index", self.index.as_ref())?.wire()),
            include_base_data: Some(self.include_base_data),
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<CreateIndexOutput, SdkError<CreateIndexError>> {
        self.client
            .call(
                Operation::CreateIndex,
                self.request(),
                CreateIndexOutput::read::<protobuf::CreateIndexResponse>,
            )
            .await
    }
}

operation_error! {
    /// Why the service refused or failed.
    CreateIndexError {
        ObjectAlreadyExist, is_object_already_exist;
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
