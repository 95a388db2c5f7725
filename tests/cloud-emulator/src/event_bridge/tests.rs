//! The bus with targets that remember, and with a function.

use std::collections::BTreeSet;

use serde_json::json;
use tokio::sync::{Barrier, mpsc};

use super::*;
use crate::function_compute::tests::{function_compute, obedient};

/// A second is a millisecond divided by ten: a day of retries takes 9 s, three retries take 6 ms at most.
fn bus() -> EventBridge {
    let settings = Settings {
        account_id: "1000000000000001".to_owned(),
        region: "cn-hangzhou".to_owned(),
        time_scale: 0.0001,
    };
    EventBridge::new(settings)
}

fn rule(targets: Vec<Target>) -> Rule {
    let pattern = json!({ "data": { "eventName": [{ "prefix": "Delete" }] } });
    Rule { name: "deletions".to_owned(), pattern: Pattern::parse(&pattern).expect("a pattern"), targets }
}

fn event(id: usize) -> Value {
    json!({ "id": id.to_string(), "data": { "eventName": "DeleteUser" } })
}

/// A target that takes everything, and the ids of what it took.
fn witness() -> (Target, Arc<Mutex<Vec<String>>>) {
    flaky(0)
}

/// A target that refuses the first `failures` deliveries.
fn flaky(failures: usize) -> (Target, Arc<Mutex<Vec<String>>>) {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let (seen, left) = (Arc::clone(&taken), Arc::new(Mutex::new(failures)));
    let target = Target::new("witness", move |body| {
        let mut left = lock(&left);
        let outcome = if *left > 0 {
            *left -= 1;
            Err("not now".to_owned())
        } else {
            let event: Value = serde_json::from_slice(&body).expect("JSON");
            lock(&seen).push(event["id"].as_str().expect("an id").to_owned());
            Ok(())
        };
        std::future::ready(outcome)
    });
    (target, taken)
}

fn ids(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|id| id.to_string()).collect()
}

#[tokio::test]
async fn a_wanted_event_reaches_its_target_and_no_other_does() {
    let bus = bus();
    let (target, taken) = witness();
    bus.add_rule(rule(vec![target]));
    bus.publish(json!({ "id": "x", "data": { "eventName": "CreateUser" } }));
    (0..5).for_each(|id| bus.publish(event(id)));
    bus.idle().await;
    assert_eq!(*lock(&taken), ids(0..5));
    let expected = Delivery {
        rule: "deletions".to_owned(),
        target: "witness".to_owned(),
        event_id: "0".to_owned(),
        tries: 1,
    };
    assert_eq!(bus.deliveries()[0], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_connected_trail_are_pending_as_soon_as_they_are_written() {
    let bus = bus();
    let (target, taken) = witness();
    bus.add_rule(rule(vec![target]));
    let (trail, records) = mpsc::unbounded_channel();
    bus.connect(records);
    for round in 1..=200 {
        let record = json!({ "eventId": round.to_string(), "eventName": "DeleteUser", "eventRW": "Write",
            "serviceName": "Ram", "eventTime": "2026-01-02T03:04:05Z" });
        trail.send(record).expect("connected");
        bus.idle().await;
        assert_eq!(lock(&taken).len(), round);
    }
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_and_holds_up_nobody() {
    let bus = bus();
    let last_seen = Arc::new(Mutex::new(false));
    // Refuses event 0 until it has seen event 2: who waits for event 0 to succeed waits for ever.
    let target = Target::new("stubborn", move |body| {
        let event: Value = serde_json::from_slice(&body).expect("JSON");
        let mut last_seen = lock(&last_seen);
        *last_seen |= event["id"] == "2";
        let refused = event["id"] == "0" && !*last_seen;
        std::future::ready(if refused { Err("not now".to_owned()) } else { Ok(()) })
    });
    bus.add_rule(rule(vec![target]));
    (0..3).for_each(|id| bus.publish(event(id)));
    bus.idle().await;
    let tries =
        |id: &str| bus.deliveries().iter().find(|delivery| delivery.event_id == id).map(|found| found.tries);
    assert!(tries("0").is_some_and(|tries| tries > 1), "{:?}", bus.deliveries());
    assert_eq!((tries("1"), tries("2")), (Some(1), Some(1)));
}

#[tokio::test]
async fn an_exhausted_event_is_a_dead_letter_or_dropped() {
    let bus = bus();
    let (keeping, _) = flaky(usize::MAX);
    let (dropping, _) = flaky(usize::MAX);
    let backoff = PushRetryStrategy::BackoffRetry;
    bus.add_rule(rule(vec![keeping.retry(backoff), dropping.retry(backoff).without_dead_letters()]));
    bus.publish(event(7));
    bus.idle().await;
    let letters = bus.dead_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].tries, letters[0].error.as_str(), &letters[0].event), (4, "not now", &event(7)));
    assert!(bus.deliveries().is_empty());
}

