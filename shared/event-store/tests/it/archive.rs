//! A log in a file: from one kind of store to the other and back, and whatever can happen to the file.

use std::io::{Cursor, Write};

use cloud_emulator::{Faults, Service};
use event_store::contract::read_all;
use event_store::contract::sample::{commit, identity, pair, several};
use event_store::{
    ArchiveError, EventStore, Filter, MemoryStore, Options, Order, SqliteStore, StoredCommit,
    TablestoreOptions, export, import,
};

use crate::tablestore::world::World;

/// A store with so many commits of one to three events.
async fn filled(commits: u32) -> MemoryStore {
    let store = MemoryStore::new();
    for number in 0..commits {
        store.append(several(&identity(1 + number), 0, 1 + number as usize % 3)).await.unwrap();
    }
    store
}

async fn exported(store: &dyn EventStore) -> Vec<u8> {
    let mut file = Vec::new();
    export(store, &mut file, |_| {}).await.unwrap();
    file
}

async fn imported(store: &dyn EventStore, file: &[u8]) -> Result<u64, ArchiveError> {
    Ok(import(store, &mut Cursor::new(file), |_| {}).await?.commits)
}

async fn log(store: &dyn EventStore) -> Vec<StoredCommit> {
    let mut log: Vec<StoredCommit> = Vec::new();
    loop {
        let page = store.commits(log.len() as u64, 1000).await.unwrap();
        if page.is_empty() {
            return log;
        }
        log.extend(page);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_goes_from_a_file_to_tables_and_back_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(folder.path().join("a.db"), Options::default()).unwrap();
    for number in 0..150 {
        sqlite
            .append(several(&pair(number % 5, 1 + number % 40), u64::from(number / 40) * 2, 2))
            .await
            .unwrap();
    }
    let first = exported(&sqlite).await;
    let world = World::new().await;
    let hard = Faults { error_rate: 0.05, lost_response_rate: 0.05, ..Faults::default() };
    world.emulator.tune(|knobs| knobs.services.insert(Service::Tablestore, hard));
    let tables = world.store(TablestoreOptions::default());
    assert_eq!(imported(&tables, &first).await.unwrap(), 150);
    world.emulator.tune(|knobs| knobs.services.clear());
    assert_eq!(log(&tables).await, log(&sqlite).await);
    assert_eq!(tables.misfiled(0, 1000).await.unwrap(), (vec![], Some(150)));
    let second = exported(&tables).await;
    assert_eq!(second, first);
    let back = SqliteStore::open(folder.path().join("b.db"), Options::default()).unwrap();
    imported(&back, &second).await.unwrap();
    assert_eq!(log(&back).await, log(&sqlite).await);
    assert_eq!(back.misfiled(0, 1000).await.unwrap(), (vec![], Some(150)));
    let all = Filter::default();
    assert_eq!(
        read_all(&back, &all, Order::Newest, 100).await,
        read_all(&sqlite, &all, Order::Newest, 100).await
    );
}

#[tokio::test]
async fn an_empty_log_is_a_log() {
    let file = exported(&MemoryStore::new()).await;
    assert_eq!(imported(&MemoryStore::new(), &file).await.unwrap(), 0);
}

#[tokio::test]
async fn a_file_that_was_cut_off_anywhere_stores_nothing() {
    let file = exported(&filled(5).await).await;
    let target = MemoryStore::new();
    for length in 0..file.len() {
        let refused = imported(&target, &file[..length]).await;
        assert!(
            matches!(refused, Err(ArchiveError::CutOff { .. } | ArchiveError::NotALog)),
            "{length} of {}: {refused:?}",
            file.len()
        );
    }
    assert_eq!(log(&target).await, []);
    match imported(&target, &file[..file.len() - 1]).await {
        Err(error @ ArchiveError::CutOff { .. }) => {
            assert_eq!(
                error.to_string(),
                "the file was cut off: it ends after 5 commits, before its own end"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn any_change_of_a_file_is_noticed_before_anything_is_stored() {
    let file = exported(&filled(3).await).await;
    let target = MemoryStore::new();
    for at in 0..file.len() {
        let mut changed = file.clone();
        changed[at] ^= 0x10;
        assert!(imported(&target, &changed).await.is_err(), "byte {at}");
    }
    let longer = [&file[..], b"x"].concat();
    assert!(matches!(imported(&target, &longer).await, Err(ArchiveError::Damaged { position: 4 })));
    let twice = [&file[..], &file].concat();
    assert!(matches!(imported(&target, &twice).await, Err(ArchiveError::Damaged { position: 4 })));
    assert_eq!(log(&target).await, []);
}

#[tokio::test]
async fn files_of_others_and_of_newer_versions_are_named() {
    let target = MemoryStore::new();
    for (file, named) in [
        (&b""[..], "the file is not an exported log"),
        (b"SQLite format 3\0 and so on", "the file is not an exported log"),
        (b"reaper log 3\n and so on", "the file is of a newer form: use a newer version"),
    ] {
        assert_eq!(imported(&target, file).await.unwrap_err().to_string(), named);
    }
    // A length that no commit has is not allocated.
    let huge = [&b"reaper log 1\n"[..], &[0xff; 100]].concat();
    assert!(matches!(imported(&target, &huge).await, Err(ArchiveError::Damaged { position: 1 })));
}

#[tokio::test]
async fn a_store_that_holds_anything_else_is_refused_and_left_as_it_is() {
    let file = exported(&filled(3).await).await;
    let other = MemoryStore::new();
    other.append(commit(&identity(9999), 0)).await.unwrap();
    let before = log(&other).await;
    let refused = imported(&other, &file).await;
    assert!(matches!(refused, Err(ArchiveError::NotEmpty { position: 1 })), "{refused:?}");
    assert_eq!(log(&other).await, before);
    // The store has gone on since the export.
    let grown = filled(3).await;
    let file = exported(&grown).await;
    grown.append(commit(&identity(9999), 0)).await.unwrap();
    let refused = imported(&grown, &file).await;
    assert!(matches!(refused, Err(ArchiveError::NotEmpty { position: 4 })), "{refused:?}");
}

#[tokio::test]
async fn an_import_that_was_interrupted_goes_on() {
    let source = filled(200).await;
    let file = exported(&source).await;
    let target = MemoryStore::new();
    target.restore(log(&source).await[..70].to_vec()).await.unwrap();
    assert_eq!(imported(&target, &file).await.unwrap(), 200);
    assert_eq!(imported(&target, &file).await.unwrap(), 200, "again: nothing is left to do");
    assert_eq!(log(&target).await, log(&source).await);
}

/// Takes so many bytes.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_disk_that_is_full_is_an_error() {
    let store = filled(5).await;
    let length = exported(&store).await.len();
    for space in [0, 13, 100, length - 1] {
        let failed = export(&store, &mut Full(space), |_| {}).await;
        assert!(matches!(failed, Err(ArchiveError::Io(_))), "{space}: {failed:?}");
    }
    export(&store, &mut Full(length), |_| {}).await.unwrap();
}

#[tokio::test]
async fn who_appends_meanwhile_disturbs_no_export() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db"), Options::default()).unwrap();
    for uid in 1..1501 {
        store.append(commit(&identity(uid), 0)).await.unwrap();
    }
    let mut file = Vec::new();
    let writer = async {
        for uid in 1501..1601 {
            store.append(commit(&identity(uid), 0)).await.unwrap();
        }
    };
    let (written, ()) = tokio::join!(export(&store, &mut file, |_| {}), writer);
    let written = written.unwrap();
    assert!((1500..=1600).contains(&written));
    let copy = MemoryStore::new();
    imported(&copy, &file).await.unwrap();
    assert_eq!(log(&copy).await, log(&store).await[..usize::try_from(written).unwrap()]);
}
