//! Sealing: only what is new, one tree however many seal, and whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use async_trait::async_trait;
use event_store::contract::sample::{identity, several};
use event_store::{
    AppendError, Appended, Commit, Cursor, Digest, EventStore, Filter, MAX_EVENT_BYTES, MemoryStore, Order,
    Page, StoreError, StoredCommit,
};
use kubeconfig::{Recorded, StreamId};
use seal::{BATCH, Finding, KeyRing, SealError, SignedCheckpoint, keep_checkpoint, kept_checkpoint};
use tempfile::TempDir;

use crate::log::{all, commit, fill, keys, look, open, seal_all, sealing};

/// A store whose appends fail when they are told to, and that counts the commits that are read.
#[derive(Default)]
struct Shaky {
    inner: MemoryStore,
    /// Nothing is stored.
    fails_before: AtomicBool,
    /// It is stored, and the answer is lost.
    fails_after: AtomicBool,
    read: AtomicU64,
}

#[async_trait]
impl EventStore for Shaky {
    async fn append(&self, commit: Commit) -> Result<Appended, AppendError> {
        if self.fails_before.swap(false, SeqCst) {
            return Err(StoreError::Busy.into());
        }
        let appended = self.inner.append(commit).await;
        if self.fails_after.swap(false, SeqCst) { Err(StoreError::Closed.into()) } else { appended }
    }

    async fn restore(&self, commits: Vec<StoredCommit>) -> Result<(), AppendError> {
        self.inner.restore(commits).await
    }

    async fn erase(&self, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
        self.inner.erase(values).await
    }

    async fn read_stream(
        &self,
        stream: &StreamId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.inner.read_stream(stream, after, limit).await
    }

    async fn query(
        &self,
        filter: &Filter,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.inner.query(filter, order, after, limit).await
    }

    async fn commits(&self, after: u64, limit: u32) -> Result<Vec<StoredCommit>, StoreError> {
        let page = self.inner.commits(after, limit).await?;
        self.read.fetch_add(page.len() as u64, SeqCst);
        Ok(page)
    }
}

async fn add(store: &dyn EventStore, numbers: std::ops::Range<usize>) {
    for number in numbers {
        store.append(commit(number)).await.unwrap();
    }
}

#[tokio::test]
async fn a_store_without_events_has_nothing_to_seal() {
    let folder = TempDir::new().unwrap();
    let store = MemoryStore::new();
    let keys = keys(&folder);
    assert_eq!(seal_all(&store, &keys).await.unwrap(), None);
    assert_eq!(seal::latest(&store).await.unwrap(), None);
    let report = look(&store, &keys.verifiers(), &[]).await;
    assert_eq!((report.commits, report.seals, report.checkpoint, report.finding), (0, 0, None, None));
}

/// A seal is an event, and each event is sealed; this must not go on for ever.
#[tokio::test]
async fn a_seal_is_sealed_by_the_next_one_and_is_no_reason_for_one() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (MemoryStore::new(), keys(&folder));
    add(&store, 0..3).await;
    let first = seal_all(&store, &keys).await.unwrap().unwrap();
    assert_eq!((first.commits, first.seals, first.checkpoint.checkpoint().size), (3, 1, 3));
    assert_eq!(seal_all(&store, &keys).await.unwrap(), None);
    assert_eq!(all(&store).await.len(), 4);
    add(&store, 3..4).await;
    let second = seal_all(&store, &keys).await.unwrap().unwrap();
    assert_eq!((second.commits, second.checkpoint.checkpoint().size), (2, 5));
    let latest = seal::latest(&store).await.unwrap().unwrap();
    assert_eq!((latest.version, latest.size()), (2, Some(5)));
    assert_eq!(latest.seal.checkpoint, second.checkpoint.to_string());
    let report = look(&store, &keys.verifiers(), &[first.checkpoint, second.checkpoint]).await;
    assert_eq!((report.sealed, report.unsealed, report.finding), (5, 1, None));
}

#[tokio::test]
async fn only_what_is_new_is_read() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (Shaky::default(), keys(&folder));
    add(&store, 0..2000).await;
    seal_all(&store, &keys).await.unwrap();
    for round in 0..5 {
        add(&store, 2000 + 10 * round..2010 + 10 * round).await;
        store.read.store(0, SeqCst);
        let sealed = seal_all(&store, &keys).await.unwrap().unwrap();
        // Ten, and the seal before; then once more to see that this is all.
        assert_eq!(sealed.commits, 11);
        assert_eq!(store.read.load(SeqCst), 11 + 1);
    }
}

