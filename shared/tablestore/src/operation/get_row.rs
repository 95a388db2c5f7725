//! GetRow: reads a row.

use bytes::Bytes;

use super::{Operation, answer, required, required_text, versions};
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
    columns_to_get: Vec<String>,
    max_versions: Option<i32>,
    time_range: Option<TimeRange>,
    filter: Option<Filter>,
    start_column: Option<String>,
    end_column: Option<String>,
    token: Option<Bytes>,
    transaction_id: Option<String>,
}

impl GetRowFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            table_name: None,
            primary_key: None,
            columns_to_get: Vec::new(),
            max_versions: None,
            time_range: None,
            filter: None,
            start_column: None,
            end_column: None,
            token: None,
            transaction_id: None,
        }
    }

    /// The table, or an index.
    pub fn table_name(self, name: impl Into<String>) -> Self {
        Self { table_name: Some(name.into()), ..self }
    }

    /// The key of the row.
    pub fn primary_key(self, primary_key: PrimaryKey) -> Self {
        Self { primary_key: Some(primary_key), ..self }
    }

    /// Adds columns to be read. Default all.
    pub fn columns_to_get(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.columns_to_get.extend(names.into_iter().map(Into::into));
        self
    }

    /// How many versions of each column are read at most. Default 1, or no limit with a time range.
    pub fn max_versions(self, max_versions: i32) -> Self {
        Self { max_versions: Some(max_versions), ..self }
    }

    /// Which versions are read.
    pub fn time_range(self, time_range: TimeRange) -> Self {
        Self { time_range: Some(time_range), ..self }
    }

    /// The row is returned only if it fulfils this.
    pub fn filter(self, filter: impl Into<Filter>) -> Self {
        Self { filter: Some(filter.into()), ..self }
    }

    /// Only columns from this name on are read.
    pub fn start_column(self, name: impl Into<String>) -> Self {
        Self { start_column: Some(name.into()), ..self }
    }

    /// Only columns before this name are read.
    pub fn end_column(self, name: impl Into<String>) -> Self {
        Self { end_column: Some(name.into()), ..self }
    }

    /// Goes on with a wide row where [`GetRowOutput::next_token`] says.
    pub fn token(self, token: Bytes) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The transaction that it is a part of.
    pub fn transaction_id(self, id: impl Into<String>) -> Self {
        Self { transaction_id: Some(id.into()), ..self }
    }

    fn request(self) -> Result<protobuf::GetRowRequest, ConstructionFailure> {
        let key = required("primary_key", self.primary_key)?;
        Ok(protobuf::GetRowRequest {
            table_name: required_text("table_name", &self.table_name)?,
            primary_key: encode_row(&WireRow::key(key))?.into(),
            columns_to_get: self.columns_to_get,
            time_range: self.time_range.map(TimeRange::wire),
            max_versions: versions(self.max_versions, self.time_range.is_some()),
            filter: self.filter.as_ref().map(Filter::wire).transpose()?,
            start_column: self.start_column,
            end_column: self.end_column,
            token: self.token,
            transaction_id: self.transaction_id,
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
