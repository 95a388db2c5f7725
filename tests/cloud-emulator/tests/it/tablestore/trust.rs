//! Signatures of requests and answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::{Options, Service, TablestoreOptions};
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::client::{Store, key_v4, signed, signed_v4};
use super::message::Message;
use crate::client::{Answer, Keys, Plain, hmac_sha1};

/// Checks what the packages check of an answer.
#[track_caller]
fn check(answer: &Answer, operation: &str, keys: &Keys, key: &[u8]) {
    assert_eq!(answer.header("x-ots-contentmd5"), STANDARD.encode(Md5::digest(&answer.raw)));
    let names = ["x-ots-contentmd5", "x-ots-contenttype", "x-ots-date", "x-ots-requestid"];
    let lines: Vec<_> = names.iter().map(|name| format!("{name}:{}", answer.header(name))).collect();
    let signature = hmac_sha1(key, &format!("{}\n/{operation}", lines.join("\n")));
    assert_eq!(answer.header("authorization"), format!("OTS {}:{signature}", keys.id));
    let at: Timestamp = answer.header("x-ots-date").parse().expect("a date");
    assert!(Timestamp::now().duration_since(at).as_secs().abs() < 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_signed_with_the_key_of_the_request() {
    let store = Store::start().await;
    for keys in [Keys::root(), Keys::bob(), Keys::reaper()] {
        let answer = store.send(&signed("ListTable", b"", &keys)).expect("an answer");
        assert_eq!(answer.status, 200);
        check(&answer, "ListTable", &keys, keys.secret.as_bytes());
        let (date, region) = ("20260102", "cn-hangzhou");
        let answer = store.send(&signed_v4("ListTable", b"", &keys, date, region)).expect("an answer");
        assert_eq!(answer.status, 200);
        check(&answer, "ListTable", &keys, &key_v4(&keys.secret, date, region));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_signed_as_well_but_not_for_strangers() {
    let store = Store::start().await;
    let missing = Message::new().text(1, "nowhere").0;
    let answer = store.send(&signed("DescribeTable", &missing, &store.keys)).expect("an answer");
    assert_eq!(answer.status, 404);
    check(&answer, "DescribeTable", &store.keys, store.keys.secret.as_bytes());
    let stranger = Keys { secret: "another".to_owned(), ..Keys::root() };
    let answer = store.send(&signed("DescribeTable", &missing, &stranger)).expect("an answer");
    assert_eq!((answer.status, answer.header("authorization")), (403, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_for_one_operation_body_and_region() {
    let store = Store::start().await;
    let denied = |plain: &Plain| {
        let answer = store.send(plain).expect("an answer");
        assert_eq!(answer.status, 403, "{answer:?}");
    };
    let mut other_path = signed("ListTable", b"", &store.keys);
    other_path.path = "/DeleteTable".to_owned();
    denied(&other_path);
    let mut other_body = signed("ListTable", b"", &store.keys);
    other_body.body = b"\x0a\x01t".to_vec();
    denied(&other_body);
    denied(&signed_v4("ListTable", b"", &store.keys, "20260102", "cn-beijing"));
    denied(&signed("ListTable", b"", &store.keys).header("x-ots-ststoken", "surplus"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_posts_of_known_operations_and_bounded_size_come_in() {
    let store = Store::start().await;
    let code = |plain: &Plain| {
        let answer = store.send(plain).expect("an answer");
        (answer.status, super::message::Fields::read(&answer.raw).text(1))
    };
    let mut get = signed("ListTable", b"", &store.keys);
    get.method = "GET";
    assert_eq!(code(&get), (405, "OTSMethodNotAllowed".to_owned()));
    assert_eq!(code(&Plain::new("POST", "/")), (400, "OTSParameterInvalid".to_owned()));
    assert_eq!(code(&Plain::new("POST", "/ListTable")), (400, "OTSParameterInvalid".to_owned()));
    // Over the service's limit, and over that of the emulator's own door.
    for size in [5 * 1024 * 1024 + 1, 11 * 1024 * 1024] {
        let large = signed("ListTable", &vec![0; size], &store.keys);
        assert_eq!(code(&large), (413, "OTSRequestBodyTooLarge".to_owned()), "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_instance_has_the_name_that_it_was_given() {
    let tablestore = TablestoreOptions { instance: "another".to_owned(), file: None };
    let store = Store::with(Options { tablestore, ..Options::default() }).await;
    let described = store.emulator.describe();
    assert_eq!(described["tablestore_instance"], "another");
    assert_eq!(described["endpoints"]["tablestore"], store.emulator.endpoints().url(Service::Tablestore));
    let refused = store.call("ListTable", &Message::new()).unwrap_err();
    assert_eq!(refused, (403, "OTSAuthFailed".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_logged_with_caller_table_and_outcome() {
    let store = Store::start().await;
    store.create("t", &[]);
    store.emulator.forget_calls();
    store.put("t", ("a", 1), 1, 2).expect("written");
    store.put("t", ("a", 1), 1, 2).unwrap_err();
    let calls = store.emulator.calls();
    let seen: Vec<_> = calls.iter().map(|c| (c.operation.as_str(), c.status, c.code.as_deref())).collect();
    assert_eq!(seen, [("PutRow", 200, None), ("PutRow", 403, Some("OTSConditionCheckFail"))]);
    for call in calls {
        assert_eq!((call.service, call.action.as_str()), (Service::Tablestore, "ots:PutRow"));
        assert_eq!(call.target, [("table".to_owned(), "t".to_owned())]);
        assert_eq!(call.caller, "1000000000000001");
        assert!(call.carried_out && !call.lost);
    }
}