#[tokio::test]
async fn much_that_is_new_takes_several_seals_each_of_which_fits_into_an_event() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (MemoryStore::new(), keys(&folder));
    let commits = 2 * BATCH + 5;
    add(&store, 0..commits).await;
    let sealed = seal_all(&store, &keys).await.unwrap().unwrap();
    assert_eq!((sealed.commits, sealed.seals), (commits as u64 + 2, 3));
    let report = look(&store, &keys.verifiers(), &[]).await;
    assert_eq!((report.seals, report.unsealed, report.finding), (3, 1, None));
    let largest = all(&store).await.into_iter().map(|commit| commit.bytes.len()).max().unwrap();
    assert!((BATCH * 32..MAX_EVENT_BYTES / 2).contains(&largest), "{largest}");
}

#[tokio::test]
async fn sealing_stops_when_it_is_told_to_and_goes_on_later() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (MemoryStore::new(), keys(&folder));
    add(&store, 0..BATCH + 5).await;
    let mut once = [true, false].into_iter();
    let first = sealing(&keys).seal(&store, || once.next().unwrap()).await.unwrap().unwrap();
    assert_eq!((first.commits, first.seals), (BATCH as u64, 1));
    let rest = seal_all(&store, &keys).await.unwrap().unwrap();
    assert_eq!((rest.commits, rest.seals), (6, 1));
    assert_eq!(look(&store, &keys.verifiers(), &[]).await.finding, None);
}

#[tokio::test]
async fn a_seal_that_was_not_stored_leaves_nothing_behind() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (Shaky::default(), keys(&folder));
    for (round, fails) in
        [&store.fails_before, &store.fails_after, &store.fails_before].into_iter().enumerate()
    {
        add(&store, 10 * round..10 * round + 10).await;
        fails.store(true, SeqCst);
        seal_all(&store, &keys).await.unwrap_err();
        // The process is gone here. What is there is sound, and the next one goes on.
        assert_eq!(look(&store, &keys.verifiers(), &[]).await.finding, None);
        add(&store, 1000 + round..1001 + round).await;
        seal_all(&store, &keys).await.unwrap().unwrap();
        let report = look(&store, &keys.verifiers(), &[]).await;
        assert_eq!((report.finding, report.unsealed), (None, 1));
    }
}

/// The checkpoint is kept after the seal is stored. If the process ends between, an older one is kept.
#[tokio::test]
async fn an_older_checkpoint_that_was_kept_is_no_contradiction() {
    let folder = TempDir::new().unwrap();
    let (store, keys, path) = (MemoryStore::new(), keys(&folder), folder.path().join("checkpoint"));
    let mut kept: Option<SignedCheckpoint> = None;
    for round in 0..40 {
        add(&store, round..round + 1).await;
        let sealed = sealing(&keys);
        let sealed =
            seal::Sealing { kept: kept.as_ref(), ..sealed }.seal(&store, || true).await.unwrap().unwrap();
        // Only sometimes does it get so far.
        if round % 20 == 0 {
            keep_checkpoint(&path, &sealed.checkpoint).unwrap();
        }
        kept = kept_checkpoint(&path).unwrap();
    }
    assert_eq!(look(&store, &keys.verifiers(), &[kept.unwrap()]).await.finding, None);
}

/// A root that contradicts one that was signed before is not signed: whoever has both could prove a forgery, and whoever
/// has the later one alone would believe it.
#[tokio::test]
async fn what_contradicts_the_checkpoint_that_was_kept_is_not_sealed() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (MemoryStore::new(), keys(&folder));
    add(&store, 0..20).await;
    let kept = seal_all(&store, &keys).await.unwrap().unwrap().checkpoint;
    // Cut off altogether; cut off in part; as long, but another; longer, but another.
    for (sealed, new) in [(0, 5), (10, 5), (20, 5), (30, 5)] {
        let other = MemoryStore::new();
        add(&other, 0..sealed).await;
        seal_all(&other, &keys).await.unwrap();
        add(&other, 100..100 + new).await;
        let sealing = seal::Sealing { kept: Some(&kept), ..sealing(&keys) };
        let refused = sealing.seal(&other, || true).await.unwrap_err();
        assert!(matches!(refused, SealError::Contradiction { kept: 20 }), "{sealed}: {refused}");
        assert!(look(&other, &keys.verifiers(), std::slice::from_ref(&kept)).await.finding.is_some());
    }
}

#[tokio::test]
async fn a_seal_that_was_changed_is_not_continued() {
    let folder = TempDir::new().unwrap();
    let (store, keys) = (MemoryStore::new(), keys(&folder));
    add(&store, 0..5).await;
    seal_all(&store, &keys).await.unwrap();
    add(&store, 5..6).await;
    let other = KeyRing::generate(&folder.path().join("other"), "example.com/reaper").unwrap();
    let refused = seal_all(&store, &other).await.unwrap_err();
    assert!(matches!(refused, SealError::Unsound { version: 1, .. }), "{refused}");
    assert!(refused.to_string().contains("no known key"), "{refused}");
}

