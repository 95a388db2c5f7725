//! Logs to seal and to spoil.

use std::path::{Path, PathBuf};

use event_store::contract::sample::{cluster, identity, pair, rich, several};
use event_store::{Commit, EventStore, Options, SqliteStore, StoredCommit, Synchronous};
use kubeconfig::Actor;
use rusqlite::Connection;
use seal::{KeyRing, Report, SealError, Sealed, Sealing, SignedCheckpoint, VerifierKey, verify};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Options { synchronous: Synchronous::Normal, ..Options::default() }).unwrap()
}

/// A key in a folder.
pub(crate) fn keys(folder: &TempDir) -> KeyRing {
    KeyRing::generate(&folder.path().join("key"), "example.com/reaper").unwrap()
}

pub(crate) fn sealing(keys: &KeyRing) -> Sealing<'_> {
    static TIMER: std::sync::LazyLock<Actor> = std::sync::LazyLock::new(Actor::timer);
    Sealing { keys, kept: None, actor: &TIMER, correlation: Uuid::from_u128(1), even_seals: false }
}

pub(crate) async fn seal_all(store: &dyn EventStore, keys: &KeyRing) -> Result<Option<Sealed>, SealError> {
    sealing(keys).seal(store, || true).await
}

pub(crate) async fn look(
    store: &dyn EventStore,
    keys: &[VerifierKey],
    earlier: &[SignedCheckpoint],
) -> Report {
    verify(store, keys, earlier, |_| ()).await.unwrap()
}

pub(crate) async fn all(store: &dyn EventStore) -> Vec<StoredCommit> {
    let mut all: Vec<StoredCommit> = Vec::new();
    loop {
        let page = store.commits(all.last().map_or(0, |last| last.position), 1000).await.unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The number-th commit of a believable log: 1 to 4 events, on streams of all kinds.
pub(crate) fn commit(number: usize) -> Commit {
    let n = u32::try_from(number).unwrap();
    let stream = match number % 5 {
        0 => identity(1 + n),
        1 => cluster(n),
        _ => pair(n % 7, 1 + n),
    };
    match number % 5 {
        2 => Commit { stream, expected: 0, events: vec![rich(n)] },
        _ => several(&stream, 0, 1 + number % 4),
    }
}

/// Appends many commits at once, so that they share their way to the disk, but in their order.
pub(crate) async fn fill(store: &SqliteStore, numbers: std::ops::Range<usize>) {
    for outcome in futures::future::join_all(numbers.map(|number| store.append(commit(number)))).await {
        outcome.unwrap();
    }
}

/// A store that was sealed several times, and a copy of which is spoilt again and again.
pub(crate) struct Base {
    pub(crate) folder: TempDir,
    pub(crate) path: PathBuf,
    pub(crate) keys: KeyRing,
    pub(crate) commits: Vec<StoredCommit>,
    pub(crate) events: usize,
    /// Each, in order.
    pub(crate) checkpoints: Vec<SignedCheckpoint>,
}

impl Base {
    /// Sealed after each of the parts, whose sizes are given in commits; the last part is not sealed.
    pub(crate) async fn new(parts: &[usize]) -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("events.db");
        let (keys, store) = (keys(&folder), open(&path));
        let (mut from, mut checkpoints) = (0, vec![]);
        for (index, part) in parts.iter().enumerate() {
            fill(&store, from..from + part).await;
            from += part;
            if index + 1 < parts.len() {
                checkpoints.push(seal_all(&store, &keys).await.unwrap().unwrap().checkpoint);
            }
        }
        let commits = all(&store).await;
        let events = commits.iter().map(|commit| commit.events().unwrap().len()).sum();
        drop(store);
        let conn = Connection::open(&path).unwrap();
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
        Self { folder, path, keys, commits, events, checkpoints }
    }

    /// How many commits are sealed.
    pub(crate) fn sealed(&self) -> u64 {
        self.checkpoints.last().unwrap().checkpoint().size
    }

    pub(crate) fn position(&self, index: usize) -> u64 {
        self.commits[index].position
    }

    pub(crate) fn is_seal(&self, index: usize) -> bool {
        self.commits[index].events().unwrap()[0].event.type_name() == "StoreSealed"
    }

    pub(crate) fn copy(&self) -> Spoilt {
        let folder = TempDir::new_in(self.folder.path()).unwrap();
        let path = folder.path().join("events.db");
        std::fs::copy(&self.path, &path).unwrap();
        Spoilt { _folder: folder, path }
    }
}

/// A copy that may be changed in every way.
pub(crate) struct Spoilt {
    _folder: TempDir,
    pub(crate) path: PathBuf,
}

impl Spoilt {
    /// As somebody who owns the file, and knows how it is made.
    pub(crate) fn conn(&self) -> Connection {
        let conn = Connection::open(&self.path).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA recursive_triggers = OFF;
             DROP TRIGGER IF EXISTS commits_are_not_changed; DROP TRIGGER IF EXISTS commits_are_not_deleted;
             DROP TRIGGER IF EXISTS disclosures_are_not_changed;",
        )
        .unwrap();
        conn
    }

    pub(crate) fn sql(&self, sql: &str) {
        self.conn().execute_batch(sql).unwrap();
    }

    pub(crate) fn set_body(&self, number: u64, body: &[u8]) {
        let changed = self
            .conn()
            .execute("UPDATE commits SET body = ?2 WHERE number = ?1", (number.cast_signed(), body))
            .unwrap();
        assert_eq!(changed, 1);
    }

    /// Moves all commits from a number on by some places, with all that belongs to them.
    pub(crate) fn shift(&self, from: u64, by: i64) {
        self.sql(&format!(
            "BEGIN;
             UPDATE commits SET number = -(number + {by}) WHERE number >= {from};
             UPDATE commits SET number = -number WHERE number < 0;
             PRAGMA ignore_check_constraints = ON;
             UPDATE events SET position = -(position + 256 * {by}), commit_no = commit_no + {by} WHERE commit_no >= {from};
             UPDATE events SET position = -position WHERE position < 0;
             UPDATE disclosures SET commit_no = -(commit_no + {by}) WHERE commit_no >= {from};
             UPDATE disclosures SET commit_no = -commit_no WHERE commit_no < 0;
             COMMIT;"
        ));
    }

    pub(crate) fn reader(&self) -> SqliteStore {
        SqliteStore::open(&self.path, Options { read_only: true, ..Options::default() }).unwrap()
    }

    pub(crate) async fn look(&self, base: &Base, earlier: &[SignedCheckpoint]) -> Report {
        look(&self.reader(), &base.keys.verifiers(), earlier).await
    }
}
