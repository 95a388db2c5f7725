//! How long searches and exports take on a large history in SQLite, and how much memory an export needs.
//!
//! `cargo bench -p revocation -- [EVENTS]`, 100,000 events unless told.

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::contract::sample::{self, cause, identity, pair, person};
use event_store::{Commit, EventStore, Options, Order, SqliteStore, Synchronous};
use futures::future::join_all;
use kubeconfig::{Actor, NewEvent, Query};
use revocation::{ExportFormat, History};

const PAGES: usize = 100;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let events: u32 = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let folder = tempfile::tempdir_in(std::env::var("BENCH_DIR").unwrap_or_else(|_| ".".to_owned())).unwrap();
    let options = Options { synchronous: Synchronous::Normal, ..Options::default() };
    let store = Arc::new(SqliteStore::open(folder.path().join("events.db"), options).unwrap());
    fill(&store, events).await;
    let history = History::new(store);
    println!("| measured, {events} events | result |\n|---|---|");
    for text in [
        "",
        "uid:77",
        "actor:person-3 actor:person-4 since:7d",
        "type:RevocationApproved -actor:person-3",
        "uid:77 uid:78 uid:79 channel:slack",
        "channel:slack",
        "channel:feishu",
        "nowhere-at-all",
    ] {
        page(&history, text).await;
    }
    for format in ExportFormat::ALL {
        export(&history, format).await;
    }
}

/// 2 events a commit, mostly observations by the timer; one event in 50 by one of 20 people through Slack.
async fn fill(store: &Arc<SqliteStore>, events: u32) {
    let tasks = (0..64).map(|task| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for number in (task..events / 2).step_by(64) {
                let uid = number + 1;
                let stream = if number % 20 == 0 { identity(uid) } else { pair(number % 100, uid) };
                let event = |part: u32| {
                    let event = match (number + part) % 50 {
                        _ if number % 20 == 0 => sample::fitting(&stream),
                        0..=9 => sample::new(sample::requested(number / 50)),
                        10..=12 => sample::new(sample::approved(number / 50)),
                        _ => sample::rich(number),
                    };
                    let actor = match number % 50 {
                        7 => person(&format!("person-{}", number / 50 % 20)),
                        _ => Actor::timer(),
                    };
                    NewEvent { actor, correlation: cause(number / 10), ..event }
                };
                let events = vec![event(0), event(1)];
                store.append(Commit { stream, expected: 0, events }).await.unwrap();
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
}

/// The first page of 50, newest first, as a process answers it that has answered before.
async fn page(history: &History, text: &str) {
    let query: Query = text.parse().unwrap();
    history.search(&query, Order::Newest, None, 50).await.unwrap();
    let mut took = Vec::with_capacity(PAGES);
    let mut found = (0, 0);
    for _ in 0..PAGES {
        let start = Instant::now();
        let page = history.search(&query, Order::Newest, None, 50).await.unwrap();
        took.push(start.elapsed());
        found = (page.events.len(), page.looked_at);
    }
    took.sort_unstable();
    let at = |share: usize| millis(took[(PAGES - 1) * share / 100]);
    let (events, looked_at) = found;
    println!(
        "| `{text}`: {events} found among {looked_at} | median {:.2} ms, p99 {:.2} ms |",
        at(50),
        at(99)
    );
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

async fn export(history: &History, format: ExportFormat) {
    let before = resident();
    let start = Instant::now();
    let mut export = history.export(&Query::default(), format, None, Actor::timer()).await.unwrap();
    let (mut bytes, mut most) = (0, 0);
    while let Some(part) = export.next().await.unwrap() {
        bytes += part.len();
        most = most.max(resident());
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = f64::from(u32::try_from(export.events()).unwrap()) / seconds;
    println!(
        "| export as {format} | {rate:.0} events/s, {} MiB written, memory {before} MiB before, {most} MiB at the most |",
        bytes >> 20
    );
}

/// Memory of this process in MiB, as Linux counts it.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
