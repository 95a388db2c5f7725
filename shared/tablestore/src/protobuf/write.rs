//! Writes of single rows. `row`, `row_change` and `primary_key` are [`plainbuffer`](crate::plainbuffer)s.
#![allow(missing_docs)]

use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum RowExistenceExpectation {
    Ignore = 0,
    ExpectExist = 1,
    ExpectNotExist = 2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum ReturnType {
    None = 0,
    PrimaryKey = 1,
    AfterModify = 2,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Condition {
    #[prost(enumeration = "RowExistenceExpectation", required, tag = "1")]
    pub row_existence: i32,
    /// An encoded [`Filter`](super::Filter).
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub column_condition: Option<Bytes>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ReturnContent {
    #[prost(enumeration = "ReturnType", optional, tag = "1")]
    pub return_type: Option<i32>,
    #[prost(string, repeated, tag = "2")]
    pub return_column_names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct CapacityUnit {
    #[prost(int32, optional, tag = "1")]
    pub read: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub write: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct ConsumedCapacity {
    #[prost(message, optional, tag = "1")]
    pub capacity_unit: Option<CapacityUnit>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct PutRowRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(bytes = "bytes", required, tag = "2")]
    pub row: Bytes,
    #[prost(message, optional, tag = "3")]
    pub condition: Option<Condition>,
    #[prost(message, optional, tag = "4")]
    pub return_content: Option<ReturnContent>,
    #[prost(string, optional, tag = "5")]
    pub transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct UpdateRowRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(bytes = "bytes", required, tag = "2")]
    pub row_change: Bytes,
    #[prost(message, optional, tag = "3")]
    pub condition: Option<Condition>,
    #[prost(message, optional, tag = "4")]
    pub return_content: Option<ReturnContent>,
    #[prost(string, optional, tag = "5")]
    pub transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DeleteRowRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(bytes = "bytes", required, tag = "2")]
    pub primary_key: Bytes,
    #[prost(message, optional, tag = "3")]
    pub condition: Option<Condition>,
    #[prost(message, optional, tag = "4")]
    pub return_content: Option<ReturnContent>,
    #[prost(string, optional, tag = "5")]
    pub transaction_id: Option<String>,
}

/// The answer to PutRow, UpdateRow and DeleteRow: they have the same fields.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct WriteRowResponse {
    #[prost(message, optional, tag = "1")]
    pub consumed: Option<ConsumedCapacity>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub row: Option<Bytes>,
}
