//! Personal values, which stand beside the commits and may be erased: whether those that are there are those that were
//! hashed, and those that are gone were erased with a record of it.

use std::collections::{HashMap, HashSet};

use event_store::{Digest, StoredCommit};

use crate::finding::{Finding, Place};

/// What was seen so far of the values of a log.
#[derive(Default)]
pub(crate) struct Values {
    /// The first commit with a value that is not the one that was hashed.
    misfit: Option<(StoredCommit, String)>,
    /// Digests without a value, and the commits that they stand in.
    missing: HashMap<Digest, u64>,
    /// Digests of what was erased, as events say.
    erased: HashSet<Digest>,
}

impl Values {
    /// Takes one more commit in. One that cannot be read is found otherwise.
    pub(crate) fn read(&mut self, commit: &StoredCommit) {
        let Ok(digests) = commit.digests() else { return };
        if !(digests.is_empty() && commit.disclosures.is_empty()) {
            let there: HashSet<Digest> =
                commit.disclosures.iter().map(event_store::Disclosure::digest).collect();
            let missing = digests.iter().filter(|(_, _, digest)| !there.contains(digest));
            self.missing.extend(missing.map(|(_, _, digest)| (*digest, commit.position)));
            if self.misfit.is_none()
                && let Ok(Some(why)) = commit.misfit()
            {
                self.misfit = Some((commit.clone(), why));
            }
        }
        self.erased.extend(commit.erased());
    }

    /// How many are gone, with a record of it.
    pub(crate) fn erased(&self) -> u64 {
        self.missing.keys().filter(|digest| self.erased.contains(*digest)).count() as u64
    }

    /// How many are there that should be gone: the erasure was interrupted, or somebody has put them back.
    pub(crate) fn not_erased(&self) -> u64 {
        self.erased.iter().filter(|digest| !self.missing.contains_key(*digest)).count() as u64
    }

    /// The first thing that is wrong.
    pub(crate) fn finding(&self) -> Option<Finding> {
        if let Some((commit, why)) = &self.misfit {
            return Some(Finding::Forged { commit: Place::of(commit), why: why.clone() });
        }
        let unexplained = self.missing.iter().filter(|(digest, _)| !self.erased.contains(*digest));
        let first = unexplained.clone().map(|(_, position)| *position).min()?;
        let values = unexplained.filter(|(_, position)| **position == first).count() as u64;
        Some(Finding::Undisclosed { commit: Place::at(first), values })
    }
}
