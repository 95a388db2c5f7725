//! Global indexes behind their tables.

use jiff::SignedDuration;

use super::client::{IGNORE, Store, put_row};
use super::message::Value;

const COLUMNS: [&str; 3] = ["at", "pk", "seq"];

fn put(store: &Store, pk: &str, seq: i64, at: i64) {
    store.call("PutRow", &put_row("t", (pk, seq), &[("at", at.into())], IGNORE)).expect("written");
}

/// The times that the index shows.
fn shown(store: &Store) -> Vec<i64> {
    let number = |key: Vec<Value>| match key[0] {
        Value::Integer(at) => at,
        _ => panic!("a time"),
    };
    store.scan("by_at", &COLUMNS).into_iter().map(number).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_shows_before_its_time_on_the_emulators_clock() {
    let store = Store::start().await;
    store.create("t", &[("by_at", "at")]);
    store.emulator.tune(|knobs| knobs.tablestore.index_lag_ms = 60_000);
    put(&store, "a", 1, 1);
    assert_eq!(shown(&store), [0; 0]);
    assert_eq!(store.emulator.waiting_index_entries(), 1);
    assert!(store.get("t", ("a", 1)).is_some(), "the table itself is up to date");
    store.emulator.advance(SignedDuration::from_secs(61));
    assert_eq!(shown(&store), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn held_indexes_show_what_is_let_through() {
    let store = Store::start().await;
    store.create("t", &[("by_at", "at")]);
    store.emulator.tune(|knobs| knobs.tablestore.indexes_held = true);
    for seq in 1..=3 {
        put(&store, "a", seq, seq);
    }
    store.emulator.advance(SignedDuration::from_hours(1));
    assert_eq!(shown(&store), [0; 0]);
    assert_eq!(store.emulator.release_index_entries(2), 2);
    assert_eq!(shown(&store), [1, 2]);
    assert_eq!(store.emulator.release_index_entries(9), 1);
    assert_eq!(shown(&store), [1, 2, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_jitter_partitions_overtake_each_other_and_none_overtakes_itself() {
    let store = Store::start().await;
    store.create("t", &[("by_at", "at")]);
    store.emulator.tune(|knobs| {
        knobs.tablestore.index_jitter_ms = 3_600_000;
        knobs.tablestore.indexes_held = true;
    });
    for at in 0..40 {
        put(&store, if at % 2 == 0 { "even" } else { "odd" }, at, at);
    }
    let (mut order, mut before) = (Vec::new(), Vec::new());
    while store.emulator.release_index_entries(1) == 1 {
        let now = shown(&store);
        order.extend(now.iter().filter(|at| !before.contains(*at)).copied());
        before = now;
    }
    let of = |odd: i64| order.iter().copied().filter(|at| at % 2 == odd).collect::<Vec<_>>();
    assert!(of(0).is_sorted() && of(1).is_sorted(), "{order:?}");
    assert!(!order.is_sorted(), "seed 1 mixes the two: {order:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_moves_with_its_row_and_goes_with_it() {
    let store = Store::start().await;
    store.create("t", &[("by_at", "at")]);
    put(&store, "a", 1, 1);
    put(&store, "a", 1, 9);
    assert_eq!(shown(&store), [9]);
    store.put("t", ("a", 1), 1, IGNORE).expect("written without the column");
    assert_eq!(shown(&store), [0; 0]);
}
