//! Proofs: made from a store, checked without it, here and by an independent implementation.

use event_store::{EventStore, MemoryStore};
use kubeconfig::EventId;
use proptest::prelude::*;
use seal::{
    ConsistencyProof, EventProof, Hash, KeyRing, ProofError, ProveError, SignedCheckpoint, VerifierKey,
    prove_event, prove_extension,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::log::{Base, all, commit, keys, seal_all};

struct Sealed {
    store: MemoryStore,
    keys: Vec<VerifierKey>,
    ring: KeyRing,
    checkpoints: Vec<SignedCheckpoint>,
    _folder: TempDir,
}

async fn sealed(parts: &[usize]) -> Sealed {
    let folder = TempDir::new().unwrap();
    let (store, ring, mut checkpoints, mut number) = (MemoryStore::new(), keys(&folder), vec![], 0);
    for part in parts {
        for _ in 0..*part {
            store.append(commit(number)).await.unwrap();
            number += 1;
        }
        checkpoints.push(seal_all(&store, &ring).await.unwrap().unwrap().checkpoint);
    }
    Sealed { store, keys: ring.verifiers(), ring, checkpoints, _folder: folder }
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(hash.0)
}

/// The text of a checkpoint as another implementation reads it: size and root.
fn read_by_others(checkpoint: &SignedCheckpoint, key: &VerifierKey) -> (u64, tlog_tiles::Hash) {
    let note = signed_note::Note::from_bytes(checkpoint.to_string().as_bytes()).unwrap();
    let verifier = signed_note::StandardVerifier::new(&key.to_string()).unwrap();
    note.verify(&signed_note::VerifierList::new(vec![Box::new(verifier)])).unwrap();
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!(read.origin(), key.name());
    (read.size(), *read.hash())
}

#[tokio::test]
async fn every_sealed_event_is_proven() {
    let Sealed { store, keys, checkpoints, .. } = sealed(&[5, 1, 7]).await;
    let latest = checkpoints.last().unwrap();
    for (index, commit) in (0..latest.checkpoint().size).zip(all(&store).await) {
        for event in commit.events().unwrap() {
            let text = prove_event(&store, &keys, event.id, |_| ()).await.unwrap().to_string();
            let proof = EventProof::parse(&text).unwrap();
            assert_eq!(proof.to_string(), text);
            let (size, root) = read_by_others(&proof.checkpoint, &keys[0]);
            let path = proof.path.iter().map(theirs).collect();
            let leaf = tlog_tiles::record_hash(&proof.commit);
            tlog_tiles::check_record(&path, size, root, proof.index, leaf).unwrap();
            let proven = proof.verify(&keys).unwrap();
            assert_eq!((proven.index, &proven.checkpoint), (index, latest));
            assert_eq!(proven.events, commit.events().unwrap());
        }
    }
}

#[tokio::test]
async fn every_checkpoint_is_the_beginning_of_the_latest() {
    let Sealed { store, keys, checkpoints, .. } = sealed(&[5, 1, 7, 2]).await;
    for earlier in &checkpoints {
        let text = prove_extension(&store, &keys, earlier, |_| ()).await.unwrap().to_string();
        let proof = ConsistencyProof::parse(&text).unwrap();
        assert_eq!(proof.to_string(), text);
        let (old, new) = (read_by_others(earlier, &keys[0]), read_by_others(&proof.checkpoint, &keys[0]));
        let path = proof.path.iter().map(theirs).collect();
        tlog_tiles::check_tree(&path, new.0, new.1, old.0, old.1).unwrap();
        assert_eq!(&proof.clone().verify(earlier, &keys).unwrap(), checkpoints.last().unwrap());
        for other in checkpoints.iter().filter(|other| *other != earlier) {
            assert!(matches!(proof.clone().verify(other, &keys), Err(ProofError::NotExtended)));
        }
    }
}

/// c2sp.org/tlog-proof.
#[tokio::test]
async fn the_file_has_the_published_form() {
    let Sealed { store, keys, checkpoints, .. } = sealed(&[3]).await;
    let id = all(&store).await[2].events().unwrap()[0].id;
    let text = prove_event(&store, &keys, id, |_| ()).await.unwrap().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
    assert!(lines[1].starts_with("extra eyJmb3JtYXQiOjIs"), "{}", lines[1]);
    assert_eq!((lines[2], lines[3].len(), lines[4]), ("index 2", 44, ""));
    assert_eq!(lines[5..8], ["example.com/reaper", "3", &checkpoints[0].checkpoint().root.to_string()]);
    assert!(lines[8].is_empty() && lines[9].starts_with("— example.com/reaper ") && lines.len() == 10);
}

#[tokio::test]
async fn a_proof_with_one_byte_changed_proves_nothing() {
    let Sealed { store, keys, checkpoints, .. } = sealed(&[4, 2]).await;
    let id = all(&store).await[1].events().unwrap()[0].id;
    let of_event = prove_event(&store, &keys, id, |_| ()).await.unwrap().to_string();
    let of_tree = prove_extension(&store, &keys, &checkpoints[0], |_| ()).await.unwrap().to_string();
    let holds = |text: &str| EventProof::parse(text).is_ok_and(|proof| proof.verify(&keys).is_ok());
    let extends =
        |text: &str| ConsistencyProof::parse(text).is_ok_and(|p| p.verify(&checkpoints[0], &keys).is_ok());
    spoil(&of_event, holds);
    spoil(&of_tree, extends);
}

/// No change of a byte, and no shorter text, may pass.
fn spoil(text: &str, passes: impl Fn(&str) -> bool) {
    assert!(passes(text));
    for byte in 0..text.len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[byte] ^= 1 << (byte % 7);
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(!passes(&changed), "byte {byte}");
        }
        if byte % 5 == 0 && text.is_char_boundary(byte) {
            assert!(!passes(&text[..byte]), "cut off at {byte}");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_proven_is_said() {
    let Sealed { store, keys, ring, checkpoints, .. } = sealed(&[4]).await;
    let nobody = EventId::new(Uuid::from_u128(7));
    let failed = prove_event(&store, &keys, nobody, |_| ()).await.unwrap_err();
    assert!(matches!(failed, ProveError::NoSuchEvent(id) if id == nobody), "{failed}");
    let late = store.append(commit(50)).await.unwrap().recorded[0].id;
    let failed = prove_event(&store, &keys, late, |_| ()).await.unwrap_err();
    assert!(matches!(failed, ProveError::NotSealed(id) if id == late), "{failed}");
    seal_all(&store, &ring).await.unwrap();
    prove_event(&store, &keys, late, |_| ()).await.unwrap();

    let longer = sealed(&[9]).await;
    let failed = prove_extension(&store, &keys, &longer.checkpoints[0], |_| ()).await.unwrap_err();
    assert!(matches!(failed, ProveError::Verify(_)), "another key: {failed}");
    let other = MemoryStore::new();
    other.append(commit(1)).await.unwrap();
    seal_all(&other, &ring).await.unwrap();
    let failed = prove_extension(&other, &keys, &checkpoints[0], |_| ()).await.unwrap_err();
    assert!(matches!(failed, ProveError::Changed(_)), "another store: {failed}");
}

#[tokio::test]
async fn nothing_is_proven_from_a_store_that_was_changed() {
    let base = Base::new(&[6, 0]).await;
    let copy = base.copy();
    copy.set_body(2, b"{}");
    let id = base.commits[0].events().unwrap()[0].id;
    let failed = prove_event(&copy.reader(), &base.keys.verifiers(), id, |_| ()).await.unwrap_err();
    assert!(failed.to_string().contains("altered: commit 2"), "{failed}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(c2sp.org/tlog-proof@v1\n)?(extra [A-Za-z0-9+/=]{0,8}\n)?(index [0-9]{1,3}\n)?(old [0-9]{1,21}\n)?([A-Za-z0-9+/]{43}=\n){0,3}\n?(?s).{0,60}") {
        if let Ok(proof) = EventProof::parse(&text) {
            prop_assert_eq!(proof.to_string(), text.clone());
        }
        if let Ok(proof) = ConsistencyProof::parse(&text) {
            prop_assert_eq!(proof.to_string(), text);
        }
    }
}
