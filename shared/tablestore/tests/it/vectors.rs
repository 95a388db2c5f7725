//! Bodies made by the official package.

/// The body of this name.
pub(crate) fn vector(name: &str) -> Vec<u8> {
    let line = include_str!("vectors.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("no vector {name}"));
    hex::decode(line.trim_matches('-')).unwrap()
}
