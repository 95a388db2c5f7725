//! Answers of the official package's messages are read completely.

use tablestore_rs::types::{
    Column, ConsumedCapacity, DefinedColumn, DefinedColumnType, IndexMeta, KeySchema, KeyType, PrimaryKey,
    Row, Value,
};

use crate::requests::key;
use crate::server::{Server, good};
use crate::vectors::vector;

#[tokio::test]
async fn get_row() {
    let server = Server::start([good(vector("resp_get_row"))]).await;
    let output = server.client().get_row().table_name("t").primary_key(key(1)).send().await.unwrap();
    assert_eq!(output.request_id(), Some("rid"));
    assert_eq!(output.consumed(), ConsumedCapacity { read: 1, write: 0 });
    let row = output.into_row().unwrap();
    assert_eq!(row.primary_key(), &key(1));
    let column = |name: &str, value: Value, timestamp| Column {
        name: name.to_owned(),
        value,
        timestamp: Some(timestamp),
    };
    let expected = [
        column("v", "x".into(), 1_700_000_000_000),
        column("v", "w".into(), 1_600_000_000_000),
        column("d", 1.5.into(), 1),
        column("f", true.into(), 2),
        column("b", vec![0, 1].into(), 3),
        column("n", (-7).into(), 4),
    ];
    assert_eq!(row.columns(), expected);
    assert_eq!(row.get("v"), Some(&Value::from("x")), "the newest version");
}

#[tokio::test]
async fn get_row_of_a_row_that_is_not_there() {
    let server = Server::start([good(vector("resp_get_row_missing"))]).await;
    let output = server.client().get_row().table_name("t").primary_key(key(1)).send().await.unwrap();
    assert_eq!(output.row(), None);
}

#[tokio::test]
async fn get_range() {
    let server = Server::start([good(vector("resp_get_range"))]).await;
    let range = server.client().get_range().table_name("t");
    let range = range.inclusive_start_primary_key(key(1)).exclusive_end_primary_key(key(9));
    let output = range.send().await.unwrap();
    let rows = [Row::new(key(1)).column_at("v", "x", 1), Row::new(key(2)).column_at("v", "y", 2)];
    assert_eq!(output.rows(), rows);
    assert_eq!(output.next_start_primary_key(), Some(&key(3)));
    assert_eq!(output.consumed().read, 3);
}

#[tokio::test]
async fn put_row_that_returns_the_key() {
    let server = Server::start([good(vector("resp_put_row_pk"))]).await;
    let output = server.client().put_row().table_name("t").row(Row::new(key(1))).send().await.unwrap();
    assert_eq!(output.row().map(Row::primary_key), Some(&key(1)));
    assert_eq!(output.consumed(), ConsumedCapacity { read: 0, write: 1 });
}

#[tokio::test]
async fn describe_table() {
    let server = Server::start([good(vector("resp_describe_table"))]).await;
    let table = server.client().describe_table().table_name("t").send().await.unwrap();
    assert_eq!(table.table_name(), "t");
    let schema = [KeySchema::new("pk", KeyType::String), KeySchema::auto_increment("seq")];
    assert_eq!(table.key_schema(), schema);
    assert_eq!(table.defined_columns(), [DefinedColumn::new("x", DefinedColumnType::Binary)]);
    assert_eq!(table.indexes(), [IndexMeta::global("i", ["x"]).defined_column("n")]);
    assert_eq!(table.table_options().time_to_live, -1);
    assert_eq!(table.table_options().allow_update, Some(true));
    assert_eq!((table.throughput().reserved.read, table.throughput().reserved.write), (1, 2));
    assert!(!table.stream().unwrap().enabled);
}

#[tokio::test]
async fn list_tables() {
    let server = Server::start([good(vector("resp_list_table"))]).await;
    let tables = server.client().list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["a", "b"]);
}

#[tokio::test]
async fn transactions() {
    let started = good(vector("resp_start_local_transaction"));
    let server = Server::start([started, good([]), good([])]).await;
    let client = server.client();
    let partition = PrimaryKey::new().column("pk", "a");
    let start = client.start_local_transaction().table_name("t").partition_key(partition);
    assert_eq!(start.send().await.unwrap().transaction_id(), "txn");
    client.commit_transaction().transaction_id("txn").send().await.unwrap();
    client.abort_transaction().transaction_id("txn").send().await.unwrap();
    let operations: Vec<_> = server.asked().into_iter().map(|asked| asked.operation).collect();
    assert_eq!(operations, ["StartLocalTransaction", "CommitTransaction", "AbortTransaction"]);
}

#[tokio::test]
async fn operations_without_an_answer_of_their_own() {
    let server = Server::start([good([]), good([]), good([]), good([])]).await;
    let client = server.client();
    client.create_table().table_name("t").key_schema(KeySchema::auto_increment("k")).send().await.unwrap();
    client.create_index().table_name("t").index(IndexMeta::global("i", ["x"])).send().await.unwrap();
    client.drop_index().table_name("t").index_name("i").send().await.unwrap();
    let deleted = client.delete_table().table_name("t").send().await.unwrap();
    assert_eq!(deleted.request_id(), Some("rid"));
}

/// The MD5 and the signature are right: only the message itself shows that something is missing.
#[tokio::test]
async fn an_answer_that_is_cut_is_an_error_and_never_a_row_with_less_in_it() {
    let whole = vector("resp_get_row");
    let script: Vec<_> = (0..whole.len()).map(|length| good(&whole[..length])).collect();
    let server = Server::start(script).await;
    let client = server.client();
    for length in 0..whole.len() {
        let error = client.get_row().table_name("t").primary_key(key(1)).send().await;
        let error = error.expect_err(&format!("cut to {length} bytes"));
        assert_eq!(error.request_id(), Some("rid"), "{error}");
        assert_eq!(error.http_status(), Some(200), "{error}");
    }
}
