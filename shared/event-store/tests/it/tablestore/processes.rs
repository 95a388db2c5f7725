//! Several processes on one store, while answers are lost and the service is busy.

use std::collections::HashSet;
use std::process::{Child, Command, Stdio};

use cloud_emulator::{Faults, Service};
use event_store::contract::sample::{commit, pair, several};
use event_store::{AppendError, EventStore, Filter, Order, TablestoreOptions, TablestoreStore, load_stream};
use kubeconfig::{Recorded, StreamId};

use super::world::{World, client};
use crate::child::{said, say};

const ADDRESS: &str = "EVENT_STORE_TEST_TABLESTORE";
const ROLE: &str = "EVENT_STORE_TEST_TABLESTORE_ROLE";

/// This test binary as a process of its own.
fn child(world: &World, role: &str) -> Child {
    let (id, secret) = world.key();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "tablestore::processes::child_process", "--ignored", "--nocapture"]);
    command.env(ADDRESS, format!("{} {id} {secret}", world.url())).env(ROLE, role);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of its own, started by the other tests"]
async fn child_process() {
    let (Ok(address), Ok(role)) = (std::env::var(ADDRESS), std::env::var(ROLE)) else { return };
    let mut parts = address.split(' ');
    let mut part = || parts.next().unwrap();
    let store = TablestoreStore::new(client(part(), part(), part()), TablestoreOptions::default());
    match role.as_str() {
        "race" => race(&store, &pair(1, 2)).await,
        stream => append_for_ever(&store, &stream.parse().unwrap()).await,
    }
}

const RACES: u64 = 150;

/// Appends to a stream that other processes append to as well.
async fn race(store: &dyn EventStore, stream: &StreamId) {
    let mut attempt = commit(stream, 0);
    for _ in 0..RACES {
        loop {
            match store.append(attempt.clone()).await {
                Ok(appended) => {
                    assert!(!appended.duplicate, "it was sent once and is new");
                    break;
                }
                Err(AppendError::Conflict { actual, .. }) => attempt.expected = actual,
                Err(other) => panic!("{other:?}"),
            }
        }
        say(&attempt.events[0].id.to_string());
        attempt = commit(stream, attempt.expected + 1);
    }
}

/// 5% of the answers are lost, 5% of the calls are answered OTSServerBusy.
const HARD: Faults = Faults {
    latency_ms: 0,
    jitter_ms: 2,
    error_rate: 0.05,
    throttling_rate: 0.0,
    throttling_status: 403,
    retry_after: 0,
    lost_response_rate: 0.05,
    lost_request_rate: 0.0,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_hammering_one_stream_lose_nothing_and_double_nothing() {
    let world = World::new().await;
    world.emulator.tune(|knobs| knobs.services.insert(Service::Tablestore, HARD));
    let mut children = [(); 2].map(|()| child(&world, "race"));
    let reader = world.store(TablestoreOptions { read_only: true, ..TablestoreOptions::default() });
    let mut seen: Vec<Recorded> = Vec::new();
    let mut after = None;
    while (seen.len() as u64) < 2 * RACES {
        let page = reader.query(&Filter::default(), Order::Oldest, after.as_ref(), 1000).await.unwrap();
        after = Some(page.end);
        seen.extend(page.events);
        // A child that failed will not bring more.
        for child in &mut children {
            assert!(child.try_wait().unwrap().is_none_or(|status| status.success()));
        }
    }
    let written: Vec<String> =
        children.iter_mut().flat_map(|child| said(child).collect::<Vec<_>>()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let calls = world.emulator.calls();
    let lost = calls.iter().filter(|call| call.lost).count();
    let busy = calls.iter().filter(|call| call.code.as_deref() == Some("OTSServerBusy")).count();
    assert!(
        lost > 20 && busy > 20,
        "{lost} answers were lost and {busy} calls refused: too few to show anything"
    );
    world.emulator.tune(|knobs| knobs.services.clear());

    let stored = load_stream(&reader, &pair(1, 2)).await.unwrap();
    assert!(stored.iter().map(|event| event.version).eq(1..=2 * RACES));
    let ids: HashSet<String> = stored.iter().map(|event| event.id.to_string()).collect();
    assert_eq!((ids.len(), written.len()), (stored.len(), stored.len()));
    assert_eq!(ids, written.into_iter().collect());
    assert_eq!(seen, stored, "who followed saw each event once, in order");
    assert!(seen.is_sorted_by_key(|event| event.recorded_at));
    let (wrong, last) = reader.misfiled(0, 1000).await.unwrap();
    assert_eq!((wrong, last), (vec![], Some(2 * RACES)));
}

/// Says each commit after it was confirmed.
async fn append_for_ever(store: &dyn EventStore, stream: &StreamId) {
    let mut version = load_stream(store, stream).await.unwrap().len() as u64;
    loop {
        store.append(several(stream, version, 3)).await.unwrap();
        version += 3;
        say(&version.to_string());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_that_it_confirmed_and_holds_nobody_up() {
    let world = World::new().await;
    let reader = world.store(TablestoreOptions::default());
    let streams = [pair(1, 1), pair(1, 2)];
    let mut confirmed = [0_u64; 2];
    for commits_before_the_end in [1, 2, 7, 30] {
        let mut children = streams.clone().map(|stream| child(&world, &stream.to_string()));
        for (at, child) in children.iter_mut().enumerate() {
            let mut lines = said(child);
            let mut heard: Vec<String> = lines.by_ref().take(commits_before_the_end).collect();
            assert_eq!(heard.len(), commits_before_the_end);
            child.kill().unwrap();
            child.wait().unwrap();
            heard.extend(lines);
            // The last line may be cut.
            confirmed[at] =
                heard.iter().filter_map(|line| line.parse().ok()).max().unwrap_or(0).max(confirmed[at]);
        }
        for (stream, confirmed) in streams.iter().zip(confirmed) {
            let stored = load_stream(&reader, stream).await.unwrap();
            assert!(stored.len() as u64 >= confirmed, "{stream}: {} of {confirmed}", stored.len());
            assert_eq!(stored.len() % 3, 0, "no part of a commit");
        }
    }
    let log = event_store::contract::read_all(&reader, &Filter::default(), Order::Oldest, 1000).await;
    let kinds = vec!["kubeconfig".to_owned()];
    let filter = Filter { kinds, ..Filter::default() };
    assert_eq!(event_store::contract::read_all(&reader, &filter, Order::Oldest, 1000).await, log);
    assert_eq!(reader.misfiled(0, 1000).await.unwrap().0, []);
}
