//! Several processes on one file, and their sudden end.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use event_store::contract::read_all;
use event_store::contract::sample::{self, commit, identity, pair, several};
use event_store::{AppendError, EventStore, Filter, Options, Order, SqliteStore, StoreError, load_stream};
use kubeconfig::{Event, Recorded, Stored, StreamId};
use rusqlite::Connection;

use crate::child::{said, say};

const ROLE: &str = "EVENT_STORE_TEST_ROLE";
const FILE: &str = "EVENT_STORE_TEST_FILE";

/// This test binary as a process of its own, in one of the roles below.
fn command(role: &str, path: &Path) -> Command {
    let mut command = Command::new("/bin/sh");
    // A limit on the size of files (`disk_fills_up`) ends a process unless the signal is ignored.
    let script = match role {
        "disk_fills_up" => "trap '' XFSZ; ulimit -f 2000; exec \"$@\"",
        _ => "exec \"$@\"",
    };
    command.args(["-c", script, "sh"]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "processes::child", "--ignored", "--nocapture"]);
    command.env(ROLE, role).env(FILE, path).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of its own, started by the other tests"]
async fn child() {
    let (Ok(role), Ok(path)) = (std::env::var(ROLE), std::env::var(FILE)) else { return };
    let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(path, Options::default()).unwrap());
    match role.as_str() {
        "race" => race(&*store).await,
        "append_for_ever" => append_for_ever(store).await,
        "disk_fills_up" => disk_fills_up(&*store).await,
        other => panic!("no such role: {other}"),
    }
}

const RACES: u64 = 100;

/// Appends to a stream that other processes append to as well.
async fn race(store: &dyn EventStore) {
    let mut attempt = commit(&pair(1, 2), 0);
    for _ in 0..RACES {
        while let Err(error) = store.append(attempt.clone()).await {
            match error {
                AppendError::Conflict { actual, .. } => attempt.expected = actual,
                other => panic!("{other:?}"),
            }
        }
        say(&attempt.events[0].id.to_string());
        attempt = commit(&pair(1, 2), attempt.expected + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_race_lose_nothing_and_a_reader_sees_all_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    let mut children = [(); 2].map(|()| command("race", &path).spawn().unwrap());
    let mut seen: Vec<Recorded> = Vec::new();
    let mut after = None;
    while (seen.len() as u64) < 2 * RACES {
        let page = store.query(&Filter::default(), Order::Oldest, after.as_ref(), 1000).await.unwrap();
        after = Some(page.end);
        seen.extend(page.events);
        if page.more {
            continue;
        }
        // A child that failed will not bring more.
        for child in &mut children {
            assert!(child.try_wait().unwrap().is_none_or(|status| status.success()));
        }
        tokio::task::yield_now().await;
    }
    let written: HashSet<String> =
        children.iter_mut().flat_map(|child| said(child).collect::<Vec<_>>()).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(seen.iter().map(|event| event.id.to_string()).collect::<HashSet<_>>(), written);
    assert_eq!(seen, load_stream(&store, &pair(1, 2)).await.unwrap());
    assert!(seen.iter().map(|event| event.version).eq(1..=2 * RACES));
    assert!(seen.is_sorted_by_key(|event| event.recorded_at));
}

/// Four tasks on streams of their own; says each commit after it was confirmed.
async fn append_for_ever(store: Arc<dyn EventStore>) {
    let base = std::process::id();
    let tasks = (0..4_u32).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let stream = identity(base * 10 + task);
            let mut version = 0;
            loop {
                let sent = several(&stream, version, 3);
                store.append(sent).await.unwrap();
                version += 3;
                say(&format!("{stream} {version}"));
            }
        })
    });
    futures::future::join_all(tasks).await;
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_that_it_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut confirmed: HashMap<StreamId, u64> = HashMap::new();
    for commits_before_the_end in [1, 2, 7, 40, 150] {
        let mut child = command("append_for_ever", &path).spawn().unwrap();
        let mut lines = said(&mut child);
        let mut heard: Vec<String> = lines.by_ref().take(commits_before_the_end).collect();
        assert_eq!(heard.len(), commits_before_the_end);
        child.kill().unwrap();
        child.wait().unwrap();
        heard.extend(lines);
        for line in heard {
            // The last line may be cut.
            let Some((stream, Ok(version))) = line.split_once(' ').map(|(a, b)| (a, b.parse())) else {
                continue;
            };
            confirmed.insert(stream.parse().unwrap(), version);
        }
        let store = SqliteStore::open(&path, Options::default()).unwrap();
        for (stream, version) in &confirmed {
            let stored = load_stream(&store, stream).await.unwrap();
            assert!(stored.len() as u64 >= *version, "{stream}: {} of {version}", stored.len());
            assert_eq!(stored.len() % 3, 0, "no part of a commit");
        }
        // The indexes hold exactly what the commits hold.
        let log = read_all(&store, &Filter::default(), Order::Oldest, 1000).await;
        let kinds = vec!["identity".to_owned()];
        assert_eq!(read_all(&store, &Filter { kinds, ..Filter::default() }, Order::Oldest, 1000).await, log);
        drop(store);
        sound(&path, log.len());
    }
}

/// SQLite's own checks, and one row of the index for each event.
fn sound(path: &Path, events: usize) {
    let conn = Connection::open(path).unwrap();
    let check: String = conn.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    assert!(!conn.prepare("PRAGMA foreign_key_check").unwrap().exists(()).unwrap());
    let (numbers, last, stored): (i64, i64, i64) = conn
        .query_row(
            "SELECT count(*), max(number), sum(json_array_length(CAST(body AS TEXT), '$.events')) FROM commits",
            (),
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(numbers, last, "commits are numbered without gaps");
    assert_eq!(usize::try_from(stored).unwrap(), events);
}

/// Appends until the file may not grow, and shows that the store still reads and says so every time.
async fn disk_fills_up(store: &dyn EventStore) {
    let stream = identity(1);
    let mut confirmed = 0;
    let data = serde_json::Value::String("x".repeat(60_000));
    let event = || {
        let stored = Stored { type_name: "Sized".to_owned(), schema: 1, data: data.clone() };
        sample::new(Event::Unrecognised(stored))
    };
    let error = loop {
        match store.append(sample::of(&stream, confirmed, event())).await {
            Ok(_) => confirmed += 1,
            Err(error) => break error,
        }
    };
    assert!(
        matches!(error, AppendError::Store(StoreError::Full | StoreError::Io(_))),
        "expected an error of the disk, got {error:?}"
    );
    let again = store.append(sample::of(&stream, confirmed, event())).await;
    assert!(matches!(again, Err(AppendError::Store(_))), "{again:?}");
    assert_eq!(load_stream(store, &stream).await.unwrap().len() as u64, confirmed);
    say(&confirmed.to_string());
}

#[tokio::test]
async fn a_disk_that_fills_up_loses_nothing_that_was_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let mut child = command("disk_fills_up", &path).spawn().unwrap();
    let heard: Vec<String> = said(&mut child).collect();
    assert!(child.wait().unwrap().success());
    let confirmed: u64 = heard[0].parse().unwrap();
    assert!(confirmed > 3);
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap().len() as u64, confirmed);
    store.append(commit(&identity(1), confirmed)).await.unwrap();
    drop(store);
    sound(&path, usize::try_from(confirmed).unwrap() + 1);
}
