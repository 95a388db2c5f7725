//! Filters. Their own fields are documented at [`Filter`](crate::types::Filter).
#![allow(missing_docs)]

use bytes::Bytes;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum FilterType {
    SingleColumnValue = 1,
    CompositeColumnValue = 2,
    ColumnPagination = 3,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum ComparatorType {
    Equal = 1,
    NotEqual = 2,
    GreaterThan = 3,
    GreaterEqual = 4,
    LessThan = 5,
    LessEqual = 6,
    Exist = 7,
    NotExist = 8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum LogicalOperator {
    Not = 1,
    And = 2,
    Or = 3,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Filter {
    #[prost(enumeration = "FilterType", required, tag = "1")]
    pub r#type: i32,
    /// A message of the kind that the type names.
    #[prost(bytes = "bytes", required, tag = "2")]
    pub filter: Bytes,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct SingleColumnValueFilter {
    #[prost(enumeration = "ComparatorType", required, tag = "1")]
    pub comparator: i32,
    #[prost(string, required, tag = "2")]
    pub column_name: String,
    /// A variant of [`plainbuffer`](crate::plainbuffer).
    #[prost(bytes = "bytes", required, tag = "3")]
    pub column_value: Bytes,
    #[prost(bool, required, tag = "4")]
    pub filter_if_missing: bool,
    #[prost(bool, required, tag = "5")]
    pub latest_version_only: bool,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct CompositeColumnValueFilter {
    #[prost(enumeration = "LogicalOperator", required, tag = "1")]
    pub combinator: i32,
    #[prost(message, repeated, tag = "2")]
    pub sub_filters: Vec<Filter>,
}

#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct ColumnPaginationFilter {
    #[prost(int32, required, tag = "1")]
    pub offset: i32,
    #[prost(int32, required, tag = "2")]
    pub limit: i32,
}
