//! What the service accepts. The client does not enforce it: limits can be raised for an instance, and only the service
//! knows. Source: Alibaba Cloud documentation, "Limits on the Wide Column model" and "General limits of Tablestore",
//! read 2026-11.

/// Columns of a primary key.
pub const PRIMARY_KEY_COLUMNS: usize = 4;
/// Bytes of a string or binary value of a primary key column.
pub const PRIMARY_KEY_VALUE_BYTES: usize = 1024;
/// Bytes of a string or binary value of an attribute.
pub const ATTRIBUTE_VALUE_BYTES: usize = 2 * 1024 * 1024;
/// Attributes that one request writes to a row.
pub const COLUMNS_PER_WRITE: usize = 1024;
/// Columns that a read can name.
pub const COLUMNS_TO_GET: usize = 128;
/// Bytes of a PutRow, UpdateRow or BatchWriteRow.
pub const WRITE_BYTES: usize = 4 * 1024 * 1024;
/// Rows of a BatchWriteRow.
pub const BATCH_WRITE_ROWS: usize = 200;
/// Rows of a BatchGetRow.
pub const BATCH_GET_ROWS: usize = 100;
/// Rows that one GetRange scans.
pub const RANGE_ROWS: usize = 5000;
/// Bytes that one GetRange scans.
pub const RANGE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of the body of a request.
pub const REQUEST_BYTES: usize = 5 * 1024 * 1024;
/// How long a local transaction lives at most, in seconds.
pub const TRANSACTION_SECONDS: u64 = 60;
