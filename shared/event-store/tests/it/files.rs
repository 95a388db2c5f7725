//! The SQLite file: who may read it, what is refused, what damage looks like.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use event_store::contract::sample::{commit, identity, several};
use event_store::{
    AppendError, Clock, CursorError, EventStore, Filter, Options, Order, SqliteStore, StoreError, load_stream,
};
use rusqlite::Connection;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    (folder, path)
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Options::default()).unwrap()
}

fn reading(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open(path, Options { read_only: true, ..Options::default() })
}

async fn first_page(store: &SqliteStore) -> Result<event_store::Page, StoreError> {
    store.query(&Filter::default(), Order::Oldest, None, 100).await
}

#[tokio::test]
async fn what_is_stored_survives_closing() {
    let (_folder, path) = place();
    let stored = open(&path).append(several(&identity(1), 0, 3)).await.unwrap().recorded;
    let end = first_page(&open(&path)).await.unwrap().end;
    let store = open(&path);
    assert_eq!(load_stream(&store, &identity(1)).await.unwrap(), stored);
    store.append(commit(&identity(1), 3)).await.unwrap();
    let next = store.query(&Filter::default(), Order::Oldest, Some(&end), 100).await.unwrap();
    assert_eq!(next.events.iter().map(|event| event.version).collect::<Vec<_>>(), [4], "cursors survive too");
}

#[tokio::test]
async fn only_its_owner_can_read_it() {
    let (folder, path) = place();
    let store = open(&path);
    store.append(commit(&identity(1), 0)).await.unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["events.db", "events.db-shm", "events.db-wal"]);
}

#[tokio::test]
async fn reading_only_means_reading_only() {
    let (_folder, path) = place();
    let writer = open(&path);
    let stored = writer.append(several(&identity(1), 0, 2)).await.unwrap().recorded;
    let reader = reading(&path).unwrap();
    assert_eq!(load_stream(&reader, &identity(1)).await.unwrap(), stored);
    let refused = reader.append(commit(&identity(1), 2)).await;
    assert!(matches!(refused, Err(AppendError::Store(StoreError::ReadOnly))), "{refused:?}");
    writer.append(commit(&identity(1), 2)).await.unwrap();
    assert_eq!(load_stream(&reader, &identity(1)).await.unwrap().len(), 3, "it sees what others store");
    drop(writer);
    drop(reader);
    assert_eq!(
        load_stream(&reading(&path).unwrap(), &identity(1)).await.unwrap().len(),
        3,
        "without a writer"
    );
}

#[test]
fn reading_only_makes_nothing() {
    let (folder, path) = place();
    assert!(matches!(reading(&path), Err(StoreError::Missing(missing)) if missing == path));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    fs::write(&path, "").unwrap();
    assert!(matches!(reading(&path), Err(StoreError::Outdated { found: 0, known: 3 })));
    assert_eq!(fs::metadata(&path).unwrap().len(), 0);
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    open(&path).append(commit(&identity(1), 0)).await.unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let (folder, _) = place();
    let refused = SqliteStore::open(folder.path().join("none/events.db"), Options::default());
    assert!(matches!(refused, Err(StoreError::Io(_))), "{refused:?}");
    let refused = SqliteStore::open(folder.path(), Options::default());
    assert!(matches!(refused, Err(StoreError::Io(_))), "{refused:?}");
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let (folder, path) = place();
    fs::write(&path, "Dear diary, ".repeat(400)).unwrap();
    let other = folder.path().join("other.db");
    let foreign = Connection::open(&other).unwrap();
    foreign.execute_batch("CREATE TABLE t (a); PRAGMA application_id = 7; PRAGMA user_version = 1").unwrap();
    drop(foreign);
    let nameless = folder.path().join("nameless.db");
    Connection::open(&nameless).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    for (path, reason) in [
        (&path, "it is no SQLite file"),
        (&other, "it is a SQLite file of another program (application id 7)"),
        (&nameless, "it is a SQLite file of another program (application id 0)"),
    ] {
        let before = fs::read(path).unwrap();
        for read_only in [false, true] {
            let refused = SqliteStore::open(path, Options { read_only, ..Options::default() }).unwrap_err();
            assert_eq!(refused.to_string(), format!("{} is not an event store: {reason}", path.display()));
        }
        assert_eq!(fs::read(path).unwrap(), before);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "no files beside them");
}

#[test]
fn a_store_of_a_newer_version_is_refused() {
    let (_folder, path) = place();
    drop(open(&path));
    raw(&path).pragma_update(None, "user_version", 99).unwrap();
    for read_only in [false, true] {
        let refused = SqliteStore::open(&path, Options { read_only, ..Options::default() });
        assert!(matches!(refused, Err(StoreError::Newer { found: 99, known: 3, .. })), "{refused:?}");
    }
}

#[test]
fn many_may_make_the_same_store_at_once() {
    for _ in 0..5 {
        let (_folder, path) = place();
        let start = Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    open(&path);
                });
            }
        });
    }
}

