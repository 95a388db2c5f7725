//! GetRange: reads rows in the order of their keys, page by page.

mod builder;
mod paginator;

pub use builder::GetRangeFluentBuilder;
pub use paginator::{GetRangeItems, GetRangePaginator};

use bytes::Bytes;

use super::answer;
use crate::client::Meta;
use crate::error::{ResponseProblem, operation_error};
use crate::protobuf;
use crate::types::{ConsumedCapacity, PrimaryKey, Row};

/// A page. It can be empty although there are more rows: one call scans at most 5000 rows or 4 MB, whether they pass
/// the filter or not. Only [`next_start_primary_key`](Self::next_start_primary_key) says whether the end is reached.
#[derive(Debug, Clone, PartialEq)]
pub struct GetRangeOutput {
    rows: Vec<Row>,
    next_start_primary_key: Option<PrimaryKey>,
    next_token: Option<Bytes>,
    consumed: ConsumedCapacity,
    request_id: Option<String>,
}

impl GetRangeOutput {
    fn read(response: protobuf::GetRangeResponse, meta: &Meta) -> Result<Self, ResponseProblem> {
        let next = response.next_start_primary_key.filter(|key| !key.is_empty());
        Ok(Self {
            rows: answer::rows(&answer::present("rows", response.rows)?)?,
            next_start_primary_key: next.as_ref().map(answer::key).transpose()?,
            next_token: response.next_token.filter(|token| !token.is_empty()),
            consumed: answer::consumed(response.consumed)?,
            request_id: meta.request_id.clone(),
        })
    }

    /// The rows, in the direction that was asked for.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows, taken out.
    pub fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    /// Where the next page starts; none at the end.
    pub fn next_start_primary_key(&self) -> Option<&PrimaryKey> {
        self.next_start_primary_key.as_ref()
    }

    /// Where to go on within a wide row.
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
    GetRangeError {
        InvalidPk, is_invalid_pk;
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
