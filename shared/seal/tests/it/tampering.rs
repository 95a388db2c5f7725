//! Whatever is done to a sealed store behind its back is found, and the first commit that it was done to is named.

use std::sync::OnceLock;

use event_store::{EventStore, Filter, Order, SqliteStore, StoredCommit};
use proptest::prelude::*;
use proptest::sample::Index;
use seal::{Finding, KeyRing, SignedCheckpoint, VerifyError, verify};
use tokio::runtime::Runtime;

use crate::log::{Base, Spoilt, all, fill, look, open, seal_all};

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// 10,000 events in 4,300 commits, sealed six times; the last commits are not sealed.
fn large() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| {
        let base = runtime().block_on(Base::new(&[700, 1, 900, 20, 1500, 1390, 40]));
        assert!(base.events >= 10_000, "{}", base.events);
        base
    })
}

fn finding(spoilt: &Spoilt, base: &Base, earlier: &[SignedCheckpoint]) -> Option<Finding> {
    runtime().block_on(spoilt.look(base, earlier)).finding
}

fn flipped(commit: &StoredCommit, byte: usize, bit: u8) -> Vec<u8> {
    let mut bytes = commit.bytes.clone();
    bytes[byte] ^= 1 << bit;
    bytes
}

#[test]
fn a_store_that_nobody_touched_is_sound() {
    let base = large();
    let report = runtime().block_on(base.copy().look(base, &base.checkpoints));
    assert_eq!(report.finding, None);
    assert_eq!((report.commits, report.seals), (base.commits.len() as u64, 6));
    assert_eq!((report.sealed, report.unsealed), (base.sealed(), 41));
    assert_eq!(report.checkpoint.as_ref(), base.checkpoints.last());
}

/// What is done to the store, at places of which only the sealed ones are protected.
#[derive(Debug, Clone)]
enum Tampering {
    Flip { at: Index, byte: Index, bit: u8 },
    Delete { at: Index, close: bool },
    Insert { at: Index },
    Swap { one: Index, other: Index },
    Truncate { left: Index },
}

fn tampering() -> impl Strategy<Value = Tampering> {
    use Tampering::*;
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), index(), 0..8_u8).prop_map(|(at, byte, bit)| Flip { at, byte, bit }),
        2 => (index(), any::<bool>()).prop_map(|(at, close)| Delete { at, close }),
        1 => index().prop_map(|at| Insert { at }),
        1 => (index(), index()).prop_map(|(one, other)| Swap { one, other }),
        1 => index().prop_map(|left| Truncate { left }),
    ]
}

