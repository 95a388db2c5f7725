//! The protobuf messages of the service, by hand: building needs no `protoc`.
//!
//! Tags and names: package tablestore 6.4.8 for Python, `protobuf/table_store.proto` and `table_store_filter.proto`
//! (proto2). `CreateTableRequest.enable_local_txn` = 8 is not in that package; it is in the public Elixir and PHP
//! clients. Messages that the protocol requires are optional here, because only so a missing one is noticed.

mod batch;
mod filter;
mod read;
mod table;
mod transaction;
mod write;

pub use batch::*;
pub use filter::*;
pub use read::*;
pub use table::*;
pub use transaction::*;
pub use write::*;

/// The body of every answer with an HTTP status of 400 or above, and of a row that failed in a batch.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct Error {
    /// E.g. `OTSConditionCheckFail`.
    #[prost(string, required, tag = "1")]
    pub code: String,
    /// For people.
    #[prost(string, optional, tag = "2")]
    pub message: Option<String>,
}
