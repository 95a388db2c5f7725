//! Filters, which are also the column conditions of writes.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct FilterMessage {
    /// 1 single, 2 composite, 3 pagination.
    #[prost(int32, required, tag = "1")]
    pub(crate) kind: i32,
    /// The message of that type.
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) filter: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SingleColumnValueFilter {
    #[prost(int32, required, tag = "1")]
    pub(crate) comparator: i32,
    #[prost(string, required, tag = "2")]
    pub(crate) column_name: String,
    /// A bare PlainBuffer variant.
    #[prost(bytes = "vec", required, tag = "3")]
    pub(crate) column_value: Vec<u8>,
    #[prost(bool, required, tag = "4")]
    pub(crate) filter_if_missing: bool,
    #[prost(bool, required, tag = "5")]
    pub(crate) latest_version_only: bool,
    /// `ValueTransferRule`; not emulated, and refused.
    #[prost(bytes = "vec", optional, tag = "6")]
    pub(crate) value_trans_rule: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct CompositeColumnValueFilter {
    /// 1 not, 2 and, 3 or.
    #[prost(int32, required, tag = "1")]
    pub(crate) combinator: i32,
    #[prost(message, repeated, tag = "2")]
    pub(crate) sub_filters: Vec<FilterMessage>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ColumnPaginationFilter {
    #[prost(int32, required, tag = "1")]
    pub(crate) offset: i32,
    #[prost(int32, required, tag = "2")]
    pub(crate) limit: i32,
}
