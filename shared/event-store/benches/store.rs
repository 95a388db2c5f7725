//! What the SQLite backend does in a second, beside bare SQLite on the same disk in the same run.
//!
//! `cargo bench -p event-store -- [EVENTS]`, 100,000 events unless told.

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::contract::sample::{self, cause, identity, pair, person, revocation};
use event_store::{Commit, EventStore, Filter, Options, Order, SqliteStore, Synchronous, load_stream};
use futures::future::join_all;
use kubeconfig::{NewEvent, StreamId};
use rusqlite::Connection;

const APPENDS: u32 = 4_000;
const WRITERS: u32 = 16;
const PAGES: usize = 300;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let events = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let folder = tempfile::tempdir_in(std::env::var("BENCH_DIR").unwrap_or_else(|_| ".".to_owned())).unwrap();
    println!("| measured | result |\n|---|---|");
    bare_appends(&folder.path().join("bare.db"));
    let path = folder.path().join("events.db");
    appends(&path).await;
    drop(std::fs::remove_file(&path));
    let path = folder.path().join("history.db");
    fill(&path, events).await;
    bare_replay(&path);
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    replay(&store).await;
    pages(&store, events).await;
}

fn per_second(what: &str, count: u32, took: Duration) {
    println!("| {what} | {:.0}/s |", f64::from(count) / took.as_secs_f64());
}

/// One row a transaction, one index, the same durability: what the disk allows.
fn bare_appends(path: &Path) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE log (number INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, body BLOB);
         CREATE UNIQUE INDEX by_stream ON log (stream, version);",
    )
    .unwrap();
    let body = vec![b'x'; 450];
    let start = Instant::now();
    for number in 0..APPENDS {
        conn.prepare_cached("INSERT INTO log (stream, version, body) VALUES (?1, ?2, ?3)")
            .unwrap()
            .execute((number.to_string(), 1, &body))
            .unwrap();
    }
    per_second("bare SQLite, one insert a transaction", APPENDS, start.elapsed());
}

async fn appends(path: &Path) {
    let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(path, Options::default()).unwrap());
    let start = Instant::now();
    for number in 0..APPENDS {
        store.append(sample::of(&pair(1, 1 + number), 0, sample::rich(number))).await.unwrap();
    }
    per_second("appends, one after the other", APPENDS, start.elapsed());
    let start = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 0..APPENDS / WRITERS * 4 {
                store
                    .append(sample::of(&pair(2 + writer, 1 + number), 0, sample::rich(number)))
                    .await
                    .unwrap();
            }
        })
    });
    join_all(writers).await;
    per_second("appends by 16 writers", APPENDS * 4, start.elapsed());
}

