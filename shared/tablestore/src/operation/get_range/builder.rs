//! The request.

use bytes::Bytes;

use super::{GetRangeError, GetRangeOutput, GetRangePaginator};
use crate::client::Client;
use crate::error::{ConstructionFailure, SdkError};
use crate::operation::read::{ReadOptions, read_options, versions};
use crate::operation::{Operation, required, required_text};
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
    options: ReadOptions,
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
            options: ReadOptions::default(),
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

    /// Whether this is where it starts.
    pub(super) fn is_at(&self, start: &PrimaryKey, token: Option<&Bytes>) -> bool {
        self.start.as_ref() == Some(start) && self.options.token.as_ref() == token
    }

    /// The same from where a page ended.
    pub(super) fn from(self, start: PrimaryKey, token: Option<Bytes>) -> Self {
        Self { start: Some(start), options: ReadOptions { token, ..self.options }, ..self }
    }

    fn request(self) -> Result<protobuf::GetRangeRequest, ConstructionFailure> {
        let key = |key| encode_row(&WireRow::key(key));
        let options = self.options;
        Ok(protobuf::GetRangeRequest {
            table_name: required_text("table_name", &self.table_name)?,
            direction: self.direction.wire().into(),
            columns_to_get: options.columns_to_get,
            time_range: options.time_range.map(TimeRange::wire),
            max_versions: versions(options.max_versions, options.time_range.is_some()),
            limit: self.limit,
            inclusive_start_primary_key: key(required("inclusive_start_primary_key", self.start)?)?.into(),
            exclusive_end_primary_key: key(required("exclusive_end_primary_key", self.end)?)?.into(),
            filter: options.filter.as_ref().map(Filter::wire).transpose()?,
            start_column: options.start_column,
            end_column: options.end_column,
            token: options.token,
            transaction_id: options.transaction_id,
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

read_options!(GetRangeFluentBuilder);
