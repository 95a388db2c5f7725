//! Every message that can come from the service, and the rows in it.

use prost::Message;
use tablestore_rs::plainbuffer::{decode_row, decode_rows, decode_variant};
use tablestore_rs::protobuf::{
    BatchGetRowResponse, BatchWriteRowResponse, CompositeColumnValueFilter, DescribeTableResponse, Error,
    Filter, GetRangeResponse, GetRowResponse, ListTableResponse, SingleColumnValueFilter,
    StartLocalTransactionResponse, WriteRowResponse,
};

/// Decodes the bytes as each of them.
pub(crate) fn decode_all(bytes: &[u8]) {
    if let Ok(GetRowResponse { row: Some(row), .. }) = Message::decode(bytes) {
        let _ = decode_row(&row);
    }
    if let Ok(WriteRowResponse { row: Some(row), .. }) = Message::decode(bytes) {
        let _ = decode_row(&row);
    }
    if let Ok(GetRangeResponse { rows: Some(rows), next_start_primary_key, .. }) = Message::decode(bytes) {
        let _ = decode_rows(&rows);
        let _ = decode_row(&next_start_primary_key.unwrap_or_default());
    }
    if let Ok(BatchGetRowResponse { tables }) = Message::decode(bytes) {
        for row in tables.into_iter().flat_map(|table| table.rows).filter_map(|row| row.row) {
            let _ = decode_row(&row);
        }
    }
    if let Ok(SingleColumnValueFilter { column_value, .. }) = Message::decode(bytes) {
        let _ = decode_variant(&column_value);
    }
    let _ = BatchWriteRowResponse::decode(bytes);
    let _ = CompositeColumnValueFilter::decode(bytes);
    let _ = DescribeTableResponse::decode(bytes);
    let _ = Error::decode(bytes);
    let _ = Filter::decode(bytes);
    let _ = ListTableResponse::decode(bytes);
    let _ = StartLocalTransactionResponse::decode(bytes);
}