/// A history: 2 events a commit, 100 clusters, 2,000 identities, mostly observations by the timer; one event in 50
/// by one of 20 people.
async fn fill(path: &Path, events: u32) {
    let options = Options { synchronous: Synchronous::Normal, ..Options::default() };
    let store = Arc::new(SqliteStore::open(path, options).unwrap());
    let start = Instant::now();
    let tasks = (0..64).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut versions = std::collections::HashMap::<StreamId, u64>::new();
            for number in (task..events / 2).step_by(64) {
                let stream = if number % 20 == 0 {
                    identity(1 + number % 2_000 + task * 10_000)
                } else {
                    pair(number % 100, 1 + number % 2_000 + task * 10_000)
                };
                let version = versions.entry(stream.clone()).or_default();
                let events = vec![event(&stream, number), event(&stream, number)];
                store.append(Commit { stream, expected: *version, events }).await.unwrap();
                *version += 2;
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    per_second("events stored to fill, 2 a commit, 64 writers, synchronous NORMAL", events, start.elapsed());
    drop(store);
    let bytes = std::fs::metadata(path).unwrap().len();
    println!(
        "| size of {events} events | {} MiB, {} bytes an event |",
        bytes >> 20,
        bytes / u64::from(events)
    );
}

fn event(stream: &StreamId, number: u32) -> NewEvent {
    let event = match (stream, number % 50) {
        (StreamId::Kubeconfig(_), 0..=9) => sample::new(sample::requested(number / 50)),
        (StreamId::Kubeconfig(_), 10..=12) => sample::new(sample::approved(number / 50)),
        (StreamId::Kubeconfig(_), _) => {
            sample::new(sample::unknown("Observed", serde_json::json!({ "x": "y" })))
        }
        _ => sample::fitting(stream),
    };
    let actor =
        if number % 50 == 7 { person(&format!("person-{}", number / 50 % 20)) } else { event.actor.clone() };
    NewEvent { actor, correlation: cause(number / 10), ..event }
}

fn bare_replay(path: &Path) {
    let conn = Connection::open(path).unwrap();
    let start = Instant::now();
    let mut read = conn.prepare("SELECT body FROM commits ORDER BY number").unwrap();
    let mut rows = read.query(()).unwrap();
    let (mut events, mut bytes) = (0, 0);
    while let Some(row) = rows.next().unwrap() {
        bytes += row.get_ref(0).unwrap().as_blob().unwrap().len();
        events += 2;
    }
    assert!(bytes > 0);
    per_second("bare SQLite, events read as bytes", events, start.elapsed());
}

async fn replay(store: &SqliteStore) {
    let (mut after, mut events) = (None, 0);
    let start = Instant::now();
    loop {
        let page = store.query(&Filter::default(), Order::Oldest, after.as_ref(), 1000).await.unwrap();
        events += u32::try_from(page.events.len()).unwrap();
        after = Some(page.end);
        if !page.more {
            break;
        }
    }
    per_second("events replayed, parsed", events, start.elapsed());
}

async fn pages(store: &SqliteStore, events: u32) {
    let all = Filter::default;
    let newest = Filter { kinds: vec!["kubeconfig".to_owned()], ..all() };
    let stream = store.query(&newest, Order::Newest, None, 1).await.unwrap().events[0].stream.clone();
    let cluster: Vec<_> = stream.cluster().cloned().into_iter().collect();
    let uid: Vec<_> = stream.uid().cloned().into_iter().collect();
    let types = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    let middle = store.query(&all(), Order::Oldest, None, 1).await.unwrap().events[0].recorded_at;
    for (what, filter) in [
        ("everything", all()),
        ("cluster", Filter { clusters: cluster.clone(), ..all() }),
        ("identity", Filter { uids: uid.clone(), ..all() }),
        ("cluster and identity", Filter { clusters: cluster.clone(), uids: uid, ..all() }),
        ("actor", Filter { actors: vec!["person-3".to_owned()], ..all() }),
        ("type", Filter { types: types(&["RevocationApproved"]), ..all() }),
        (
            "3 types",
            Filter { types: types(&["RevocationApproved", "RevocationRequested", "Observed"]), ..all() },
        ),
        ("revocation", Filter { revocations: vec![revocation(events / 200)], ..all() }),
        (
            "since the first event, kind",
            Filter { since: Some(middle), kinds: vec!["identity".into()], ..all() },
        ),
        (
            "actor and type",
            Filter { actors: vec!["person-3".into()], types: types(&["RevocationRequested"]), ..all() },
        ),
        ("actor and cluster", Filter { actors: vec!["person-3".into()], clusters: cluster, ..all() }),
        (
            "a frequent type in a kind of stream that never holds it",
            Filter { types: types(&["Observed"]), kinds: vec!["identity".into()], ..all() },
        ),
        (
            "actor and a type that is never the actor's",
            Filter { actors: vec!["person-3".into()], types: types(&["Observed"]), ..all() },
        ),
    ] {
        let mut took = Vec::with_capacity(PAGES);
        let mut found = 0;
        for _ in 0..PAGES {
            let start = Instant::now();
            found = store.query(&filter, Order::Newest, None, 50).await.unwrap().events.len();
            took.push(start.elapsed());
        }
        latency(&format!("page of 50, newest first, by {what} ({found} found)"), took);
    }
    let mut took = Vec::with_capacity(PAGES);
    for _ in 0..PAGES {
        let start = Instant::now();
        assert!(!load_stream(store, &stream).await.unwrap().is_empty());
        took.push(start.elapsed());
    }
    latency("one stream", took);
}

fn latency(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |share: usize| took[(took.len() - 1) * share / 100].as_secs_f64() * 1e3;
    println!("| {what} | median {:.2} ms, p99 {:.2} ms |", at(50), at(99));
}
