//! The core is pure. A compiler cannot tell, so its sources are searched for the usual ways to a clock, to randomness,
//! to files and to the network, and its manifest for crates that would lead there.

use std::fs;
use std::path::{Path, PathBuf};

const FORBIDDEN: [&str; 19] = [
    "::now",
    "SystemTime",
    "Instant",
    "Zoned",
    "rand::",
    "getrandom",
    "new_v4",
    "now_v7",
    "now_v1",
    "RandomState",
    "HashMap",
    "HashSet",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "tokio",
    "async fn",
];

const CRATES: [&str; 5] = ["jiff", "serde", "serde_json", "thiserror", "uuid"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn the_core_reads_no_clock_and_rolls_no_dice() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(files.len() > 15, "the sources were found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (number, line) in code.enumerate() {
            for word in FORBIDDEN {
                assert!(!line.contains(word), "{}: `{word}` in code line {number}: {line}", file.display());
            }
        }
    }
}

#[test]
fn the_core_depends_on_nothing_that_could() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
    let names: Vec<_> = dependencies
        .lines()
        .filter_map(|line| line.split(['.', ' ']).next())
        .filter(|n| !n.is_empty())
        .collect();
    assert_eq!(names, CRATES);
}
