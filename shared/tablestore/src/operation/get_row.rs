//! GetRow: reads a row.

use bytes::Bytes;

use super::read::{ReadOptions, read_options, versions};
use super::{Operation, answer, required, required_text};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, ResponseProblem, SdkError, operation_error};
use crate::plainbuffer::{WireRow, encode_row};
use crate::protobuf;
use crate::types::{ConsumedCapacity, Filter, PrimaryKey, Row, TimeRange};

/// Builds the request. Needed are the table and the key.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct GetRowFluentBuilder {
    client: Client,
    table_name: Option<String>,
    primary_key: Option<PrimaryKey>,
    options: ReadOptions,
}

impl GetRowFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, table_name: None, primary_key: None, options: ReadOptions::default() }
    }

    /// The table, or an index.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// The key of the row.
    pub fn primary_key(self, primary_key: PrimaryKey) -> Self {
        Self { primary_key: Some(primary_key), ..self }
    }

    fn request(self) -> Result<protobuf::GetRowRequest, ConstructionFailure> {
        let key = required("primary_key", self.primary_key)?;
        let options = self.options;
        Ok(protobuf::GetRowRequest {
            table_name: required_text("table_name", &self.table_name)?,
            primary_key: encode_row(&WireRow::key(key))?.into(),
            columns_to_get: options.columns_to_get,
            time_range: options.time_range.map(TimeRange::wire),
            max_versions: versions(options.max_versions, options.time_range.is_some()),
            filter: options.filter.as_ref().map(Filter::wire).transpose()?,
            start_column: options.start_column,
            end_column: options.end_column,
            token: options.token,
            transaction_id: options.transaction_id,
        })
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`SdkError`]. That there is no such row is no error.
    pub async fn send(self) -> Result<GetRowOutput, SdkError<GetRowError>> {
        let client = self.client.clone();
        client.call(Operation::GetRow, self.request(), GetRowOutput::read).await
    }
}

read_options!(GetRowFluentBuilder);

/// What GetRow answers.
#[derive(Debug, Clone, PartialEq)]
pub struct GetRowOutput {
    row: Option<Row>,
    next_token: Option<Bytes>,
    consumed: ConsumedCapacity,
    request_id: Option<String>,
}

impl GetRowOutput {
    fn read(response: protobuf::GetRowResponse, meta: &Meta) -> Result<Self, ResponseProblem> {
        Ok(Self {
            row: answer::row(&answer::present("row", response.row)?)?,
            next_token: response.next_token.filter(|token| !token.is_empty()),
            consumed: answer::consumed(response.consumed)?,
            request_id: meta.request_id.clone(),
        })
    }

    /// The row, if there is one and it passed the filter.
    pub fn row(&self) -> Option<&Row> {
        self.row.as_ref()
    }

    /// The row, taken out.
    pub fn into_row(self) -> Option<Row> {
        self.row
    }

    /// Where to go on: the row has more columns than came.
    pub fn next_token(&self) -> Option<&Bytes> {
        self.next_token.as_ref()
    }

    /// What it cost.
    pub fn consumed(&self) -> ConsumedCapacity {
        self.consumed
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed.
    GetRowError {
        InvalidPk, is_invalid_pk;
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
