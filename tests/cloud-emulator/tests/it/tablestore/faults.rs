//! Faults: what is lost, busy, late and throttled.

use std::thread;

use cloud_emulator::{Faults, Service};

use super::client::{ABSENT, IGNORE, Store};

fn with(store: &Store, faults: Faults) {
    store.emulator.tune(|knobs| knobs.services.insert(Service::Tablestore, faults));
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_speak_the_words_of_tablestore() {
    let store = Store::start().await;
    store.create("t", &[]);
    let refused = || store.put("t", ("a", 1), 1, IGNORE).unwrap_err();
    with(&store, Faults { error_rate: 1.0, ..Faults::default() });
    assert_eq!(refused(), (503, "OTSServerBusy".to_owned()));
    with(&store, Faults { throttling_rate: 1.0, ..Faults::default() });
    assert_eq!(refused(), (403, "OTSNotEnoughCapacityUnit".to_owned()));
    with(&store, Faults::default());
    assert_eq!(store.get("t", ("a", 1)), None);
    store.emulator.tune(|knobs| knobs.tablestore.timeout_rate = 1.0);
    assert_eq!(refused(), (503, "OTSTimeout".to_owned()));
    store.emulator.tune(|knobs| knobs.tablestore.timeout_rate = 0.0);
    assert!(store.get("t", ("a", 1)).is_some(), "late, but made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_leaves_the_write_and_a_lost_request_does_not() {
    let store = Store::start().await;
    store.create("t", &[]);
    let put = |seq| store.try_call("PutRow", &super::client::put_row("t", ("a", seq), &[], ABSENT).0);
    with(&store, Faults { lost_response_rate: 1.0, ..Faults::default() });
    assert!(put(1).is_none());
    with(&store, Faults { lost_request_rate: 1.0, ..Faults::default() });
    assert!(put(2).is_none());
    with(&store, Faults::default());
    assert!(store.get("t", ("a", 1)).is_some());
    assert!(store.get("t", ("a", 2)).is_none());
    let lost: Vec<_> = store.emulator.calls().into_iter().filter(|call| call.lost).collect();
    assert_eq!(lost.iter().map(|call| call.carried_out).collect::<Vec<_>>(), [true, false]);
}

/// What a writer has to do who compares what is stored after every doubt.
fn append_all(store: &Store, writer: i64, count: i64) -> Vec<i64> {
    let (mut seq, mut places) = (0, Vec::new());
    for number in 0..count {
        let event = writer * 1000 + number;
        loop {
            let answer = store.try_call(
                "PutRow",
                &super::client::put_row("t", ("a", seq), &[("v", event.into())], ABSENT).0,
            );
            match answer {
                Some(Ok(_)) => break,
                Some(Err((403, code))) if code == "OTSConditionCheckFail" => {
                    if stored(store, seq) == Some(event) {
                        break;
                    }
                    seq += 1;
                }
                // Busy or lost: the same again.
                _ => {}
            }
        }
        places.push(seq);
        seq += 1;
    }
    places
}

fn stored(store: &Store, seq: i64) -> Option<i64> {
    use super::message::{Message, Value, read_rows, row};
    loop {
        let key = row(&super::client::keys(("a", seq)), &[], false);
        let request = Message::new().text(1, "t").bytes(2, &key).number(5, 1);
        if let Some(Ok(found)) = store.try_call("GetRow", &request.0) {
            let cells = read_rows(&found.part(2).expect("a row")).pop()?;
            return match cells.last() {
                Some((_, Value::Integer(event))) => Some(*event),
                _ => None,
            };
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_doubt_lose_nothing_and_double_nothing() {
    let store = Store::start().await;
    store.create("t", &[]);
    with(
        &store,
        Faults { error_rate: 0.05, lost_response_rate: 0.05, lost_request_rate: 0.05, ..Faults::default() },
    );
    let mut places: Vec<_> = thread::scope(|scope| {
        let writers: Vec<_> = (1..=4)
            .map(|writer| {
                scope.spawn({
                    let store = &store;
                    move || append_all(store, writer, 30)
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().expect("joined")).collect()
    });
    with(&store, Faults::default());
    places.sort_unstable();
    assert_eq!(places, (0..120).collect::<Vec<_>>());
    assert_eq!(store.scan("t", &["pk", "seq"]).len(), 120);
}