/// As two sweeps do, in two processes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_that_seal_at_once_make_one_tree() {
    let folder = TempDir::new().unwrap();
    let (path, keys) = (folder.path().join("events.db"), Arc::new(keys(&folder)));
    let mut tasks = vec![];
    for writer in 0..3_u32 {
        let store = open(&path);
        tasks.push(tokio::spawn(async move {
            let stream = identity(1_000_000 + writer);
            for version in 0..60 {
                store.append(several(&stream, version, 1)).await.unwrap();
            }
            vec![]
        }));
    }
    for _ in 0..3 {
        let (store, keys) = (open(&path), Arc::clone(&keys));
        tasks.push(tokio::spawn(async move {
            let mut checkpoints = vec![];
            for _ in 0..20 {
                checkpoints.extend(seal_all(&store, &keys).await.unwrap().map(|sealed| sealed.checkpoint));
            }
            checkpoints
        }));
    }
    let mut checkpoints = vec![];
    for task in tasks {
        checkpoints.extend(task.await.unwrap());
    }
    let store = open(&path);
    let report = look(&store, &keys.verifiers(), &checkpoints).await;
    assert_eq!(report.finding, None);
    assert!(report.seals >= 1 && report.commits == 180 + report.seals, "{report:?}");
}

#[tokio::test]
async fn a_key_is_replaced() {
    let folder = TempDir::new().unwrap();
    let (store, mut ring) = (open(&folder.path().join("events.db")), keys(&folder));
    fill(&store, 0..5).await;
    let old_key = ring.verifiers();
    let old = seal_all(&store, &ring).await.unwrap().unwrap().checkpoint;

    ring.begin_rotation().unwrap();
    // A crash here changes nothing: what is begun is gone on with.
    let mut ring = KeyRing::load(&folder.path().join("key")).unwrap();
    ring.begin_rotation().unwrap();
    let both = seal::Sealing { even_seals: true, ..sealing(&ring) };
    let both = both.seal(&store, || true).await.unwrap().unwrap().checkpoint;
    ring.end_rotation().unwrap();
    let ring = KeyRing::load(&folder.path().join("key")).unwrap();
    let all_keys = ring.verifiers();
    assert_eq!((ring.signers().len(), all_keys.len(), &all_keys[1..]), (1, 2, &old_key[..]));
    let new_key = &all_keys[..1];

    fill(&store, 5..9).await;
    let new = seal_all(&store, &ring).await.unwrap().unwrap().checkpoint;
    assert_eq!(look(&store, &all_keys, &[old.clone(), both.clone(), new.clone()]).await.finding, None);
    // Whoever knows one key sees by the checkpoint with both that the other belongs to the same log.
    both.verify(&old_key).unwrap();
    both.verify(new_key).unwrap();
    new.verify(new_key).unwrap();
    new.verify(&old_key).unwrap_err();
    old.verify(new_key).unwrap_err();
    // The old key says nothing of what the new one signed: a key that was introduced by one that may be stolen by now is
    // not taken on. That is told apart from a change.
    let report = look(&store, &old_key, &[]).await;
    let finding = report.finding.unwrap();
    assert!(matches!(&finding, Finding::UnknownKey { commit, .. } if commit.position == 12), "{finding}");
    assert_eq!((report.stopped, report.sound_up_to, report.sealed, report.unsealed), (false, 6, 6, 6));
    // What the new one signed begins with all that is older.
    assert_eq!(look(&store, new_key, &[both, new]).await.finding, None);
}

/// Without any key somebody can change commits, and seal them with a key that is none of ours.
#[tokio::test]
async fn seals_by_a_stranger_do_not_cover_what_is_ours() {
    let folder = TempDir::new().unwrap();
    let (store, ring) = (open(&folder.path().join("events.db")), keys(&folder));
    let stranger = KeyRing::generate(&folder.path().join("other"), "example.com/reaper").unwrap();
    fill(&store, 0..5).await;
    seal_all(&store, &stranger).await.unwrap();
    let finding = look(&store, &ring.verifiers(), &[]).await.finding;
    assert!(matches!(&finding, Some(Finding::UnknownKey { .. })), "{finding:?}");
    // And nothing of ours goes on from there.
    let refused = seal_all(&store, &ring).await.unwrap_err();
    assert!(matches!(refused, SealError::Unsound { .. }), "{refused}");
}
