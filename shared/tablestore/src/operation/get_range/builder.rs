//! The request.

use bytes::Bytes;

use super::{GetRangeError, GetRangeOutput, GetRangePaginator};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError};
use crate::operation::{Operation, required, required_text, versions};
use crate::plainbuffer::{WireRow, encode_row};
use crate::protobuf;
use crate::types::{Direction, Filter, PrimaryKey, TimeRange};

/// Builds the request. Needed are the table and both ends of the range.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct GetRangeFluentBuilder {
    client: Client,
    table_name: Option<String>,
    start: Option<PrimaryKey>,
    end: Option<PrimaryKey>,
    direction: Direction,
    limit: Option<i32>,
    columns_to_get: Vec<String>,
    max_versions: Option<i32>,
    time_range: Option<TimeRange>,
    filter: Option<Filter>,
    start_column: Option<String>,
    end_column: Option<String>,
    token: Option<Bytes>,
    transaction_id: Option<String>,
}

impl GetRangeFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            table_name: None,
            start: None,
            end: None,
            direction: Direction::Forward,
            limit: None,
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

    /// Where to start; every primary key column is needed, be it as an infinite value.
    pub fn inclusive_start_primary_key(self, key: PrimaryKey) -> Self {
        Self { start: Some(key), ..self }
    }

    /// Before which key to end; behind which, when reading backward.
    pub fn exclusive_end_primary_key(self, key: PrimaryKey) -> Self {
        Self { end: Some(key), ..self }
    }

    /// Forward, which is the default, or backward: then the start is the greater end.
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// How many rows a page has at most.
    pub fn limit(self, limit: i32) -> Self {
        Self { limit: Some(limit), ..self }
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

    /// Only rows that fulfil this are returned; the others are scanned and paid for.
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

    /// Goes on within a wide row where [`GetRangeOutput::next_token`] says.
    pub fn token(self, token: Bytes) -> Self {
        Self { token: Some(token), ..self }
    }

    /// The transaction that it is a part of.
    pub fn transaction_id(self, id: impl Into<String>) -> Self {
        Self { transaction_id: Some(id.into()), ..self }
    }

    /// Whether this is where it starts.
    pub(super) fn is_at(&self, start: &PrimaryKey, token: Option<&Bytes>) -> bool {
        self.start.as_ref() == Some(start) && self.token.as_ref() == token
    }

    /// The same from where a page ended.
    pub(super) fn from(self, start: PrimaryKey, token: Option<Bytes>) -> Self {
        Self { start: Some(start), token, ..self }
    }

    fn request(self) -> Result<protobuf::GetRangeRequest, ConstructionFailure> {
        let key = |key| encode_row(&WireRow::key(key));
        Ok(protobuf::GetRangeRequest {
            table_name: required_text("table_name", &self.table_name)?,
            direction: self.direction.wire().into(),
            columns_to_get: self.columns_to_get,
            time_range: self.time_range.map(TimeRange::wire),
            max_versions: versions(self.max_versions, self.time_range.is_some()),
            limit: self.limit,
            inclusive_start_primary_key: key(required("inclusive_start_primary_key", self.start)?)?.into(),
            exclusive_end_primary_key: key(required("exclusive_end_primary_key", self.end)?)?.into(),
            filter: self.filter.as_ref().map(Filter::wire).transpose()?,
            start_column: self.start_column,
            end_column: self.end_column,
            token: self.token,
            transaction_id: self.transaction_id,
        })
    }

    /// Reads one page.
    ///
    /// # Errors
    /// See [`SdkError`].
    pub async fn send(self) -> Result<GetRangeOutput, SdkError<GetRangeError>> {
        let client = self.client.clone();
        client.call(Operation::GetRange, self.request(), GetRangeOutput::read).await
    }

    /// Reads all pages.
    pub fn into_paginator(self) -> GetRangePaginator {
        GetRangePaginator::new(self)
    }
}
