//! What happened at the first place where the log is not as it was sealed.

use std::collections::HashMap;

use crate::finding::{Finding, Place};
use crate::tree::Hash;

/// A position and the hash of what is, or was, there.
pub(crate) type Leaf = (u64, Hash);

/// How many are as they were sealed, from the first on.
pub(crate) fn same(sealed: &[Leaf], there: &[Leaf]) -> usize {
    sealed.iter().zip(there).take_while(|(sealed, there)| sealed == there).count()
}

/// Compares what was sealed with what is there. `None`: everything is as it was. `there` may go on behind what was
/// sealed.
pub(crate) fn first_difference(sealed: &[Leaf], there: &[Leaf]) -> Option<Finding> {
    let same = same(sealed, there);
    let (sealed, there) = (&sealed[same..], &there[same..]);
    let (&(sealed_at, expected), found) = (sealed.first()?, there.first());
    let Some(&(position, hash)) = found else {
        return Some(Finding::Missing { commit: Place::at(sealed_at) });
    };
    let was_sealed: HashMap<Hash, u64> = sealed.iter().rev().map(|(at, hash)| (*hash, *at)).collect();
    let still_there = there.iter().any(|(_, hash)| *hash == expected);
    let at = Place::at;
    Some(match was_sealed.get(&hash) {
        Some(origin) if still_there => Finding::Moved { commit: at(position), sealed_at: *origin },
        Some(_) => Finding::Missing { commit: at(sealed_at) },
        None if still_there => Finding::Inserted { commit: at(position) },
        None if position == sealed_at => Finding::Altered { commit: at(position) },
        None if position > sealed_at => Finding::Missing { commit: at(sealed_at) },
        None => Finding::Inserted { commit: at(position) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<Leaf> {
        let at = |(position, c): (usize, char)| (position as u64 + 1, Hash::leaf(c.to_string().as_bytes()));
        text.chars().enumerate().filter(|(_, c)| *c != '.').map(at).collect()
    }

    fn said(sealed: &str, there: &str) -> String {
        first_difference(&leaves(sealed), &leaves(there))
            .map(|finding| finding.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn the_first_difference_is_named_for_what_it_is() {
        for (sealed, there, says) in [
            ("abcd", "abcd", ""),
            ("abcd", "abcdXY", ""),
            ("abcd", "abXd", "altered: commit 3"),
            ("abcd", "ab.d", "missing: commit 3"),
            ("abcd", "abd", "missing: commit 3"),
            ("abcd", "abc", "missing: commit 4"),
            ("abcd", "", "missing: commit 1"),
            ("abcd", "abXcd", "inserted: commit 3"),
            ("ab.d", "abXd", "inserted: commit 3"),
            ("abcd", "acbd", "reordered: commit 2 was sealed at position 3"),
            ("abcd", "bcda", "reordered: commit 1 was sealed at position 2"),
            ("abcd", "ab.cd", "reordered: commit 4 was sealed at position 3"),
            ("abcd", "XYZ", "altered: commit 1"),
        ] {
            let said = said(sealed, there);
            assert!(said.starts_with(says) && said.is_empty() == says.is_empty(), "{sealed} {there}: {said}");
        }
    }
}
