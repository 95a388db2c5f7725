//! Who bore a name at a given time.
//!
//! Names are reusable: after "delete alice, create alice" the name means somebody else. A deletion names a user, the
//! cloud wants a number, and only the history of the names ties the two together.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::event::{Event, Recorded};
use crate::id::Uid;
use crate::identity::IdentityEvent;
use crate::reading::{AccountKind, AccountState};
use crate::stream::StreamId;

/// All names that users and roles have borne, with their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directory {
    names: BTreeMap<(AccountKind, String), Vec<Tenure>>,
    /// The name that each identity bears now.
    bearers: BTreeMap<Uid, (AccountKind, String)>,
}

/// One identity bearing one name for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tenure {
    uid: Uid,
    /// Absent where it is not known since when: it may have been for ever.
    from: Option<Timestamp>,
    /// Absent while it lasts.
    until: Option<Timestamp>,
}

/// The answer to "who bore this name then?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// Exactly one identity may have.
    One(Uid),
    /// None is known.
    Nobody,
    /// Several may have; which of them must not be guessed.
    Several(Vec<Uid>),
}

impl Bearer {
    /// The answer that a number of candidates gives, each counted once.
    pub fn among(candidates: impl IntoIterator<Item = Uid>) -> Self {
        let mut candidates: Vec<Uid> = candidates.into_iter().collect();
        candidates.sort();
        candidates.dedup();
        match (candidates.pop(), candidates.is_empty()) {
            (None, _) => Self::Nobody,
            (Some(only), true) => Self::One(only),
            (Some(last), false) => {
                candidates.push(last);
                Self::Several(candidates)
            }
        }
    }
}

impl Directory {
    /// Who bore the name at the instant. Both ends of a tenure count, so that a name that changed hands within one
    /// second has two bearers rather than a wrong one.
    pub fn bearer(&self, kind: &AccountKind, name: &str, at: Timestamp) -> Bearer {
        let tenures = self.names.get(&(kind.clone(), name.to_owned())).map_or(&[][..], Vec::as_slice);
        Bearer::among(
            tenures
                .iter()
                .filter(|t| t.from.is_none_or(|from| from <= at) && t.until.is_none_or(|until| at <= until))
                .map(|t| t.uid.clone()),
        )
    }

    /// Everybody who bears the name now or bore it once: what a person is shown to choose from.
    pub fn all_bearers(&self, name: &str) -> Bearer {
        Bearer::among(
            self.names
                .iter()
                .filter(|((_, n), _)| n == name)
                .flat_map(|(_, t)| t.iter().map(|t| t.uid.clone())),
        )
    }

    /// The names of those identities that pass.
    #[must_use]
    pub(crate) fn of_those(&self, pass: impl Fn(&Uid) -> bool) -> Self {
        let mut directory = self.clone();
        directory.bearers.retain(|uid, _| pass(uid));
        directory.names.retain(|_, tenures| {
            tenures.retain(|tenure| pass(&tenure.uid));
            !tenures.is_empty()
        });
        directory
    }

    /// Learns from one more event; other streams teach it nothing.
    pub fn evolve(&mut self, recorded: &Recorded) {
        let (StreamId::Identity(uid), Event::Identity(event)) = (&recorded.stream, &recorded.event) else {
            return;
        };
        let at = recorded.occurred_at;
        match event {
            IdentityEvent::IdentityObserved { kind, name, state, created_at } => {
                let known = self.bearers.get(uid).map(|(_, name)| name.clone());
                // A listing may blank the name of a deleted account: nobody bears an empty name, nor an erased one.
                if let Some(name) = name.known().map(ToOwned::to_owned).or(known) {
                    let bearing = (kind.clone(), name);
                    if self.bearers.get(uid) != Some(&bearing) {
                        self.close(uid, at);
                        self.open(uid, bearing, *created_at);
                    }
                }
                if *state == AccountState::Deleted {
                    self.close(uid, at);
                }
            }
            IdentityEvent::IdentityRenamed { to, .. } => {
                if let (Some((kind, _)), Some(to)) = (self.bearers.get(uid).cloned(), to.known()) {
                    self.close(uid, at);
                    self.open(uid, (kind, to.to_owned()), Some(at));
                }
            }
            IdentityEvent::IdentityDeleted { .. } => self.close(uid, at),
            IdentityEvent::PersonalDataErasureBegun { .. } | IdentityEvent::PersonalDataErased { .. } => {
                self.forget(uid);
            }
            IdentityEvent::IdentityRestored { .. } => {
                if let Some(bearing) = self.bearers.get(uid).cloned() {
                    self.open(uid, bearing, Some(at));
                }
            }
        }
    }

    /// Nobody knows any more which names it bore.
    fn forget(&mut self, uid: &Uid) {
        *self = self.of_those(|known| known != uid);
    }

    fn open(&mut self, uid: &Uid, bearing: (AccountKind, String), from: Option<Timestamp>) {
        self.bearers.insert(uid.clone(), bearing.clone());
        self.names.entry(bearing).or_default().push(Tenure { uid: uid.clone(), from, until: None });
    }

    /// Ends what lasts. A deletion from before a restoration, told late, ends nothing that began after it.
    fn close(&mut self, uid: &Uid, at: Timestamp) {
        let Some(bearing) = self.bearers.get(uid) else { return };
        let tenures = self.names.get_mut(bearing).into_iter().flatten();
        for tenure in
            tenures.filter(|t| t.uid == *uid && t.until.is_none() && t.from.is_none_or(|from| from <= at))
        {
            tenure.until = Some(at);
        }
    }
}
