//! Tables and indexes. The fields are documented at their counterparts in [`types`](crate::types).
#![allow(missing_docs)]

use bytes::Bytes;

use super::CapacityUnit;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum PrimaryKeyType {
    Integer = 1,
    String = 2,
    Binary = 3,
    Boolean = 5,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum DefinedColumnType {
    Integer = 1,
    Double = 2,
    Boolean = 3,
    String = 4,
    Blob = 7,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum PrimaryKeyOption {
    AutoIncrement = 1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum IndexUpdateMode {
    Async = 0,
    Sync = 1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum IndexType {
    Global = 0,
    Local = 1,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct PrimaryKeySchema {
    #[prost(string, required, tag = "1")]
    pub name: String,
    #[prost(enumeration = "PrimaryKeyType", required, tag = "2")]
    pub r#type: i32,
    #[prost(enumeration = "PrimaryKeyOption", optional, tag = "3")]
    pub option: Option<i32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DefinedColumnSchema {
    #[prost(string, required, tag = "1")]
    pub name: String,
    #[prost(enumeration = "DefinedColumnType", required, tag = "2")]
    pub r#type: i32,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct TableOptions {
    #[prost(int32, optional, tag = "1")]
    pub time_to_live: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub max_versions: Option<i32>,
    #[prost(int64, optional, tag = "5")]
    pub deviation_cell_version_in_sec: Option<i64>,
    #[prost(bool, optional, tag = "6")]
    pub allow_update: Option<bool>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct IndexMeta {
    #[prost(string, required, tag = "1")]
    pub name: String,
    #[prost(string, repeated, tag = "2")]
    pub primary_key: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub defined_column: Vec<String>,
    #[prost(enumeration = "IndexUpdateMode", required, tag = "4")]
    pub index_update_mode: i32,
    #[prost(enumeration = "IndexType", required, tag = "5")]
    pub index_type: i32,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct TableMeta {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    #[prost(message, repeated, tag = "2")]
    pub primary_key: Vec<PrimaryKeySchema>,
    #[prost(message, repeated, tag = "3")]
    pub defined_column: Vec<DefinedColumnSchema>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct ReservedThroughput {
    #[prost(message, optional, tag = "1")]
    pub capacity_unit: Option<CapacityUnit>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct ReservedThroughputDetails {
    #[prost(message, optional, tag = "1")]
    pub capacity_unit: Option<CapacityUnit>,
    #[prost(int64, required, tag = "2")]
    pub last_increase_time: i64,
    #[prost(int64, optional, tag = "3")]
    pub last_decrease_time: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct StreamSpecification {
    #[prost(bool, required, tag = "1")]
    pub enable_stream: bool,
    #[prost(int32, optional, tag = "2")]
    pub expiration_time: Option<i32>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StreamDetails {
    #[prost(bool, required, tag = "1")]
    pub enable_stream: bool,
    #[prost(string, optional, tag = "2")]
    pub stream_id: Option<String>,
    #[prost(int32, optional, tag = "3")]
    pub expiration_time: Option<i32>,
    #[prost(int64, optional, tag = "4")]
    pub last_enable_time: Option<i64>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct CreateTableRequest {
    #[prost(message, optional, tag = "1")]
    pub table_meta: Option<TableMeta>,
    #[prost(message, optional, tag = "2")]
    pub reserved_throughput: Option<ReservedThroughput>,
    #[prost(message, optional, tag = "3")]
    pub table_options: Option<TableOptions>,
    #[prost(message, optional, tag = "5")]
    pub stream_spec: Option<StreamSpecification>,
    #[prost(message, repeated, tag = "7")]
    pub index_metas: Vec<IndexMeta>,
    #[prost(bool, optional, tag = "8")]
    pub enable_local_txn: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct CreateTableResponse {}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DescribeTableRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DescribeTableResponse {
    #[prost(message, optional, tag = "1")]
    pub table_meta: Option<TableMeta>,
    #[prost(message, optional, tag = "2")]
    pub reserved_throughput_details: Option<ReservedThroughputDetails>,
    #[prost(message, optional, tag = "3")]
    pub table_options: Option<TableOptions>,
    #[prost(message, optional, tag = "5")]
    pub stream_details: Option<StreamDetails>,
    #[prost(bytes = "bytes", repeated, tag = "6")]
    pub shard_splits: Vec<Bytes>,
    #[prost(message, repeated, tag = "8")]
    pub index_metas: Vec<IndexMeta>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct ListTableRequest {}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct ListTableResponse {
    #[prost(string, repeated, tag = "1")]
    pub table_names: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DeleteTableRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct DeleteTableResponse {}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct CreateIndexRequest {
    #[prost(string, required, tag = "1")]
    pub main_table_name: String,
    #[prost(message, optional, tag = "2")]
    pub index_meta: Option<IndexMeta>,
    #[prost(bool, optional, tag = "3")]
    pub include_base_data: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct CreateIndexResponse {}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct DropIndexRequest {
    #[prost(string, required, tag = "1")]
    pub main_table_name: String,
    #[prost(string, required, tag = "2")]
    pub index_name: String,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct DropIndexResponse {}