fn raw(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

#[tokio::test]
async fn commits_cannot_be_changed_by_accident() {
    let (_folder, path) = place();
    let store = open(&path);
    store.append(commit(&identity(1), 0)).await.unwrap();
    for (sql, expected) in [
        ("UPDATE commits SET body = x'00'", "a commit is never changed"),
        ("DELETE FROM commits", "a commit is never deleted"),
    ] {
        assert_eq!(raw(&path).execute(sql, ()).unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn a_damaged_commit_is_named_and_hides_no_other() {
    let (_folder, path) = place();
    let store = open(&path);
    for uid in 1..=3 {
        store.append(commit(&identity(uid), 0)).await.unwrap();
    }
    raw(&path)
        .execute_batch(
            "DROP TRIGGER commits_are_not_changed;
             UPDATE commits SET body = substr(body, 1, 40) WHERE number = 2;",
        )
        .unwrap();
    let damaged = first_page(&store).await.unwrap_err();
    assert!(damaged.to_string().starts_with("the store is damaged: commit 2: "), "{damaged}");
    for uid in [1, 3] {
        assert_eq!(load_stream(&store, &identity(uid)).await.unwrap().len(), 1);
    }
    assert!(matches!(load_stream(&store, &identity(2)).await, Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_commit_of_a_newer_form_is_named() {
    let (_folder, path) = place();
    let store = open(&path);
    store.append(commit(&identity(1), 0)).await.unwrap();
    raw(&path)
        .execute_batch(
            "DROP TRIGGER commits_are_not_changed;
             UPDATE commits SET body = CAST('{\"format\":3,\"all\":\"new\"}' AS BLOB);",
        )
        .unwrap();
    let newer = first_page(&store).await.unwrap_err();
    assert_eq!(newer.to_string(), "commit 1 has form 3, this version reads up to 2: use a newer version");
}

#[tokio::test]
async fn a_damaged_file_is_an_error() {
    let (_folder, path) = place();
    let store = open(&path);
    for version in 0..50 {
        store.append(commit(&identity(1), version)).await.unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0x5a);
    fs::write(&path, bytes).unwrap();
    let damaged = match SqliteStore::open(&path, Options::default()) {
        Ok(store) => first_page(&store).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(damaged, StoreError::Damaged(_)), "{damaged:?}");
}

#[tokio::test]
async fn a_cursor_behind_the_end_tells_that_events_were_lost() {
    let (folder, path) = place();
    let store = open(&path);
    store.append(commit(&identity(1), 0)).await.unwrap();
    drop(store);
    let copy = folder.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    let store = open(&path);
    store.append(commit(&identity(1), 1)).await.unwrap();
    let end = first_page(&store).await.unwrap().end;
    let restored = open(&copy);
    let lost = restored.query(&Filter::default(), Order::Oldest, Some(&end), 1).await;
    assert!(matches!(lost, Err(StoreError::Cursor(CursorError::BehindEnd))), "{lost:?}");
}

#[tokio::test]
async fn a_store_that_others_keep_locked_is_busy_and_then_works() {
    let (_folder, path) = place();
    let options = Options { busy_timeout: Duration::from_millis(20), ..Options::default() };
    let store = Arc::new(SqliteStore::open(&path, options).unwrap());
    store.append(commit(&identity(1), 0)).await.unwrap();
    let other = raw(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let sent = commit(&identity(1), 1);
    let busy = store.append(sent.clone()).await;
    assert!(matches!(busy, Err(AppendError::Store(StoreError::Busy))), "{busy:?}");
    assert_eq!(load_stream(&*store, &identity(1)).await.unwrap().len(), 1, "readers do not wait");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(!store.append(sent).await.unwrap().duplicate);
}

#[tokio::test]
async fn two_stores_on_one_file_are_one_store() {
    let (_folder, path) = place();
    let back = Options { clock: Clock::new(|| jiff::Timestamp::UNIX_EPOCH), ..Options::default() };
    let [one, two] = [open(&path), SqliteStore::open(&path, back).unwrap()];
    let sent = commit(&identity(1), 0);
    let first = one.append(sent.clone()).await.unwrap().recorded;
    assert!(two.append(sent).await.unwrap().duplicate);
    let conflict = two.append(commit(&identity(1), 0)).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { actual: 1, .. })), "{conflict:?}");
    let second = two.append(commit(&identity(1), 1)).await.unwrap().recorded;
    assert_eq!(
        second[0].recorded_at, first[0].recorded_at,
        "the time stands though the other clock is behind"
    );
    let end = first_page(&one).await.unwrap().end;
    let rest = two.query(&Filter::default(), Order::Oldest, Some(&end), 10).await.unwrap();
    assert_eq!(rest.events, [], "a cursor of the one is a cursor of the other");
}

#[tokio::test]
async fn dropping_the_store_waits_for_what_was_sent() {
    let (_folder, path) = place();
    let store = open(&path);
    for uid in 1..21 {
        let mut sent = Box::pin(store.append(commit(&identity(uid), 0)));
        // Far enough to send it; nobody waits for the answer.
        let _ = futures::poll!(&mut sent);
    }
    drop(store);
    assert_eq!(first_page(&open(&path)).await.unwrap().events.len(), 20);
}
