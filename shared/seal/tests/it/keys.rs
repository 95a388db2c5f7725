//! The file with the keys.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use seal::{KeyFileError, KeyRing};
use tempfile::TempDir;

#[test]
fn only_its_owner_can_read_it_before_and_after_a_rotation() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    let mode = || fs::metadata(&path).unwrap().mode() & 0o777;
    let mut ring = KeyRing::generate(&path, "example.com/log").unwrap();
    assert_eq!((mode(), ring.name()), (0o600, "example.com/log"));
    ring.begin_rotation().unwrap();
    assert_eq!((mode(), ring.signers().len()), (0o600, 2));
    ring.end_rotation().unwrap();
    assert_eq!((mode(), ring.signers().len()), (0o600, 1));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    let loaded = KeyRing::load(&path).unwrap();
    assert_eq!(loaded.verifiers(), ring.verifiers());
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("PRIVATE+KEY").count(), 1);
    assert!(!format!("{loaded:?}").contains("PRIVATE"));
}

#[test]
fn a_key_is_never_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    let ring = KeyRing::generate(&path, "a").unwrap();
    assert!(matches!(KeyRing::generate(&path, "b"), Err(KeyFileError::Exists(_))));
    assert_eq!(KeyRing::load(&path).unwrap().verifiers(), ring.verifiers());
}

/// A process without a file of its own gets the lines by its environment, signs, and cannot replace them.
#[test]
fn keys_can_be_given_as_a_text() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    let mut ring = KeyRing::generate(&path, "a").unwrap();
    ring.begin_rotation().unwrap();
    ring.end_rotation().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    for text in [text.clone(), text.trim().replace('\n', ","), text.replace('\n', " , ")] {
        let mut given = KeyRing::parse(&text).unwrap();
        assert_eq!(given.verifiers(), ring.verifiers());
        assert!(matches!(given.begin_rotation(), Err(KeyFileError::NoFile)));
    }
    let wrong = KeyRing::parse("PRIVATE+KEY+a+nonsense").unwrap_err().to_string();
    assert!(wrong.starts_with("the text of the keys, line 1: ") && !wrong.contains("nonsense"), "{wrong}");
}

#[test]
fn a_key_that_others_can_read_is_not_used() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    KeyRing::generate(&path, "a").unwrap();
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(matches!(KeyRing::load(&path), Err(KeyFileError::Open { .. })), "{mode:o}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    KeyRing::load(&path).unwrap();
}

#[test]
fn what_is_wrong_with_the_file_is_said_without_its_secrets() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key");
    assert!(matches!(KeyRing::load(&path), Err(KeyFileError::Missing(_))));
    KeyRing::generate(&path, "a").unwrap();
    let key = fs::read_to_string(&path).unwrap().lines().nth(1).unwrap().to_owned();
    KeyRing::generate(&folder.path().join("other"), "b").unwrap();
    let other = fs::read_to_string(folder.path().join("other")).unwrap().lines().nth(1).unwrap().to_owned();
    for (text, says) in [
        (String::new(), "no key in it signs"),
        (format!("{key}\n{other}\n"), "its keys have different names"),
        (format!("{key}\n{key}\n{key}\n"), "more than two keys in it sign"),
        (format!("\n{}\n", &key[..key.len() - 4]), "line 2: not a key"),
        (format!("{key}\n# note\n\nnonsense\n"), "line 4: not a key"),
    ] {
        fs::write(&path, text).unwrap();
        let error = KeyRing::load(&path).unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains(&key[30..]), "{error}");
    }
}
