//! CreateTable: makes a table, with indexes if wanted. It may not be ready for a while: then other operations on it
//! answer `OTSTableNotReady`, and the client repeats them within their timeout.

use super::{Operation, required_text};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError, operation_error};
use crate::protobuf;
use crate::types::{
    DefinedColumn, IndexMeta, KeySchema, ReservedThroughput, StreamSpecification, TableOptions,
};

pub use super::Acknowledgement as CreateTableOutput;

/// Builds the request. Needed are the name and one to four primary key columns.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct CreateTableFluentBuilder {
    client: Client,
    table_name: Option<String>,
    key_schema: Vec<KeySchema>,
    defined_columns: Vec<DefinedColumn>,
    options: TableOptions,
    throughput: ReservedThroughput,
    stream: Option<StreamSpecification>,
    indexes: Vec<IndexMeta>,
    local_transactions: Option<bool>,
}

impl CreateTableFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            table_name: None,
            key_schema: Vec::new(),
            defined_columns: Vec::new(),
            options: TableOptions::default(),
            throughput: ReservedThroughput::default(),
            stream: None,
            indexes: Vec::new(),
            local_transactions: None,
        }
    }

    /// The name: letters, digits and `_`, at most 255, not starting with a digit.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// Adds a primary key column; the first is the partition key.
    pub fn key_schema(mut self, column: KeySchema) -> Self {
        self.key_schema.push(column);
        self
    }

    /// Adds a declared attribute column, for indexes.
    pub fn defined_column(mut self, column: DefinedColumn) -> Self {
        self.defined_columns.push(column);
        self
    }

    /// How long and in how many versions data is kept. Default for ever and one.
    pub fn table_options(self, options: TableOptions) -> Self {
        Self { options, ..self }
    }

    /// Reserved capacity. Default none.
    pub fn reserved_throughput(self, throughput: ReservedThroughput) -> Self {
        Self { throughput, ..self }
    }

    /// Whether changes are kept to be followed.
    pub fn stream_specification(self, stream: StreamSpecification) -> Self {
        Self { stream: Some(stream), ..self }
    }

    /// Adds a secondary index.
    pub fn index(mut self, index: IndexMeta) -> Self {
        self.indexes.push(index);
        self
    }

    /// Allows local transactions. This can only be said here.
    pub fn enable_local_transactions(self, enable: bool) -> Self {
        Self { local_transactions: Some(enable), ..self }
    }

    fn request(&self) -> Result<protobuf::CreateTableRequest, ConstructionFailure> {
        if self.key_schema.is_empty() {
            return Err(ConstructionFailure::Missing("key_schema"));
        }
        Ok(protobuf::CreateTableRequest {
            table_meta: Some(protobuf::TableMeta {
                table_name: required_text("table_name", &self.table_name)?,
                primary_key: self.key_schema.iter().map(KeySchema::wire).collect(),
                defined_column: self.defined_columns.iter().map(DefinedColumn::wire).collect(),
            }),
            reserved_throughput: Some(self.throughput.wire()),
            table_options: Some(self.options.wire()),
            stream_spec: self.stream.map(StreamSpecification::wire),
            index_metas: self.indexes.iter().map(IndexMeta::wire).collect(),
            enable_local_txn: self.local_transactions,
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<CreateTableOutput, SdkError<CreateTableError>> {
        self.client
            .call(
                Operation::CreateTable,
                self.request(),
                CreateTableOutput::read::<protobuf::CreateTableResponse>,
            )
            .await
    }
}

operation_error! {
    /// Why the service refused or failed.
    CreateTableError {
        ObjectAlreadyExist, is_object_already_exist;
        ParameterInvalid, is_parameter_invalid;
        QuotaExhausted, is_quota_exhausted;
    }
}
