//! Local transactions.

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct StartLocalTransactionRequest {
    #[prost(string, required, tag = "1")]
    pub(crate) table_name: String,
    /// A PlainBuffer key that holds the partition key column.
    #[prost(bytes = "vec", required, tag = "2")]
    pub(crate) key: Vec<u8>,
}

/// The answer of StartLocalTransaction, and what CommitTransaction and AbortTransaction send.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct TransactionMessage {
    #[prost(string, required, tag = "1")]
    pub(crate) transaction_id: String,
}