fn tamper(base: &Base, tampering: &Tampering) {
    let sealed = usize::try_from(base.sealed()).unwrap();
    let copy = base.copy();
    match tampering {
        Tampering::Flip { at, byte, bit } => {
            let at = at.index(sealed);
            let commit = &base.commits[at];
            copy.set_body(commit.position, &flipped(commit, byte.index(commit.bytes.len()), *bit));
            let found = finding(&copy, base, &[]);
            assert_eq!(found.as_ref().and_then(Finding::position), Some(commit.position), "{found:?}");
            assert!(matches!(found, Some(Finding::Altered { .. } | Finding::BadSeal { .. })), "{found:?}");
        }
        Tampering::Delete { at, close } => {
            let position = base.position(at.index(sealed));
            copy.sql(&format!(
                "DELETE FROM commits WHERE number = {position}; DELETE FROM events WHERE commit_no = {position}"
            ));
            if *close {
                copy.shift(position, -1);
            }
            let found = finding(&copy, base, &[]);
            assert!(
                matches!(&found, Some(Finding::Missing { commit }) if commit.position == position),
                "{position}: {found:?}"
            );
        }
        Tampering::Insert { at } => {
            let at = at.index(sealed);
            let position = base.position(at);
            copy.shift(position, 1);
            let forged = String::from_utf8(base.commits[at].bytes.clone()).unwrap();
            let forged = forged.replace("\"stream\":\"", "\"stream\":\"identity/9").into_bytes();
            copy.conn()
                .execute(
                    "INSERT INTO commits SELECT ?1, 'identity/99', version, recorded_at, ?2 FROM commits WHERE number = ?1 + 1",
                    (position.cast_signed(), forged),
                )
                .unwrap();
            let found = finding(&copy, base, &[]);
            assert!(
                matches!(&found, Some(Finding::Inserted { commit }) if commit.position == position),
                "{position}: {found:?}"
            );
        }
        Tampering::Swap { one, other } => {
            let (one, other) = (one.index(sealed), other.index(sealed));
            let (first, second) = (one.min(other), one.max(other));
            if first == second {
                return;
            }
            copy.set_body(base.position(first), &base.commits[second].bytes);
            copy.set_body(base.position(second), &base.commits[first].bytes);
            let found = finding(&copy, base, &[]);
            // A seal that is read before its time cannot say what is missing before it.
            if base.is_seal(first) || base.is_seal(second) {
                assert!(found.is_some());
            } else {
                assert_eq!(
                    found.as_ref().and_then(Finding::position),
                    Some(base.position(first)),
                    "{found:?}"
                );
                assert!(matches!(found, Some(Finding::Moved { .. } | Finding::Altered { .. })), "{found:?}");
            }
        }
        Tampering::Truncate { left } => {
            let left = left.index(sealed + 1);
            copy.sql(&format!(
                "DELETE FROM commits WHERE number > {left}; DELETE FROM events WHERE commit_no > {left}"
            ));
            let found = finding(&copy, base, &base.checkpoints[5..]);
            let (left, were) = (left as u64, base.sealed());
            if left < were {
                assert_eq!(found, Some(Finding::Truncated { left, were }));
            } else {
                assert!(matches!(found, Some(Finding::Unsealed { .. })), "{found:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn every_change_is_found_and_named(tampering in tampering()) {
        tamper(large(), &tampering);
    }
}

/// Every bit of some commits, among them a seal.
#[test]
fn every_byte_of_a_commit_counts() {
    let base = runtime().block_on(Base::new(&[6, 3, 1]));
    let copy = base.copy();
    let (conn, reader) = (copy.conn(), copy.reader());
    let keys = base.keys.verifiers();
    let mut update = conn.prepare("UPDATE commits SET body = ?2 WHERE number = ?1").unwrap();
    assert!(base.is_seal(6));
    for commit in [&base.commits[0], &base.commits[4], &base.commits[6]] {
        let number = commit.position.cast_signed();
        for byte in 0..commit.bytes.len() {
            update.execute((number, flipped(commit, byte, byte as u8 % 8))).unwrap();
            let found = runtime().block_on(look(&reader, &keys, &[])).finding;
            assert_eq!(
                found.as_ref().and_then(Finding::position),
                Some(commit.position),
                "byte {byte}: {found:?}"
            );
        }
        update.execute((number, &commit.bytes)).unwrap();
    }
    assert_eq!(runtime().block_on(look(&reader, &keys, &base.checkpoints)).finding, None);
}

/// The seal at the end is not sealed yet. What it says of others is signed all the same.
#[test]
fn the_last_seal_vouches_for_others_before_it_is_sealed_itself() {
    let base = runtime().block_on(Base::new(&[6, 0]));
    let copy = base.copy();
    let (last, keys, reader) = (base.commits.last().unwrap(), base.keys.verifiers(), copy.reader());
    let text = std::str::from_utf8(&last.bytes).unwrap();
    let data = text.find("\"data\":").unwrap() + "\"data\":".len()..text.len() - "}]}".len();
    for byte in data {
        copy.set_body(last.position, &flipped(last, byte, 1));
        let found = runtime().block_on(look(&reader, &keys, &base.checkpoints)).finding;
        assert!(found.is_some(), "byte {byte} of the seal: {}", &text[..byte]);
    }
}

/// Bytes of the file itself, where SQLite keeps its own.
#[test]
fn every_byte_of_the_file_counts_or_changes_nothing() {
    async fn shown(store: &SqliteStore) -> Option<(Vec<StoredCommit>, Vec<kubeconfig::Recorded>)> {
        let mut commits = vec![];
        loop {
            let page =
                store.commits(commits.last().map_or(0, |c: &StoredCommit| c.position), 1000).await.ok()?;
            if page.is_empty() {
                break;
            }
            commits.extend(page);
        }
        let mut events = vec![];
        for filter in [
            Filter::default(),
            Filter { actors: vec!["timer".to_owned()], ..Filter::default() },
            Filter { types: vec!["ClusterGone".to_owned()], ..Filter::default() },
            Filter { kinds: vec!["identity".to_owned()], ..Filter::default() },
        ] {
            events.extend(store.query(&filter, Order::Newest, None, 1000).await.ok()?.events);
        }
        Some((commits, events))
    }
    let base = runtime().block_on(Base::new(&[30, 30, 0]));
    let copy = base.copy();
    let original = std::fs::read(&copy.path).unwrap();
    let whole = runtime().block_on(shown(&copy.reader())).unwrap();
    let (mut caught, mut harmless) = (0, 0);
    for step in 0..160 {
        let (mut bytes, byte) = (original.clone(), (step * 104_729 + 31) % original.len());
        bytes[byte] ^= 1 << (step % 8);
        std::fs::write(&copy.path, bytes).unwrap();
        let opened =
            SqliteStore::open(&copy.path, event_store::Options { read_only: true, ..Default::default() });
        let sound = opened.as_ref().ok().and_then(|store| {
            let looked = runtime().block_on(verify(store, &base.keys.verifiers(), &base.checkpoints, |_| ()));
            // What is damaged is a finding. That it could not be found out would say that it may be sound.
            assert!(looked.is_ok(), "byte {byte}: {looked:?}");
            looked.ok().filter(|report| report.finding.is_none())
        });
        if sound.is_some() {
            let shown = runtime().block_on(shown(&opened.unwrap())).unwrap();
            // The last seal is not protected yet.
            let sealed = usize::try_from(base.sealed()).unwrap();
            assert_eq!(shown.0[..sealed], whole.0[..sealed], "byte {byte}");
            harmless += 1;
        } else {
            caught += 1;
        }
    }
    assert!(caught > 40 && harmless > 0, "{caught} caught, {harmless} harmless");
}

#[test]
fn what_events_are_found_by_is_looked_at_too() {
    let base = runtime().block_on(Base::new(&[12, 0]));
    let rich = base.position(2);
    let seal = base.position(12);
    for (sql, position) in [
        (format!("DELETE FROM events WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET actor = 'nobody' WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET type = 'X' WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET id = randomblob(16) WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET uid = NULL WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET revocation = NULL WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE events SET position = position + 1 WHERE commit_no = {rich}"), Some(rich)),
        (format!("UPDATE commits SET stream = 'identity/77' WHERE number = {rich}"), Some(rich)),
        (format!("UPDATE commits SET version = 9 WHERE number = {rich}"), Some(rich)),
        (format!("UPDATE commits SET recorded_at = recorded_at - 1 WHERE number = {rich}"), Some(rich)),
        (format!("DELETE FROM events WHERE commit_no = {seal}"), Some(seal)),
        ("INSERT INTO commits SELECT 0, 'identity/77', 1, recorded_at, body FROM commits WHERE number = 1".to_owned(), None),
        ("INSERT INTO commits SELECT -5, 'identity/77', 1, recorded_at, body FROM commits WHERE number = 1".to_owned(), None),
        (
            "INSERT INTO events SELECT 25600, 100, randomblob(16), kind, cluster, uid, actor, type, revocation, correlation, channel
             FROM events WHERE position = 256"
                .to_owned(),
            None,
        ),
    ] {
        let copy = base.copy();
        copy.sql(&sql);
        let found = finding(&copy, &base, &base.checkpoints);
        let Some(found @ Finding::Misfiled { .. }) = found else { panic!("{sql}: {found:?}") };
        assert_eq!(found.position(), position, "{sql}: {found}");
    }
}

/// Somebody with the key can make a tree that is sound in itself. It is not the one that was there before.
#[tokio::test]
async fn a_tree_that_was_made_anew_is_not_the_earlier_one() {
    let base = Base::new(&[50, 30, 20, 0]).await;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("events.db"));
    for part in [0..50, 50..80, 80..110] {
        // Other ids, so other bytes.
        fill(&store, part).await;
        seal_all(&store, &base.keys).await.unwrap();
    }
    let keys = base.keys.verifiers();
    assert_eq!(look(&store, &keys, &[]).await.finding, None);
    for checkpoint in &base.checkpoints {
        let report = look(&store, &keys, std::slice::from_ref(checkpoint)).await;
        assert_eq!(report.finding, Some(Finding::Rewritten { size: checkpoint.checkpoint().size }));
        assert_eq!(report.sound_up_to, 0, "it agrees with itself alone");
    }
}

/// Without the key it cannot even be sound. That is no change either: it is told apart.
#[tokio::test]
async fn seals_by_another_key_are_not_believed() {
    let base = Base::new(&[5, 5, 0]).await;
    let other = KeyRing::generate(&base.folder.path().join("other"), "example.com/reaper").unwrap();
    let finding = look(&open(&base.path), &other.verifiers(), &[]).await.finding.unwrap();
    assert!(matches!(&finding, Finding::UnknownKey { commit, .. } if commit.position == 6), "{finding:?}");
    assert!(finding.to_string().contains("no known key vouches for it"), "{finding}");
    let store = open(&base.path);
    let refused = verify(&store, &other.verifiers(), &base.checkpoints, |_| ()).await.unwrap_err();
    assert!(matches!(refused, VerifyError::Checkpoint(_)), "{refused}");
}

/// What follows a change is counted, so that the numbers are those of the store.
#[tokio::test]
async fn where_the_comparison_stopped_is_said() {
    let base = Base::new(&[10, 10, 10, 2]).await;
    let total = base.commits.len() as u64;
    for (altered, sound_up_to) in [(1, 0), (8, 7), (14, 13), (23, 22)] {
        let copy = base.copy();
        for number in [altered, 25] {
            copy.set_body(number, &flipped(&base.commits[number as usize - 1], 40, 0));
        }
        let report = copy.look(&base, &base.checkpoints).await;
        assert_eq!(report.finding.and_then(|finding| finding.position()), Some(altered));
        let said = (report.stopped, report.sound_up_to, report.commits, report.seals);
        assert_eq!(said, (true, sound_up_to, total, 3), "commit {altered} was altered");
    }
    let report = base.copy().look(&base, &base.checkpoints).await;
    assert_eq!((report.stopped, report.sound_up_to), (false, base.sealed()));
}

/// Several things at once: seals that are gone together with what they sealed.
#[tokio::test]
async fn more_than_one_change_is_found_as_well() {
    let base = Base::new(&[10, 10, 10, 0]).await;
    let (first_seal, second_seal) = (11, 22);
    for (numbers, wanted) in [
        (vec![first_seal], Some(11)),
        (vec![second_seal], Some(22)),
        (vec![first_seal, second_seal], None),
        (vec![3, first_seal], None),
        ((3..=25).collect(), None),
    ] {
        let copy = base.copy();
        for number in &numbers {
            copy.sql(&format!(
                "DELETE FROM commits WHERE number = {number}; DELETE FROM events WHERE commit_no = {number}"
            ));
        }
        let finding = copy.look(&base, &[]).await.finding.unwrap();
        assert_eq!(finding.position(), wanted, "{numbers:?}: {finding}");
        assert!(wanted.is_some() || matches!(finding, Finding::SealsLost { .. }), "{finding}");
    }
}

/// Without a checkpoint that is kept elsewhere a tail that is cut off leaves no trace: this is what they are for.
#[tokio::test]
async fn a_tail_that_is_cut_off_shows_against_a_checkpoint_only() {
    let base = Base::new(&[10, 10, 0]).await;
    for left in 11..=base.commits.len() - 1 {
        let copy = base.copy();
        copy.sql(&format!(
            "DELETE FROM commits WHERE number > {left}; DELETE FROM events WHERE commit_no > {left};
             DELETE FROM disclosures WHERE commit_no > {left}"
        ));
        assert_eq!(copy.look(&base, &[]).await.finding, None);
        assert_eq!(copy.look(&base, &base.checkpoints[..1]).await.finding, None);
        assert!(copy.look(&base, &base.checkpoints[1..]).await.finding.is_some(), "{left} left");
    }
}

#[tokio::test]
async fn the_finding_says_which_event() {
    let base = Base::new(&[10, 0]).await;
    let copy = base.copy();
    let commit = &base.commits[2];
    let text = String::from_utf8(commit.bytes.clone()).unwrap();
    copy.set_body(commit.position, text.replace("slack", "mallo").as_bytes());
    let finding = copy.look(&base, &[]).await.finding.unwrap().to_string();
    let events = commit.events().unwrap();
    let expected =
        format!("altered: commit 3 ({}, event {}) has other bytes", events[0].stream, events[0].id);
    assert!(text.contains("slack") && finding.starts_with(&expected), "{finding}");
    assert_eq!(all(&open(&base.path)).await, base.commits);
}
