//! Tables and indexes.

use super::CapacityUnit;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct PrimaryKeySchema {
    #[prost(string, required, tag = "1")]
    pub(crate) name: String,
    #[prost(int32, required, tag = "2")]
    pub(crate) kind: i32,
    /// 1 is AUTO_INCREMENT.
    #[prost(int32, optional, tag = "3")]
    pub(crate) option: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DefinedColumnSchema {
    #[prost(string, required, tag = "1")]
    pub(crate) name: String,
    #[prost(int32, required, tag = "2")]
    pub(crate) kind: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TableMeta {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(message, repeated, tag = "2")]
    pub(crate) primary_key: Vec<PrimaryKeySchema>,
    #[prost(message, repeated, tag = "3")]
    pub(crate) defined_column: Vec<DefinedColumnSchema>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct ReservedThroughput {
    #[prost(message, required, tag = "1")]
    pub(crate) capacity_unit: CapacityUnit,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct ReservedThroughputDetails {
    #[prost(message, required, tag = "1")]
    pub(crate) capacity_unit: CapacityUnit,
    /// Seconds since 1970.
    #[prost(int64, required, tag = "2")]
    pub(crate) last_increase_time: i64,
    #[prost(int64, optional, tag = "3")]
    pub(crate) last_decrease_time: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct TableOptions {
    /// Seconds; -1 is for ever.
    #[prost(int32, optional, tag = "1")]
    pub(crate) time_to_live: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) max_versions: Option<i32>,
    #[prost(int64, optional, tag = "5")]
    pub(crate) deviation_cell_version_in_sec: Option<i64>,
    #[prost(bool, optional, tag = "6")]
    pub(crate) allow_update: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct StreamSpecification {
    #[prost(bool, required, tag = "1")]
    pub(crate) enable_stream: bool,
    #[prost(int32, optional, tag = "2")]
    pub(crate) expiration_time: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct IndexMeta {
    #[prost(string, required, tag = "1")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) primary_key: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub(crate) defined_column: Vec<String>,
    /// 0 asynchronous, 1 synchronous.
    #[prost(int32, required, tag = "4")]
    pub(crate) index_update_mode: i32,
    /// 0 global, 1 local.
    #[prost(int32, required, tag = "5")]
    pub(crate) index_type: i32,
    /// 1 while rows from before the index are taken up, 2 afterwards. In answers only; the Node package knows it.
    #[prost(int32, optional, tag = "6")]
    pub(crate) index_sync_phase: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CreateTableRequest {
    #[prost(message, optional, tag = "1")]
    pub(crate) table_meta: Option<TableMeta>,
    #[prost(message, optional, tag = "2")]
    pub(crate) reserved_throughput: Option<ReservedThroughput>,
    #[prost(message, optional, tag = "3")]
    pub(crate) table_options: Option<TableOptions>,
    #[prost(message, optional, tag = "5")]
    pub(crate) stream_spec: Option<StreamSpecification>,
    #[prost(message, repeated, tag = "7")]
    pub(crate) index_metas: Vec<IndexMeta>,
    /// In the Java package and in aliyun-tablestore-rs; the Python and Node packages cannot set it.
    #[prost(bool, optional, tag = "8")]
    pub(crate) enable_local_txn: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CreateIndexRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) main_table_name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) index_meta: Option<IndexMeta>,
    #[prost(bool, optional, tag = "3")]
    pub(crate) include_base_data: Option<bool>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DropIndexRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) main_table_name: String,
    #[prost(string, required, tag = "2")]
    pub(crate) index_name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct UpdateTableRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    #[prost(message, optional, tag = "2")]
    pub(crate) reserved_throughput: Option<ReservedThroughput>,
    #[prost(message, optional, tag = "3")]
    pub(crate) table_options: Option<TableOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct UpdateTableResponse {
    #[prost(message, required, tag = "1")]
    pub(crate) reserved_throughput_details: ReservedThroughputDetails,
    #[prost(message, required, tag = "2")]
    pub(crate) table_options: TableOptions,
}

/// A request that names a table and nothing else: DescribeTable, DeleteTable.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TableRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DescribeTableResponse {
    #[prost(message, required, tag = "1")]
    pub(crate) table_meta: TableMeta,
    #[prost(message, required, tag = "2")]
    pub(crate) reserved_throughput_details: ReservedThroughputDetails,
    #[prost(message, required, tag = "3")]
    pub(crate) table_options: TableOptions,
    /// 1 is ACTIVE. Unknown to the Python package; the Node package throws the answer away if it is not there.
    #[prost(int32, required, tag = "4")]
    pub(crate) table_status: i32,
    #[prost(message, repeated, tag = "8")]
    pub(crate) index_metas: Vec<IndexMeta>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ListTableResponse {
    #[prost(string, repeated, tag = "1")]
    pub(crate) table_names: Vec<String>,
}
