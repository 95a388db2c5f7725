//! The seeds of the fuzzer, which are the vectors of `vectors.txt` and the rows in them, as a plain test: no decoder panics, and what decodes can be encoded and decoded again.

use std::fs;
use std::path::{Path, PathBuf};

use tablestore_rs::plainbuffer::{decode_row, decode_rows, decode_variant, encode_rows};
use tablestore_rs::types::Row;

#[path = "../../fuzz/fuzz_targets/messages.rs"]
mod messages;

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> =
        files.map(|file| file.unwrap().path()).map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    seeds.sort();
    assert!(seeds.len() >= 5, "{target} has {} seeds", seeds.len());
    seeds
}

/// A seed, cut everywhere and with each byte changed in a few ways.
fn variants(seed: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let cut = (0..=seed.len()).map(|length| seed[..length].to_vec());
    let changed = (0..seed.len()).flat_map(|at| {
        [0x01, 0x80, 0xff].map(|change| {
            let mut bytes = seed.to_vec();
            bytes[at] ^= change;
            bytes
        })
    });
    cut.chain(changed)
}

#[test]
fn rows() {
    for (path, seed) in corpus("plainbuffer") {
        for bytes in variants(&seed) {
            let _ = decode_row(&bytes);
            let _ = decode_variant(&bytes);
            let Ok(rows) = decode_rows(&bytes) else { continue };
            let encoded = encode_rows(&rows).unwrap();
            // Compared as bytes: a double that is no number does not equal itself.
            let again = encode_rows(&decode_rows(&encoded).unwrap()).unwrap();
            assert_eq!(again, encoded, "{}", path.display());
            let _: Vec<_> = rows.into_iter().map(Row::try_from).collect();
        }
    }
}

#[test]
fn messages_of_the_service() {
    for (_, seed) in corpus("protobuf") {
        variants(&seed).for_each(|bytes| messages::decode_all(&bytes));
    }
}
