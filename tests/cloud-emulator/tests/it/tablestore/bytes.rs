//! Requests that package tablestore 6.4.8 printed, byte for byte.

use super::client::{Store, signed};
use super::message::{Fields, Message, Value};

const DESCRIBE: &str = "0a0174";
const PUT: &str = "0a0174124a7500000001030402000000706b05060000000301000000610ad403040300000073657105090000000001000000000000000a4b020304010000007605060000000301000000780a8d09a01a020802";
/// The condition of a put that expects the row, and `ver` to be 3 in it.
const VER_IS_3: &str = "1a1e0801121a08011216080112037665721a0900030000000000000020012801";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hex")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_put_appends_once() {
    let store = Store::start().await;
    store.create("t", &[]);
    assert!(store.try_call("DescribeTable", &bytes(DESCRIBE)).expect("an answer").is_ok());
    assert!(store.try_call("PutRow", &bytes(PUT)).expect("an answer").is_ok());
    let again = store.try_call("PutRow", &bytes(PUT)).expect("an answer");
    assert_eq!(again.unwrap_err(), (403, "OTSConditionCheckFail".to_owned()));
    let row = store.get("t", ("a", 1)).expect("the row");
    assert_eq!(row.last(), Some(&("v".to_owned(), Value::from("x"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_condition_on_a_column_is_checked() {
    let store = Store::start().await;
    store.create("t", &[]);
    let put = bytes(&format!("{}{VER_IS_3}", &PUT[..PUT.len() - "1a020802".len()]));
    let conditional = || store.try_call("PutRow", &put).expect("an answer").map(drop);
    let failed = Err((403, "OTSConditionCheckFail".to_owned()));
    assert_eq!(conditional(), failed, "no such row");
    store.put("t", ("a", 1), 1, 0).expect("written");
    assert_eq!(conditional(), failed, "no such column");
    for (ver, expected) in [(2, failed.clone()), (3, Ok(()))] {
        let row = super::client::put_row("t", ("a", 1), &[("ver", ver.into())], 0);
        store.call("PutRow", &row).expect("written");
        assert_eq!(conditional(), expected, "ver is {ver}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_a_protobuf_with_code_and_message() {
    let store = Store::start().await;
    let answer = store.send(&signed("DescribeTable", &bytes(DESCRIBE), &store.keys)).expect("an answer");
    let expected = Message::new().text(1, "OTSObjectNotExist").text(2, "Requested table does not exist.");
    assert_eq!((answer.status, answer.raw), (404, expected.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn required_fields_are_there_if_only_empty() {
    let store = Store::start().await;
    store.create("t", &[]);
    assert_eq!(store.get("t", ("nobody", 1)), None);
    let described = store.try_call("DescribeTable", &bytes(DESCRIBE)).expect("an answer").expect("described");
    assert_eq!(described.number(4), Some(1), "table_status, without which the Node package throws");
    let options = Fields::read(&described.part(3).expect("options"));
    assert_eq!((options.number(1), options.number(2)), (Some(u64::MAX), Some(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_bytes_are_too_odd_for_an_answer() {
    let store = Store::start().await;
    store.create("t", &[]);
    let good = bytes(PUT);
    let operations = [
        "CreateTable",
        "DescribeTable",
        "UpdateTable",
        "DeleteTable",
        "CreateIndex",
        "DropIndex",
        "GetRow",
        "PutRow",
        "UpdateRow",
        "DeleteRow",
        "GetRange",
        "BatchGetRow",
        "BatchWriteRow",
        "StartLocalTransaction",
        "CommitTransaction",
        "AbortTransaction",
    ];
    for operation in operations {
        for cut in (0..good.len()).step_by(7) {
            let mut odd = good.clone();
            odd[cut] = odd[cut].wrapping_add(0x81);
            for body in [&good[..cut], &odd] {
                let answer = store.try_call(operation, body).expect("an answer");
                if let Err((status, code)) = answer {
                    assert!(
                        (400..500).contains(&status),
                        "{operation} {} {status} {code}",
                        hex::encode(body)
                    );
                }
            }
        }
    }
}
