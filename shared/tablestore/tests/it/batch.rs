//! Batches: some rows fail while others do not.

use prost::Message;
use tablestore_rs::error::ErrorCode;
use tablestore_rs::protobuf::{BatchWriteRowResponse, TableInBatchWriteRowResponse};
use tablestore_rs::types::{Condition, KeysAndColumns, Row, RowUpdate, Value, WriteRequest};
use tablestore_rs::{Client, SdkError};

use crate::requests::key;
use crate::server::{Server, good};
use crate::vectors::vector;

fn write(client: &Client) -> tablestore_rs::operation::batch_write_row::BatchWriteRowFluentBuilder {
    let put = WriteRequest::put(Row::new(key(1))).condition(Condition::expect_not_exist());
    let update = WriteRequest::update(RowUpdate::new(key(2)).put("v", "y"));
    client
        .batch_write_row()
        .request_items("t", [put, update])
        .request_items("u", [WriteRequest::delete(key(1))])
}

#[tokio::test]
async fn each_row_of_a_batch_write_has_its_own_outcome() {
    let server = Server::start([good(vector("resp_batch_write_row"))]).await;
    let output = write(&server.client()).send().await.unwrap();
    let [refused, written, busy] = output.results() else { panic!("{output:?}") };
    let error = refused.outcome.as_ref().unwrap_err();
    assert!(error.is_condition_check_fail() && !error.may_be_repeated() && !error.may_have_been_applied());
    assert_eq!((refused.table_name.as_str(), &refused.primary_key), ("t", &key(1)));
    assert_eq!(written.outcome.as_ref().unwrap().as_ref().unwrap().primary_key(), &key(2));
    assert_eq!(written.consumed.unwrap().write, 1);
    let error = busy.outcome.as_ref().unwrap_err();
    assert_eq!(error.meta().code(), &ErrorCode::ServerBusy);
    assert_eq!(error.meta().request_id(), Some("rid"));
    assert_eq!(output.failures().count(), 2);
}

#[tokio::test]
async fn what_was_certainly_not_written_and_may_succeed_can_be_sent_again() {
    let server = Server::start([good(vector("resp_batch_write_row"))]).await;
    let output = write(&server.client()).send().await.unwrap();
    let again = vec![("u".to_owned(), vec![WriteRequest::delete(key(1))])];
    assert_eq!(output.unprocessed_items(), again, "busy, and not the failed condition");
}

#[tokio::test]
async fn each_row_of_a_batch_read_has_its_own_outcome() {
    let server = Server::start([good(vector("resp_batch_get_row"))]).await;
    let rows = KeysAndColumns::new([key(1), key(2)]).columns_to_get(["v"]);
    let get = server.client().batch_get_row().request_items("t", rows);
    let output = get.request_items("u", KeysAndColumns::new([key(1)])).send().await.unwrap();
    let [found, slow, missing] = output.results() else { panic!("{output:?}") };
    let row = found.outcome.as_ref().unwrap().as_ref().unwrap();
    assert_eq!(row.get("v"), Some(&Value::from("x")));
    assert_eq!(slow.outcome.as_ref().unwrap_err().meta().code(), &ErrorCode::Timeout);
    assert_eq!(missing.outcome, Ok(None));
    assert_eq!(output.rows().count(), 1);
    let again = KeysAndColumns::new([key(2)]).columns_to_get(["v"]);
    assert_eq!(
        output.unprocessed_keys(),
        [("t".to_owned(), again)],
        "a read can be repeated after a timeout"
    );
}

/// An answer with other rows than were asked for would put outcomes to the wrong rows.
#[tokio::test]
async fn an_answer_that_does_not_match_the_request_is_an_error() {
    let mut response = BatchWriteRowResponse::decode(&*vector("resp_batch_write_row")).unwrap();
    let short = BatchWriteRowResponse { tables: response.tables[..1].to_vec() };
    let more = BatchWriteRowResponse {
        tables: [response.tables.clone(), vec![TableInBatchWriteRowResponse::default()]].concat(),
    };
    let fewer_rows = {
        let mut response = response.clone();
        response.tables[0].rows.pop();
        response
    };
    response.tables[1].table_name = "other".to_owned();
    for response in [short, more, fewer_rows, response, BatchWriteRowResponse::default()] {
        let server = Server::start([good(response.encode_to_vec())]).await;
        let error = write(&server.client()).send().await.unwrap_err();
        assert!(matches!(error, SdkError::ResponseError(_)), "{error:?}");
        assert!(error.may_have_been_applied());
    }
}
