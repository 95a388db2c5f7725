//! A RAM user or role: what is known of it, and since when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::IntakeId;
use crate::personal::Name;
use crate::reading::{AccountKind, AccountState};

/// Facts of the stream `identity/{uid}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum IdentityEvent {
    /// Seen for the first time, or seen changed.
    IdentityObserved {
        /// User, role or the account itself.
        kind: AccountKind,
        /// The RAM name, without the part behind `@`.
        name: Name,
        /// Whether it exists and may sign in.
        state: AccountState,
        /// When it was created, where the cloud says so: a name that is reused tells two identities apart by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        created_at: Option<Timestamp>,
    },
    /// Has another name now. The old one may be taken by somebody else at any time.
    IdentityRenamed {
        /// The old name.
        from: Name,
        /// The new name.
        to: Name,
    },
    /// Deleted from RAM.
    IdentityDeleted {
        /// The message that told us; absent where a listing showed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intake: Option<IntakeId>,
    },
    /// Restored from the recycle bin, under the same id.
    IdentityRestored {
        /// The message that told us; absent where a listing showed it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intake: Option<IntakeId>,
    },
    /// What is personal and this identity's is about to be erased. Stored before anything is: it says what is missing from
    /// then on with good reason. An erasure of very much is begun in several events.
    PersonalDataErasureBegun {
        /// The digests of the values, as they stand in their commits.
        digests: Vec<String>,
        /// Why, where somebody said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// What spoke against it and was overridden.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        overridden: Vec<String>,
    },
    /// It is erased. Whoever still keeps some of it in memory drops it.
    PersonalDataErased {
        /// How many values that were.
        values: u64,
    },
}

/// What the events of one identity add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// User, role or the account itself.
    pub kind: AccountKind,
    /// The latest name.
    pub name: Name,
    /// Whether it exists.
    pub state: AccountState,
    /// When it was created, where known.
    pub created_at: Option<Timestamp>,
}

impl Identity {
    /// The state after one more event. An event before the first observation adds nothing that is known, but that there is a
    /// name that is not to be learned again.
    pub fn evolve(state: Option<Self>, event: &IdentityEvent) -> Option<Self> {
        match (state, event) {
            (_, IdentityEvent::IdentityObserved { kind, name, state, created_at }) => Some(Self {
                kind: kind.clone(),
                name: name.clone(),
                state: state.clone(),
                created_at: *created_at,
            }),
            (Some(identity), IdentityEvent::IdentityRenamed { to, .. }) => {
                Some(Self { name: to.clone(), ..identity })
            }
            (Some(identity), IdentityEvent::IdentityDeleted { .. }) => {
                Some(Self { state: AccountState::Deleted, ..identity })
            }
            (Some(identity), IdentityEvent::IdentityRestored { .. }) => {
                Some(Self { state: AccountState::Active, ..identity })
            }
            (
                identity,
                IdentityEvent::PersonalDataErasureBegun { .. } | IdentityEvent::PersonalDataErased { .. },
            ) => {
                let unknown = || "not known".to_owned();
                let identity = identity.unwrap_or_else(|| Self {
                    kind: AccountKind::Other(unknown()),
                    name: Name::Erased,
                    state: AccountState::Other(unknown()),
                    created_at: None,
                });
                Some(Self { name: Name::Erased, ..identity })
            }
            (None, _) => None,
        }
    }

    /// The events that a fresh sight of the identity is worth: none where nothing changed.
    pub fn observe(state: Option<&Self>, seen: &Self) -> Vec<IdentityEvent> {
        let Some(known) = state else { return vec![seen.observed()] };
        // A listing may blank the name of a deleted account, and not every listing tells when it was created: what is
        // missing teaches nothing, and takes nothing back. The erased name of somebody who is gone stays erased, wherever
        // it is still listed.
        let stays_erased = known.name.is_erased() && seen.state == AccountState::Deleted;
        let seen = Self {
            name: if seen.name.is_empty() || stays_erased { known.name.clone() } else { seen.name.clone() },
            created_at: seen.created_at.or(known.created_at),
            ..seen.clone()
        };
        let mut events = Vec::new();
        match (&known.state, &seen.state) {
            (AccountState::Deleted, AccountState::Deleted) => {}
            (AccountState::Deleted, _) => events.push(IdentityEvent::IdentityRestored { intake: None }),
            (_, AccountState::Deleted) => events.push(IdentityEvent::IdentityDeleted { intake: None }),
            _ => {}
        }
        if seen.name != known.name && !known.name.is_erased() {
            events.push(IdentityEvent::IdentityRenamed { from: known.name.clone(), to: seen.name.clone() });
        }
        let told = events.iter().fold(Some(known.clone()), Self::evolve);
        if told.as_ref() != Some(&seen) {
            events.push(seen.observed());
        }
        events
    }

    fn observed(&self) -> IdentityEvent {
        IdentityEvent::IdentityObserved {
            kind: self.kind.clone(),
            name: self.name.clone(),
            state: self.state.clone(),
            created_at: self.created_at,
        }
    }
}
