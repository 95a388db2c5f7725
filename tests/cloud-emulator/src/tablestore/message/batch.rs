//! Many rows at once, each with a result of its own.

use super::{Condition, ConsumedCapacity, ErrorMessage, ReturnContent, TimeRange};

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TableInBatchGetRowRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub(crate) primary_key: Vec<Vec<u8>>,
    #[prost(string, repeated, tag = "4")]
    pub(crate) columns_to_get: Vec<String>,
    #[prost(message, optional, tag = "5")]
    pub(crate) time_range: Option<TimeRange>,
    #[prost(int32, optional, tag = "6")]
    pub(crate) max_versions: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "8")]
    pub(crate) filter: Option<Vec<u8>>,
    #[prost(string, optional, tag = "9")]
    pub(crate) start_column: Option<String>,
    #[prost(string, optional, tag = "10")]
    pub(crate) end_column: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BatchGetRowRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) tables: Vec<TableInBatchGetRowRequest>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RowInBatchWriteRowRequest {
    /// 1 put, 2 update, 3 delete.
    #[prost(int32, required, tag = "1")]
    pub(crate) operation: i32,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) row_change: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) condition: Option<Condition>,
    #[prost(message, optional, tag = "4")]
    pub(crate) return_content: Option<ReturnContent>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TableInBatchWriteRowRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) rows: Vec<RowInBatchWriteRowRequest>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BatchWriteRowRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) tables: Vec<TableInBatchWriteRowRequest>,
    #[prost(string, optional, tag = "2")]
    pub(crate) transaction_id: Option<String>,
}

/// The result of one row, the same for reads and writes.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RowInBatchResponse {
    #[prost(bool, required, tag = "1")]
    pub(crate) is_ok: bool,
    #[prost(message, optional, tag = "2")]
    pub(crate) error: Option<ErrorMessage>,
    #[prost(message, optional, tag = "3")]
    pub(crate) consumed: Option<ConsumedCapacity>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub(crate) row: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TableInBatchResponse {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) rows: Vec<RowInBatchResponse>,
}

/// The answer of BatchGetRow and BatchWriteRow.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct BatchResponse {
    #[prost(message, repeated, tag = "1")]
    pub(crate) tables: Vec<TableInBatchResponse>,
}
