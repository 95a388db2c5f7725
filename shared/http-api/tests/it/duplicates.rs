//! The same request many times at once, as clients send it that lose patience.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::world::{ALICE, Answer, BATCH, OLGA, PROD, World, request, send};

const TIMES: usize = 16;

async fn all_at_once(world: &World, key: Option<&str>) -> Vec<Answer> {
    let body = json!({ "uid": ALICE, "clusters": [PROD, BATCH], "reason": "has left" }).to_string();
    let mut sent = JoinSet::new();
    for _ in 0..TIMES {
        let mut request = request(Method::POST, "/v1/revocations", Some(OLGA), Some(body.clone()));
        if let Some(key) = key {
            request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        }
        let router = world.router.clone();
        sent.spawn(async move { send(&router, request).await });
    }
    sent.join_all().await
}

/// What became of each pair, and the revocation that did it.
fn told(answer: &Answer) -> Vec<(String, Value)> {
    let outcomes = answer.body["outcomes"].as_array().unwrap().iter();
    outcomes.map(|o| (o["outcome"].as_str().unwrap().to_owned(), o["revocation"].clone())).collect()
}

/// Who comes second does not wait for the first: it is told which revocation is under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn with_a_key_they_are_one_request() {
    let world = World::seen().await;
    let answers = all_at_once(&world, Some("ticket-7")).await;
    let outcomes: Vec<_> = answers.iter().flat_map(told).collect();
    let words: BTreeSet<_> = outcomes.iter().map(|(word, _)| word.as_str()).collect();
    assert!(words.is_subset(&["confirmed", "underWay"].into()), "{words:?}");
    let revocations: BTreeSet<_> = outcomes.iter().map(|(_, id)| id.as_str().unwrap()).collect();
    assert_eq!(revocations.len(), 2, "one of each pair: {revocations:?}");
    for cluster in [PROD, BATCH] {
        let cleans = world.emulator.cleans(cluster, ALICE);
        assert_eq!((cleans.received, cleans.effective), (1, 1), "{cluster}");
    }

    // Each may have met a pair in the hands of another: then none has told the whole, and this one does.
    let body = json!({ "uid": ALICE, "clusters": [PROD, BATCH], "reason": "has left" }).to_string();
    let mut last = request(Method::POST, "/v1/revocations", Some(OLGA), Some(body));
    last.headers_mut().insert("idempotency-key", "ticket-7".parse().unwrap());
    send(&world.router, last).await;
    let length = world.log_length().await;
    let answers = all_at_once(&world, Some("ticket-7")).await;
    assert_eq!(
        told(&answers[0]).iter().map(|(word, _)| word).collect::<Vec<_>>(),
        ["confirmed", "confirmed"]
    );
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (StatusCode::OK, &answers[0].body));
    }
    assert_eq!(world.log_length().await, length, "a repeat adds nothing");
}

/// Who comes too late for the one that is under way is told that the access is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_key_each_access_still_ends_once() {
    let world = World::seen().await;
    let answers = all_at_once(&world, None).await;
    for (index, cluster) in [BATCH, PROD].into_iter().enumerate() {
        let outcomes: Vec<_> = answers.iter().map(|answer| told(answer)[index].clone()).collect();
        let words: BTreeSet<_> = outcomes.iter().map(|(word, _)| word.as_str()).collect();
        assert!(words.is_subset(&["confirmed", "underWay", "refused"].into()), "{words:?}");
        let carried_out = outcomes.iter().filter(|(word, _)| word != "refused");
        let revocations: BTreeSet<_> = carried_out.map(|(_, id)| id.as_str().unwrap()).collect();
        assert_eq!(revocations.len(), 1, "{cluster}: {outcomes:?}");
        let cleans = world.emulator.cleans(cluster, ALICE);
        assert_eq!((cleans.received, cleans.effective), (1, 1), "{cluster}");
    }
}