#[tokio::test]
async fn an_event_may_come_many_times() {
    let bus = bus();
    let (target, taken) = witness();
    bus.add_rule(rule(vec![target]));
    bus.set_disorder(Disorder { copies: 10, ..Disorder::default() });
    bus.publish(event(1));
    bus.idle().await;
    assert_eq!(*lock(&taken), vec!["1"; 10]);
}

#[tokio::test]
async fn the_order_may_be_another_and_a_seed_repeats_it() {
    let order = |seed| async move {
        let bus = bus();
        let (target, taken) = witness();
        bus.add_rule(rule(vec![target]));
        bus.set_disorder(Disorder { seed, reorder: 30, ..Disorder::default() });
        // Not a multiple: the last collection is incomplete.
        (0..40).for_each(|id| bus.publish(event(id)));
        bus.idle().await;
        let taken = lock(&taken).clone();
        assert_eq!(taken.iter().cloned().collect::<BTreeSet<_>>(), ids(0..40).into_iter().collect());
        taken
    };
    assert_ne!(order(1).await, ids(0..40));
    assert_eq!(order(1).await, order(1).await);
    assert_ne!(order(1).await, order(2).await);
}

#[tokio::test]
async fn an_incomplete_collection_goes_out_by_itself() {
    let bus = bus();
    let (seen, mut taken) = mpsc::unbounded_channel();
    bus.add_rule(rule(vec![Target::new("witness", move |_| {
        std::future::ready(seen.send(()).map_err(|e| e.to_string()))
    })]));
    bus.set_disorder(Disorder { reorder: 5, ..Disorder::default() });
    bus.publish(event(1));
    taken.recv().await.expect("the event");
}

#[tokio::test]
async fn events_may_be_lost_or_late() {
    let bus = bus();
    let (target, taken) = witness();
    bus.add_rule(rule(vec![target]));
    bus.set_disorder(Disorder { loss: 0.5, seed: 3, ..Disorder::default() });
    (0..100).for_each(|id| bus.publish(event(id)));
    bus.idle().await;
    let arrived = lock(&taken).len();
    assert!(arrived > 0 && bus.lost() > 0);
    assert_eq!(arrived + bus.lost(), 100);
    bus.set_disorder(Disorder { delay: Duration::from_millis(5), ..Disorder::default() });
    bus.publish(event(100));
    assert_eq!(lock(&taken).len(), arrived, "not yet");
    bus.idle().await;
    assert_eq!(lock(&taken).last().map(String::as_str), Some("100"));
}

#[tokio::test]
async fn deliveries_run_at_once_when_told_to() {
    let bus = bus();
    let meeting = Arc::new(Barrier::new(4));
    let target = Target::new("crowd", move |_| {
        let meeting = Arc::clone(&meeting);
        // Nobody passes before all four are here.
        async move {
            meeting.wait().await;
            Ok(())
        }
    });
    bus.add_rule(rule(vec![target]));
    bus.set_disorder(Disorder { concurrency: 4, copies: 4, ..Disorder::default() });
    bus.publish(event(1));
    bus.idle().await;
    assert_eq!(bus.deliveries().len(), 4);
}

#[tokio::test]
async fn a_function_gets_the_whole_event_and_the_bus_repeats_its_failures() {
    let (functions, bus) = (function_compute(), bus());
    functions.register(obedient("f"));
    bus.add_rule(rule(vec![Target::function(&functions, "f").retry(PushRetryStrategy::BackoffRetry)]));
    bus.publish(event(1));
    // Each repetition of the bus is a new call, whose own retry count is 0: this fails every time.
    bus.publish(json!({ "id": "2", "fail": 1, "data": { "eventName": "DeleteUser" } }));
    bus.idle().await;
    let line =
        functions.output_with("f", |line| line.text.starts_with("call ")).await.expect("f exists").text;
    assert_eq!(line.split_once(": ").map(|(_, order)| order), Some(event(1).to_string().as_str()));
    assert_eq!((bus.deliveries().len(), bus.dead_letters().len(), bus.dead_letters()[0].tries), (1, 1, 4));
    assert!(bus.dead_letters()[0].error.contains("told to fail"));
}

#[tokio::test]
async fn an_asynchronous_function_repeats_by_itself() {
    let (functions, bus) = (function_compute(), bus());
    functions.register(obedient("f"));
    bus.add_rule(rule(vec![Target::function_async(&functions, "f")]));
    bus.publish(json!({ "id": "1", "fail": 2, "data": { "eventName": "DeleteUser" } }));
    bus.idle().await;
    assert_eq!(bus.deliveries()[0].tries, 1);
    functions.idle().await;
    functions.output_with("f", |line| line.text.contains("try 2")).await.expect("the third try");
    assert!(functions.failed_events().is_empty());
}
