//! How long searches, exports and looks into the past take on a large history in SQLite, and how much memory they need.
//!
//! `cargo bench -p revocation --bench search -- [EVENTS]`, 100,000 events unless told. The store is filled once and kept in
//! `target/tmp` for later runs. Figures of one run belong together: the first line is what reading the log takes there. On a
//! machine that others use, too, the time of the clock says little: beside it stands that of the processor.

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use event_store::contract::sample::{self, cause, identity, pair, person};
use event_store::{Commit, EventStore, Filter, MAX_PAGE, Options, Order, SqliteStore, Synchronous};
use futures::future::join_all;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::query::Condition;
use kubeconfig::reading::{
    Account, AccountKind, AccountState, Bindings, Certificate, CertificateState, ClusterState, Permission,
    Reading,
};
use kubeconfig::{AccessEvent, Actor, NewEvent, Query, Recorded, StreamId};
use revocation::{By, ExportFormat, History};

/// First pages of each question.
const PAGES: usize = 200;

/// Commits that wait to be stored at once.
const TASKS: u32 = 64;

/// Pairs that there are; a multiple of [`TASKS`], so that each is written by one task.
const PAIRS: u32 = 25_600;

/// Identities that streams of their own are written of; 20 times as many is a multiple of [`TASKS`].
const IDENTITIES: u32 = 2_176;

/// What the content of the file is called. Changed with [`fill`].
const CONTENT: &str = "history-1";

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let events: u32 = std::env::args().filter_map(|arg| arg.parse().ok()).next().unwrap_or(100_000);
    let path = filled(events).await;
    let read_only = Options { read_only: true, ..Options::default() };
    let store: Arc<dyn EventStore> = match SqliteStore::open(&path, read_only) {
        Ok(store) => Arc::new(store),
        // An older form: it is lifted, which is worth a line.
        Err(_) => {
            let start = Instant::now();
            let store = Arc::new(SqliteStore::open(&path, Options::default()).unwrap());
            println!("an older file, lifted in {:.1} s\n", start.elapsed().as_secs_f64());
            store
        }
    };
    println!("| measured, {events} events | result |\n|---|---|");
    let some = read_through(store.as_ref()).await;
    let before = memory("VmRSS");
    let watch = Watch::start();
    let history = History::new(store.clone());
    history.projection().await.unwrap();
    println!(
        "| projection, from nothing | {watch}, {} MiB in memory |",
        memory("VmRSS").saturating_sub(before)
    );
    for query in queries(&some) {
        page(&history, &query).await;
    }
    for by in By::ALL {
        past(&history, some.recorded_at, by).await;
    }
    // That an export was taken is stored.
    let recording = History::recording(Arc::new(SqliteStore::open(&path, Options::default()).unwrap()));
    recording.projection().await.unwrap();
    for format in ExportFormat::ALL {
        export(&recording, format).await;
    }
}

/// The file, made at the first run.
async fn filled(events: u32) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder.join(format!("{CONTENT}-{events}.db"));
    if path.exists() {
        return path;
    }
    let making = folder.join(format!("{CONTENT}-{events}.making"));
    for rest in ["", "-wal", "-shm"] {
        drop(std::fs::remove_file(format!("{}{rest}", making.display())));
    }
    let options = Options { synchronous: Synchronous::Normal, ..Options::default() };
    let store = Arc::new(SqliteStore::open(&making, options).unwrap());
    let start = Instant::now();
    fill(&store, events).await;
    let took = start.elapsed().as_secs_f64();
    // The last connection takes the log into the file.
    drop(Arc::into_inner(store).unwrap());
    std::fs::rename(&making, &path).unwrap();
    let size = std::fs::metadata(&path).unwrap().len() >> 20;
    println!("filled with {events} events in {took:.0} s: {:.0}/s, {size} MiB\n", f64::from(events) / took);
    path
}

