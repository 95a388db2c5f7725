//! Making a file and checking it.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use event_store::contract::sample::{identity, several};
use event_store::{EventStore, Options, SqliteStore, StoreError};
use rstest::rstest;
use rusqlite::Connection;
use tempfile::TempDir;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    (folder, path)
}

/// A line for each part, with the name of the file instead of its path.
fn told(path: &Path, parts: Result<Vec<event_store::Part>, StoreError>) -> Vec<String> {
    let told = parts.unwrap().into_iter().map(|part| format!("{}: {:?}", part.name, part.standing));
    told.map(|line| line.replace(path.to_str().unwrap(), "events.db")).collect()
}

fn check(path: &Path) -> Vec<String> {
    told(path, SqliteStore::check(path))
}

const SOUND: [&str; 5] = [
    "file events.db: Sound",
    "form 3: Sound",
    "journal mode: Sound",
    "tables, indexes and triggers: Sound",
    "integrity: Sound",
];

#[test]
fn a_store_is_made_once() {
    let (_folder, path) = place();
    assert_eq!(check(&path), ["file events.db: Missing"]);
    assert!(!path.exists(), "checking makes nothing");
    assert_eq!(told(&path, SqliteStore::set_up(&path)), ["file events.db: Made", "form 3: Made"]);
    assert_eq!(check(&path), SOUND);
    assert_eq!(told(&path, SqliteStore::set_up(&path)), ["file events.db: Sound", "form 3: Sound"]);
}

#[tokio::test]
async fn a_store_in_use_is_sound_and_left_as_it_is() {
    let (folder, path) = place();
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    for uid in 1..21 {
        store.append(several(&identity(uid), 0, 3)).await.unwrap();
    }
    let before = fs::read(&path).unwrap();
    assert_eq!(check(&path), SOUND);
    assert_eq!(fs::read(&path).unwrap(), before);
    drop(store);
    assert_eq!(check(&path), SOUND);
    assert!(folder.path().read_dir().unwrap().count() >= 1);
}

#[test]
fn an_empty_file_is_lifted() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    let empty = "form: Wrong(\"the file is empty: `reaper store init` makes the store in it\")";
    assert_eq!(check(&path), ["file events.db: Sound", empty]);
    assert_eq!(told(&path, SqliteStore::set_up(&path)), ["file events.db: Sound", "form 3: Made"]);
    assert_eq!(check(&path), SOUND);
}

#[test]
fn files_of_others_are_named_and_refused() {
    let (_folder, path) = place();
    fs::write(&path, "Dear diary, ".repeat(400)).unwrap();
    assert_eq!(check(&path), ["file events.db: Wrong(\"it is no SQLite file\")"]);
    assert!(matches!(SqliteStore::set_up(&path), Err(StoreError::NotAStore { .. })));
}

#[rstest]
#[case(
    "PRAGMA user_version = 9",
    &["form: Wrong(\"it is 9, this version reads up to 3: use a newer version\")"]
)]
#[case(
    "PRAGMA journal_mode = DELETE",
    &["journal mode: Wrong(\"it is delete, it has to be wal: `reaper store init` sets it\")"]
)]
#[case(
    "DROP INDEX events_by_uid; DROP TRIGGER commits_are_not_changed; CREATE TABLE mine (a)",
    &[
        "index events_by_uid: Missing",
        "trigger commits_are_not_changed: Missing",
        "table mine: Wrong(\"it does not belong to the store\")",
    ]
)]
#[case(
    "DROP INDEX events_by_uid; CREATE INDEX events_by_uid ON events (actor)",
    &["index events_by_uid: Wrong(\"it is not made as this version makes it\")"]
)]
#[case(
    "PRAGMA foreign_keys = OFF; DROP TRIGGER commits_are_not_deleted; DELETE FROM commits WHERE number = 2;
     CREATE TRIGGER commits_are_not_deleted BEFORE DELETE ON commits
BEGIN SELECT RAISE(ABORT, 'a commit is never deleted'); END",
    &["integrity: Wrong(\"a row of events names a commit that is not there\")"]
)]
#[tokio::test]
async fn every_deviation_is_named(#[case] sql: &str, #[case] named: &[&str]) {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    for uid in 1..4 {
        store.append(several(&identity(uid), 0, 1)).await.unwrap();
    }
    drop(store);
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let wrong: Vec<String> = check(&path).into_iter().filter(|line| !line.ends_with(": Sound")).collect();
    assert_eq!(wrong, named);
}

#[tokio::test]
async fn damaged_pages_are_found() {
    let (_folder, path) = place();
    let store = SqliteStore::open(&path, Options::default()).unwrap();
    for uid in 1..201 {
        store.append(several(&identity(uid), 0, 3)).await.unwrap();
    }
    drop(store);
    let mut file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    // A page in the middle; a page has 4 KiB.
    file.seek(SeekFrom::Start(20 * 4096)).unwrap();
    file.write_all(&[0xff; 4096]).unwrap();
    drop(file);
    let parts = check(&path);
    assert!(parts.iter().any(|line| line.starts_with("integrity: Wrong(")), "{parts:?}");
}
