//! The checkpoint in a file.

use std::fs;

use seal::{Checkpoint, Hash, SignedCheckpoint, Tree, keep_checkpoint, kept_checkpoint};
use tempfile::TempDir;

use crate::log::keys;

#[test]
fn the_larger_checkpoint_of_a_log_is_kept() {
    let folder = TempDir::new().unwrap();
    let (ring, path) = (keys(&folder), folder.path().join("checkpoint"));
    let at = |origin: &str, size: u64| {
        let mut tree = Tree::default();
        tree.extend((0..size).map(|leaf| Hash::leaf(&leaf.to_be_bytes())));
        Checkpoint::of(origin, &tree).sign(ring.signers()).unwrap()
    };
    assert_eq!(kept_checkpoint(&path).unwrap(), None);
    for (origin, size, kept) in [("a", 3, 3), ("a", 5, 5), ("a", 4, 5), ("b", 1, 1)] {
        keep_checkpoint(&path, &at(origin, size)).unwrap();
        assert_eq!(kept_checkpoint(&path).unwrap().unwrap().checkpoint().size, kept);
    }
    fs::write(&path, "nonsense").unwrap();
    kept_checkpoint(&path).unwrap_err();
    keep_checkpoint(&path, &at("a", 9)).unwrap_err();
    assert_eq!(fs::read_to_string(&path).unwrap(), "nonsense", "what is not ours is left alone");
}

/// c2sp.org/tlog-checkpoint.
#[test]
fn a_checkpoint_is_three_lines_and_signatures() {
    let folder = TempDir::new().unwrap();
    let ring = keys(&folder);
    let mut tree = Tree::default();
    tree.push(Hash::leaf(b""));
    let signed = Checkpoint::of("example.com/reaper", &tree).sign(ring.signers()).unwrap();
    let text = signed.to_string();
    let begin =
        "example.com/reaper\n1\nbjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=\n\n— example.com/reaper ";
    assert!(text.starts_with(begin), "{text}");
    assert_eq!(SignedCheckpoint::open(&text, &ring.verifiers()).unwrap(), signed);
    // Another origin than that of the key; numbers in another form; lines that are too few.
    let foreign = Checkpoint::of("example.com/other", &tree).sign(ring.signers()).unwrap().to_string();
    let said = SignedCheckpoint::open(&foreign, &ring.verifiers()).unwrap_err().to_string();
    assert_eq!(said, "the checkpoint is of example.com/other, but signed as example.com/reaper");
    for (old, new) in [
        ("\n1\n", "\n01\n"),
        ("\n1\n", "\n+1\n"),
        ("\n1\n", "\n\n"),
        ("\n1\n", "\n18446744073709551616\n"),
        ("bjQL", "bj"),
    ] {
        assert!(SignedCheckpoint::parse(&text.replacen(old, new, 1)).is_err(), "{new:?}");
    }
}
