//! The protobuf messages of API version 2015-12-31, written by hand from `table_store.proto` and
//! `table_store_filter.proto` of package tablestore 6.4.8. Fields that only the Node package 5.6.5 knows are marked.

mod batch;
mod filter;
mod named;
mod row;
mod table;
mod transaction;

pub(crate) use batch::*;
pub(crate) use filter::*;
pub(crate) use named::tables;
pub(crate) use row::*;
pub(crate) use table::*;
pub(crate) use transaction::*;

/// `Error`, the body of every answer that is none.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ErrorMessage {
    #[prost(string, required, tag = "1")]
    pub(crate) code: String,
    #[prost(string, optional, tag = "2")]
    pub(crate) message: Option<String>,
}

/// An answer without fields.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Empty {}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct CapacityUnit {
    #[prost(int32, optional, tag = "1")]
    pub(crate) read: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub(crate) write: Option<i32>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(crate) struct ConsumedCapacity {
    #[prost(message, required, tag = "1")]
    pub(crate) capacity_unit: CapacityUnit,
}
