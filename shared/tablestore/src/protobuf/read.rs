//! Reads of single rows and ranges. Keys and rows are [`plainbuffer`](crate::plainbuffer)s.
#![allow(missing_docs)]

use bytes::Bytes;

use super::ConsumedCapacity;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum Direction {
    Forward = 0,
    Backward = 1,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct TimeRange {
    #[prost(int64, optional, tag = "1")]
    pub start_time: Option<i64>,
    #[prost(int64, optional, tag = "2")]
    pub end_time: Option<i64>,
    #[prost(int64, optional, tag = "3")]
    pub specific_time: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetRowRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(bytes = "bytes", required, tag = "2")]
    pub primary_key: Bytes,
    #[prost(string, repeated, tag = "3")]
    pub columns_to_get: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub time_range: Option<TimeRange>,
    #[prost(int32, optional, tag = "5")]
    pub max_versions: Option<i32>,
    #[prost(bytes = "bytes", optional, tag = "7")]
    pub filter: Option<Bytes>,
    #[prost(string, optional, tag = "8")]
    pub start_column: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub end_column: Option<String>,
    #[prost(bytes = "bytes", optional, tag = "10")]
    pub token: Option<Bytes>,
    #[prost(string, optional, tag = "11")]
    pub transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetRowResponse {
    #[prost(message, optional, tag = "1")]
    pub consumed: Option<ConsumedCapacity>,
    /// No bytes: there is no such row.
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub row: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub next_token: Option<Bytes>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetRangeRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(enumeration = "Direction", required, tag = "2")]
    pub direction: i32,
    #[prost(string, repeated, tag = "3")]
    pub columns_to_get: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub time_range: Option<TimeRange>,
    #[prost(int32, optional, tag = "5")]
    pub max_versions: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub limit: Option<i32>,
    #[prost(bytes = "bytes", required, tag = "7")]
    pub inclusive_start_primary_key: Bytes,
    #[prost(bytes = "bytes", required, tag = "8")]
    pub exclusive_end_primary_key: Bytes,
    #[prost(bytes = "bytes", optional, tag = "10")]
    pub filter: Option<Bytes>,
    #[prost(string, optional, tag = "11")]
    pub start_column: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub end_column: Option<String>,
    #[prost(bytes = "bytes", optional, tag = "13")]
    pub token: Option<Bytes>,
    #[prost(string, optional, tag = "14")]
    pub transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct GetRangeResponse {
    #[prost(message, optional, tag = "1")]
    pub consumed: Option<ConsumedCapacity>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub rows: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "3")]
    pub next_start_primary_key: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub next_token: Option<Bytes>,
}
