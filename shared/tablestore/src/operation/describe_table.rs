//! DescribeTable: what a table is made of.

use super::{Operation, answer, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, ResponseProblem, SdkError, operation_error};
use crate::protobuf;
use crate::types::{DefinedColumn, IndexMeta, KeySchema, StreamDetails, TableOptions, ThroughputDetails};

/// Builds the request. Needed is the table.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct DescribeTableFluentBuilder {
    client: Client,
    table_name: Option<String>,
}

impl DescribeTableFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None }
    }

    /// The table.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    fn request(&self) -> Result<protobuf::DescribeTableRequest, ConstructionFailure> {
        Ok(protobuf::DescribeTableRequest { table_name: required_text("table_name", &self.table_name)? })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<DescribeTableOutput, SdkError<DescribeTableError>> {
        self.client.call(Operation::DescribeTable, self.request(), DescribeTableOutput::read).await
    }
}

/// What DescribeTable answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribeTableOutput {
    table_name: String,
    key_schema: Vec<KeySchema>,
    defined_columns: Vec<DefinedColumn>,
    table_options: TableOptions,
    throughput: ThroughputDetails,
    stream: Option<StreamDetails>,
    indexes: Vec<IndexMeta>,
    request_id: Option<String>,
}

impl DescribeTableOutput {
    fn read(response: protobuf::DescribeTableResponse, meta: &Meta) -> Result<Self, ResponseProblem> {
        let table = answer::present("table_meta", response.table_meta)?;
        let throughput =
            answer::present("reserved_throughput_details", response.reserved_throughput_details)?;
        Ok(Self {
            table_name: table.table_name,
            key_schema: known(table.primary_key)?,
            defined_columns: known(table.defined_column)?,
            table_options: answer::present("table_options", response.table_options)?.into(),
            throughput: throughput.into(),
            stream: response.stream_details.map(StreamDetails::from),
            indexes: known(response.index_metas)?,
            request_id: meta.request_id.clone(),
        })
    }

    /// The name.
    pub fn table_name(&self) -> &str {
        &self.table_name
    }

    /// The primary key columns, the partition key first.
    pub fn key_schema(&self) -> &[KeySchema] {
        &self.key_schema
    }

    /// The declared attribute columns.
    pub fn defined_columns(&self) -> &[DefinedColumn] {
        &self.defined_columns
    }

    /// How long and in how many versions data is kept.
    pub fn table_options(&self) -> &TableOptions {
        &self.table_options
    }

    /// Reserved capacity.
    pub fn throughput(&self) -> &ThroughputDetails {
        &self.throughput
    }

    /// The stream of changes.
    pub fn stream(&self) -> Option<&StreamDetails> {
        self.stream.as_ref()
    }

    /// The secondary indexes.
    pub fn indexes(&self) -> &[IndexMeta] {
        &self.indexes
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

fn known<T, U: TryFrom<T, Error = String>>(parts: Vec<T>) -> Result<Vec<U>, ResponseProblem> {
    parts.into_iter().map(U::try_from).collect::<Result<_, _>>().map_err(ResponseProblem::Message)
}

operation_error! {
    /// Why the service refused or failed.
    DescribeTableError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
