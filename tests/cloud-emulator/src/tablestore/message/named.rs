//! Which tables a request is about, before it is understood.

use prost::Message;

/// A request that starts with the name of its table; also one table of a batch, and the meta data of a new one.
#[derive(Clone, PartialEq, prost::Message)]
struct Named {
    #[prost(string, optional, tag = "1")]
    table_name: Option<String>,
}

/// A request that starts with such parts.
#[derive(Clone, PartialEq, prost::Message)]
struct Parts {
    #[prost(message, repeated, tag = "1")]
    parts: Vec<Named>,
}

/// The tables that a request names; none if it names none or cannot be read, and then it is refused as unreadable.
pub(crate) fn tables(operation: &str, body: &[u8]) -> Vec<String> {
    let parts = match operation {
        "ListTable" | "CommitTransaction" | "AbortTransaction" => vec![],
        "CreateTable" | "BatchGetRow" | "BatchWriteRow" => Parts::decode(body).unwrap_or_default().parts,
        _ => vec![Named::decode(body).unwrap_or_default()],
    };
    parts.into_iter().filter_map(|part| part.table_name).collect()
}
