//! Tablestore client.

pub mod plainbuffer;
pub mod protobuf;
pub mod types;
