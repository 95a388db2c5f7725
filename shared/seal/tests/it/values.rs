//! Personal values: a change is found and named, an erasure with a record of it is none.

use event_store::contract::sample::{identity, named, new, of, person};
use event_store::{EventStore, MemoryStore};
use kubeconfig::identity::IdentityEvent;
use kubeconfig::{EventId, NewEvent};
use seal::{EventProof, Finding, ProofError, prove_event};

use crate::log::{Base, all, keys, look, open, seal_all};

/// What is done to the values behind the back of a store is found, and told from what was erased.
#[tokio::test]
async fn a_value_that_was_changed_removed_or_moved_is_named() {
    let base = Base::new(&[12, 0]).await;
    // Its third commit is by a person, and says why.
    let (rich, other) = (base.position(2), base.position(7));
    let forged = "CAST('[\"AAAAAAAAAAAAAAAAAAAAAA\",\"human\",\"mallory\"]' AS BLOB)";
    for (sql, says) in [
        (
            format!("UPDATE disclosures SET disclosure = {forged} WHERE commit_no = {rich}"),
            "forged: commit 3",
        ),
        (format!("UPDATE disclosures SET disclosure = x'00' WHERE commit_no = {rich}"), "forged: commit 3"),
        (format!("UPDATE disclosures SET commit_no = {other} WHERE commit_no = {rich}"), "forged: commit 8"),
        (
            format!("DELETE FROM disclosures WHERE commit_no = {rich}"),
            "removed: 2 personal values of commit 3 are gone, and no erasure of them is stored",
        ),
        (
            format!("UPDATE disclosures SET digest = zeroblob(32) WHERE rowid_of = {rich}").replace(
                "rowid_of",
                "digest = (SELECT min(digest) FROM disclosures WHERE commit_no = 3) AND commit_no",
            ),
            "misfiled: commit 3: a personal value beside it is filed under another digest than its own",
        ),
        (
            format!(
                "INSERT INTO disclosures SELECT 99, digest, disclosure FROM disclosures WHERE commit_no = {rich}"
            ),
            "misfiled: there is a personal value of commit 99, which is not there",
        ),
    ] {
        let copy = base.copy();
        copy.sql(&sql);
        let found = copy.look(&base, &base.checkpoints).await.finding;
        let said = found.as_ref().map(ToString::to_string).unwrap_or_default();
        assert!(said.starts_with(says), "{sql}: {said}");
    }
}

/// Bytes of the values, one after the other.
#[tokio::test]
async fn every_byte_of_a_value_counts() {
    let base = Base::new(&[4, 0]).await;
    let copy = base.copy();
    let (conn, reader, keys) = (copy.conn(), copy.reader(), base.keys.verifiers());
    let read = "SELECT digest, disclosure FROM disclosures WHERE commit_no = 3 LIMIT 1";
    let (digest, value): (Vec<u8>, Vec<u8>) =
        conn.query_row(read, (), |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let set = |value: &[u8]| {
        conn.execute("UPDATE disclosures SET disclosure = ?2 WHERE digest = ?1", (&digest, value)).unwrap();
    };
    for byte in 0..value.len() {
        let mut changed = value.clone();
        changed[byte] ^= 1 << (byte % 8);
        set(&changed);
        let found = look(&reader, &keys, &base.checkpoints).await.finding;
        assert!(matches!(found, Some(Finding::Forged { .. })), "byte {byte}: {found:?}");
    }
    set(&value);
    assert_eq!(look(&reader, &keys, &base.checkpoints).await.finding, None);
}

/// The digests of the first event of a commit.
fn digests(store: &[event_store::StoredCommit], commit: usize) -> Vec<String> {
    store[commit].digests().unwrap().iter().map(|(_, _, digest)| digest.to_string()).collect()
}

#[tokio::test]
async fn what_was_erased_with_a_record_of_it_is_no_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let (store, ring) = (open(&path), keys(&folder));
    store.append(of(&identity(1), 0, new(named("zoe")))).await.unwrap();
    store.append(of(&identity(2), 0, new(named("tom")))).await.unwrap();
    let sealed = seal_all(&store, &ring).await.unwrap().unwrap().checkpoint;
    let log = all(&store).await;
    let begun = IdentityEvent::PersonalDataErasureBegun {
        digests: digests(&log, 0),
        reason: None,
        overridden: vec![],
    };
    store.append(of(&identity(1), 1, new(begun))).await.unwrap();
    let begun = look(&store, &ring.verifiers(), std::slice::from_ref(&sealed)).await;
    assert_eq!((begun.finding, begun.erased, begun.not_erased), (None, 0, 1));
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute("DELETE FROM disclosures WHERE commit_no = 1", ()).unwrap();
    let done = look(&store, &ring.verifiers(), std::slice::from_ref(&sealed)).await;
    assert_eq!((done.finding, done.erased, done.not_erased), (None, 1, 0));
    seal_all(&store, &ring).await.unwrap();
    conn.execute("DELETE FROM disclosures WHERE commit_no = 2", ()).unwrap();
    let removed = look(&store, &ring.verifiers(), &[sealed]).await.finding;
    assert!(matches!(removed, Some(Finding::Undisclosed { values: 1, .. })), "{removed:?}");
}

async fn proven() -> (MemoryStore, seal::KeyRing, EventId, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (store, ring) = (MemoryStore::new(), keys(&folder));
    let told = NewEvent { actor: person("zoe"), ..new(named("zoe.birch")) };
    let id = store.append(of(&identity(1), 0, told)).await.unwrap().recorded[0].id;
    seal_all(&store, &ring).await.unwrap();
    (store, ring, id, folder)
}

#[tokio::test]
async fn a_proof_has_the_values_and_holds_without_them() {
    let (store, ring, id, _folder) = proven().await;
    let proof = prove_event(&store, &ring.verifiers(), id, |_| ()).await.unwrap();
    assert_eq!(proof.disclosures.len(), 2);
    let read = EventProof::parse(&proof.to_string()).unwrap();
    assert_eq!(read, proof);
    let shown = read.verify(&ring.verifiers()).unwrap().events;
    assert_eq!((shown[0].actor.name(), &shown[0].event), ("zoe", &named("zoe.birch").into()));
    // Whoever passes it on may leave out whom it names.
    for left in 0..2 {
        let disclosures = proof.disclosures[..left].to_vec();
        let less = EventProof { disclosures, ..proof.clone() }.to_string();
        let shown = EventProof::parse(&less).unwrap().verify(&ring.verifiers()).unwrap().events;
        assert_eq!(shown[0].actor.name(), "(erased)");
        assert_eq!(shown[0].event, named(if left == 0 { "(erased)" } else { "zoe.birch" }).into());
    }
}

#[tokio::test]
async fn a_value_from_elsewhere_makes_a_proof_wrong() {
    let (store, ring, id, _folder) = proven().await;
    let proof = prove_event(&store, &ring.verifiers(), id, |_| ()).await.unwrap();
    let (other, other_ring, other_id, _other) = proven().await;
    let theirs = prove_event(&other, &other_ring.verifiers(), other_id, |_| ()).await.unwrap();
    let mixed = EventProof { disclosures: theirs.disclosures, ..proof };
    let refused = EventProof::parse(&mixed.to_string()).unwrap().verify(&ring.verifiers());
    assert!(matches!(refused, Err(ProofError::Forged)), "{refused:?}");
}
