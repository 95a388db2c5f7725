//! Personal values, which stand beside the commits and may be erased: whether those that are there are those that were
//! hashed, and those that are gone were erased with a record of it.

use std::collections::{HashMap, HashSet};

use event_store::{Digest, StoredCommit};
use kubeconfig::Event;
use kubeconfig::identity::IdentityEvent;

use crate::finding::{Finding, Place};

/// What a stream of identities begins with, where a commit says whose it is.
const IDENTITIES: &[u8] = b"\"stream\":\"identity/";

/// The type of event that says what was erased.
const ERASURE: &[u8] = b"\"PersonalDataErasureBegun\"";

/// A commit begins with its form and the name of its stream.
const BEGINNING: usize = 128;

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
        if tells_of_an_erasure(&commit.bytes) {
            let events = commit.events().unwrap_or_default();
            let erased = events.iter().filter_map(|event| match &event.event {
                Event::Identity(IdentityEvent::PersonalDataErasureBegun { digests, .. }) => Some(digests),
                _ => None,
            });
            self.erased.extend(erased.flatten().filter_map(|digest| digest.parse::<Digest>().ok()));
        }
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

fn tells_of_an_erasure(bytes: &[u8]) -> bool {
    let has = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    has(&bytes[..bytes.len().min(BEGINNING)], IDENTITIES) && has(bytes, ERASURE)
}
