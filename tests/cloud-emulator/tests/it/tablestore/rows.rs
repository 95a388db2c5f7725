//! Rows, as far as no package goes.

use std::collections::BTreeSet;
use std::thread;

use super::client::{ABSENT, IGNORE, PRESENT, Store, create_table, keys, put_row};
use super::message::{Message, Value, read_rows, row};

/// A filter on one column: comparator, name, value, and whether a row without it is dropped.
fn single(comparator: u64, column: &str, value: &Value, drop_if_missing: bool) -> Message {
    let filter = Message::new().number(1, comparator).text(2, column).bytes(3, &value.variant());
    let filter = filter.number(4, u64::from(drop_if_missing)).number(5, 1);
    Message::new().number(1, 1).message(2, &filter)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_asks_whether_a_column_is_there() {
    let store = Store::start().await;
    store.create("t", &[]);
    store.put("t", ("a", 1), 1, IGNORE).expect("written");
    let seen = |comparator, column: &str| {
        let request = Message::new().text(1, "t").bytes(2, &row(&keys(("a", 1)), &[], false)).number(5, 1);
        let request = request.message(7, &single(comparator, column, &0.into(), false));
        let answer = store.call("GetRow", &request).expect("an answer");
        !read_rows(&answer.part(2).expect("a row")).is_empty()
    };
    let (exist, not_exist) = (7, 8);
    assert!(seen(exist, "v") && seen(not_exist, "w"));
    assert!(!seen(exist, "w") && !seen(not_exist, "v"));
    // Key columns count, too.
    assert!(seen(exist, "pk"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_appends_to_one_place_one_wins() {
    let store = Store::start().await;
    store.create("t", &[]);
    let won = thread::scope(|scope| {
        let writers: Vec<_> = (0..16)
            .map(|writer| {
                scope.spawn({
                    let store = &store;
                    move || store.put("t", ("a", 1), writer, ABSENT)
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().expect("joined")).filter(Result::is_ok).count()
    });
    assert_eq!(won, 1);
    assert_eq!(store.emulator.calls().iter().filter(|call| call.operation == "PutRow").count(), 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_made_with_local_transactions() {
    let store = Store::start().await;
    store.call("CreateTable", &create_table("t", &[]).number(8, 1)).expect("created");
    let key = row(&[("pk", "a".into())], &[], false);
    let start = store.call("StartLocalTransaction", &Message::new().text(1, "t").bytes(2, &key));
    let id = start.expect("started").text(1);
    let put =
        |seq, id: &str| store.call("PutRow", &put_row("t", ("a", seq), &[], ABSENT).text(5, id)).map(drop);
    put(1, &id).expect("written");
    put(2, &id).expect("written");
    assert_eq!(put(2, &id).unwrap_err().1, "OTSConditionCheckFail", "it sees what it wrote");
    assert_eq!(put(3, "nonsense").unwrap_err().1, "OTSParameterInvalid");
    assert_eq!(store.put("t", ("a", 9), 1, IGNORE).unwrap_err(), (409, "OTSRowOperationConflict".to_owned()));
    assert_eq!(store.scan("t", &["pk", "seq"]).len(), 0);
    store.call("CommitTransaction", &Message::new().text(1, &id)).expect("committed");
    assert_eq!(store.scan("t", &["pk", "seq"]).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_ends_after_the_rows_that_were_looked_at() {
    let store = Store::start().await;
    store.create("t", &[]);
    for seq in 0..25 {
        store.put("t", ("a", seq), seq, IGNORE).expect("written");
    }
    store.emulator.tune(|knobs| knobs.tablestore.scanned_rows = 10);
    store.emulator.forget_calls();
    let found = store.scan("t", &["pk", "seq"]);
    let expected: Vec<Vec<Value>> = (0..25).map(|seq| vec!["a".into(), seq.into()]).collect();
    assert_eq!(found, expected);
    assert_eq!(store.emulator.calls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_batch_are_written_or_refused_one_by_one() {
    let store = Store::start().await;
    store.create("t", &[]);
    store.put("t", ("a", 1), 1, ABSENT).expect("written");
    let item = |seq, expect| {
        let row = row(&keys(("a", seq)), &[("v", 2.into())], false);
        Message::new().number(1, 1).bytes(2, &row).message(3, &Message::new().number(1, expect))
    };
    let rows = [item(1, ABSENT), item(2, ABSENT), item(3, PRESENT)];
    let table = rows.iter().fold(Message::new().text(1, "t"), |table, row| table.message(2, row));
    let answer = store.call("BatchWriteRow", &Message::new().message(1, &table)).expect("an answer");
    let table = super::message::Fields::read(&answer.part(1).expect("a table"));
    let results: Vec<_> = table.all(2).iter().map(|row| super::message::Fields::read(row)).collect();
    assert_eq!(results.iter().map(|row| row.number(1)).collect::<Vec<_>>(), [Some(0), Some(1), Some(0)]);
    let seqs: BTreeSet<_> =
        store.scan("t", &["pk", "seq"]).into_iter().map(|key| format!("{key:?}")).collect();
    assert_eq!(seqs.len(), 2);
}