/// 2 events a commit on 25,600 pairs and 2,176 identities: readings, revocations and what led to them, by the timer; one
/// event in 50 by one of 20 people through Slack.
async fn fill(store: &Arc<SqliteStore>, events: u32) {
    let tasks = (0..TASKS).map(|task| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            for number in (task..events / 2).step_by(TASKS as usize) {
                let (stream, before) = place(number);
                let events = vec![event(&stream, number, 0), event(&stream, number, 1)];
                let expected = u64::from(before) * 2;
                store.append(Commit { stream, expected, events }).await.unwrap();
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
}

/// The stream of a commit, and how many commits it had before.
fn place(number: u32) -> (StreamId, u32) {
    if number.is_multiple_of(20) {
        let turn = number / 20;
        return (identity(1 + turn % IDENTITIES), turn / IDENTITIES);
    }
    let of = number % PAIRS;
    (pair(of % 100, 1 + of / 12), number / PAIRS)
}

fn event(stream: &StreamId, number: u32, part: u32) -> NewEvent {
    let event = match (stream, (number + part) % 50) {
        (StreamId::Identity(uid), _) => sample::new(IdentityEvent::IdentityObserved {
            name: format!("user-{uid}").into(),
            kind: AccountKind::RamUser,
            state: AccountState::Active,
            created_at: None,
        }),
        (_, 0..=9) => sample::new(sample::requested(number / 50)),
        (_, 10..=12) => sample::new(sample::approved(number / 50)),
        (_, 13..=32) => sample::new(AccessEvent::KubeconfigObserved { reading: reading(number) }),
        _ => sample::rich(number),
    };
    let actor = match number % 50 {
        7 => person(&format!("person-{}", number / 50 % 20)),
        _ => Actor::timer(),
    };
    NewEvent { actor, correlation: cause(number / 10), ..event }
}

/// One certificate and one permission; every 500th expired.
fn reading(number: u32) -> Reading {
    let state =
        if number.is_multiple_of(500) { CertificateState::Expired } else { CertificateState::Unexpired };
    Reading {
        cluster_state: ClusterState::Running,
        account: Account { kind: AccountKind::RamUser, state: AccountState::Active },
        certificates: vec![Certificate { state, expires_at: None }],
        bindings: Bindings::Yes(vec![Permission {
            resource_id: format!("c{}", number % 100),
            resource_type: "cluster".to_owned(),
            role_name: "cs:admin".to_owned(),
            role_type: "admin".to_owned(),
        }]),
    }
}

/// Reads the whole log as a follower does, and gives an event from the midst of it.
async fn read_through(store: &dyn EventStore) -> Recorded {
    let watch = Watch::start();
    let (mut cursor, mut count, mut some) = (None, 0, Vec::new());
    loop {
        let page = store.query(&Filter::default(), Order::Oldest, cursor.as_ref(), MAX_PAGE).await.unwrap();
        count += page.events.len();
        some.extend(page.events.into_iter().rev().find(|event| event.event.revocation().is_some()));
        cursor = Some(page.end);
        if !page.more {
            break;
        }
    }
    println!("| the log, read from end to end | {} |", watch.rate(count as f64));
    some.swap_remove(some.len() / 2)
}

/// Each kind of condition, alone and with others; what is common, what is rare and what is not there.
fn queries(some: &Recorded) -> Vec<Query> {
    let of = |condition: Condition| Query::of([condition.into()]);
    let mut queries: Vec<Query> = [
        "",
        "cluster:c5",
        "uid:77",
        "uid:77 uid:78 uid:79 channel:slack",
        "actor:person-3",
        "actor:timer",
        "actor:person-3 actor:person-4 since:7d",
        "type:RevocationApproved",
        "type:RevocationApproved -actor:person-3",
        "status:Expired",
        "channel:timer",
        "channel:slack",
        "channel:feishu",
        "kind:identity",
        "stream:identity/77",
        "principal:bot",
        "source:acs.ram",
        "source:acs.ram/e-4711",
        "occurred:2025-12-31",
        "requested",
        "person-3",
        "nowhere-at-all",
        "type:RevocationApproved nowhere-at-all",
    ]
    .iter()
    .map(|text| text.parse().unwrap())
    .collect();
    let at = some.recorded_at;
    queries.push(format!("until:{at}").parse().unwrap());
    queries.push(format!("recorded:..{at} actor:person-3").parse().unwrap());
    queries.push(of(Condition::Id(some.id)));
    queries.push(of(Condition::Correlation(some.correlation)));
    queries.extend(some.event.revocation().map(|id| of(Condition::Revocation(id))));
    queries.extend(some.causation.map(|id| of(Condition::Causation(id))));
    queries
}

/// The first page of 50, newest first, as a process answers it that has answered before.
async fn page(history: &History, query: &Query) {
    history.search(query, Order::Newest, None, 50).await.unwrap();
    let mut took = Vec::with_capacity(PAGES);
    let mut found = (0, 0);
    let watch = Watch::start();
    for _ in 0..PAGES {
        let start = Instant::now();
        let page = history.search(query, Order::Newest, None, 50).await.unwrap();
        took.push(start.elapsed());
        found = (page.events.len(), page.looked_at);
    }
    let processor = millis(processor_time().saturating_sub(watch.processor)) / PAGES as f64;
    took.sort_unstable();
    let at = |share: usize| millis(took[(PAGES - 1) * share / 100]);
    let (events, looked_at) = found;
    println!(
        "| `{query}`: {events} found among {looked_at} | median {:.2} ms, p99 {:.2} ms, processor {processor:.2} ms |",
        at(50),
        at(99)
    );
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1e3
}

async fn past(history: &History, at: jiff::Timestamp, by: By) {
    let first = Watch::start();
    history.as_of(at, by).await.unwrap();
    let first = first.to_string();
    let again = Watch::start();
    history.as_of(at, by).await.unwrap();
    println!("| as of the middle, by {} | {first}; again {again} |", by.as_str());
}

async fn export(history: &History, format: ExportFormat) {
    forget_the_peak();
    let before = memory("VmHWM");
    let watch = Watch::start();
    let mut export = history.export(&Query::default(), format, None, Actor::timer()).await.unwrap();
    let mut bytes = 0;
    while let Some(part) = export.next().await.unwrap() {
        bytes += part.len();
    }
    println!(
        "| export as {format} | {}, {} MiB written, {before} MiB in memory before, {} MiB at the most |",
        watch.rate(export.events() as f64),
        bytes >> 20,
        memory("VmHWM")
    );
}

/// What the clock and the processor say since its start.
struct Watch {
    clock: Instant,
    processor: Duration,
}

impl Watch {
    fn start() -> Self {
        Self { clock: Instant::now(), processor: processor_time() }
    }

    fn rate(&self, count: f64) -> String {
        let clock = self.clock.elapsed().as_secs_f64();
        let processor = processor_time().saturating_sub(self.processor).as_secs_f64();
        format!("{:.0} events/s, {:.0} in a second of the processor", count / clock, count / processor)
    }
}

impl std::fmt::Display for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let processor = processor_time().saturating_sub(self.processor).as_secs_f64();
        write!(f, "{:.2} s, processor {processor:.2} s", self.clock.elapsed().as_secs_f64())
    }
}

/// What the threads of this process have spent so far (`man proc_pid_schedstat`: nanoseconds on the processor, first).
fn processor_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let spent = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(spent.sum())
}

/// From here on, the most memory counts anew (`man proc_pid_clear_refs`: 5).
fn forget_the_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Memory of this process in MiB, as Linux counts it: `VmRSS` now, `VmHWM` at the most.
fn memory(what: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
