//! Local transactions.
#![allow(missing_docs)]

use bytes::Bytes;

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StartLocalTransactionRequest {
    #[prost(string, required, tag = "1")]
    pub table_name: String,
    /// A [`plainbuffer`](crate::plainbuffer) with the partition key.
    #[prost(bytes = "bytes", required, tag = "2")]
    pub key: Bytes,
}

#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct StartLocalTransactionResponse {
    #[prost(string, required, tag = "1")]
    pub transaction_id: String,
}

/// The request of CommitTransaction and of AbortTransaction: they have the same fields.
#[derive(Clone, PartialEq, Eq, prost::Message)]
pub struct EndTransactionRequest {
    #[prost(string, required, tag = "1")]
    pub transaction_id: String,
}

/// The answer to CommitTransaction and to AbortTransaction.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct EndTransactionResponse {}
