//! Single rows and ranges.

use super::ConsumedCapacity;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Condition {
    /// 0 IGNORE, 1 EXPECT_EXIST, 2 EXPECT_NOT_EXIST.
    #[prost(int32, required, tag = "1")]
    pub(crate) row_existence: i32,
    /// A `Filter`.
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) column_condition: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ReturnContent {
    /// 0 nothing, 1 the key, 2 columns after the change.
    #[prost(int32, optional, tag = "1")]
    pub(crate) return_type: Option<i32>,
    #[prost(string, repeated, tag = "2")]
    pub(crate) return_column_names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TimeRange {
    #[prost(int64, optional, tag = "1")]
    pub(crate) start_time: Option<i64>,
    #[prost(int64, optional, tag = "2")]
    pub(crate) end_time: Option<i64>,
    #[prost(int64, optional, tag = "3")]
    pub(crate) specific_time: Option<i64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct GetRowRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) primary_key: Vec<u8>,
    #[prost(string, repeated, tag = "3")]
    pub(crate) columns_to_get: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub(crate) time_range: Option<TimeRange>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) max_versions: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "7")]
    pub(crate) filter: Option<Vec<u8>>,
    #[prost(string, optional, tag = "8")]
    pub(crate) start_column: Option<String>,
    #[prost(string, optional, tag = "9")]
    pub(crate) end_column: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub(crate) transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct GetRowResponse {
    #[prost(message, required, tag = "1")]
    pub(crate) consumed: ConsumedCapacity,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) row: Vec<u8>,
}

/// PutRow, UpdateRow and DeleteRow have the same fields.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WriteRowRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) row: Vec<u8>,
    #[prost(message, optional, tag = "3")]
    pub(crate) condition: Option<Condition>,
    #[prost(message, optional, tag = "4")]
    pub(crate) return_content: Option<ReturnContent>,
    #[prost(string, optional, tag = "5")]
    pub(crate) transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct WriteRowResponse {
    #[prost(message, required, tag = "1")]
    pub(crate) consumed: ConsumedCapacity,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub(crate) row: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct GetRangeRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    /// 0 forward, 1 backward.
    #[prost(int32, required, tag = "2")]
    pub(crate) direction: i32,
    #[prost(string, repeated, tag = "3")]
    pub(crate) columns_to_get: Vec<String>,
    #[prost(message, optional, tag = "4")]
    pub(crate) time_range: Option<TimeRange>,
    #[prost(int32, optional, tag = "5")]
    pub(crate) max_versions: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub(crate) limit: Option<i32>,
    #[prost(bytes = "vec", required, tag = "7")]
    pub(crate) inclusive_start_primary_key: Vec<u8>,
    #[prost(bytes = "vec", required, tag = "8")]
    pub(crate) exclusive_end_primary_key: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "10")]
    pub(crate) filter: Option<Vec<u8>>,
    #[prost(string, optional, tag = "11")]
    pub(crate) start_column: Option<String>,
    #[prost(string, optional, tag = "12")]
    pub(crate) end_column: Option<String>,
    #[prost(string, optional, tag = "14")]
    pub(crate) transaction_id: Option<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct GetRangeResponse {
    #[prost(message, required, tag = "1")]
    pub(crate) consumed: ConsumedCapacity,
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) rows: Vec<u8>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub(crate) next_start_primary_key: Option<Vec<u8>>,
}
