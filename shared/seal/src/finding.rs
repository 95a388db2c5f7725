//! What can be wrong with a sealed store.

use std::fmt;

use event_store::StoredCommit;
use serde::Serialize;

/// A commit, named as well as its bytes allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its position in the log.
    pub position: u64,
    /// Its stream, where the bytes can still be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The ids of its events, where the bytes can still be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}

impl Place {
    /// A commit that is not there.
    pub(crate) const fn at(position: u64) -> Self {
        Self { position, stream: None, events: Vec::new() }
    }

    /// A commit that is there.
    pub(crate) fn of(commit: &StoredCommit) -> Self {
        let events = commit.events().unwrap_or_default();
        Self {
            position: commit.position,
            stream: events.first().map(|event| event.stream.to_string()),
            events: events.iter().map(|event| event.id.to_string()).collect(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {}", self.position)?;
        if let Some(stream) = &self.stream {
            write!(f, " ({stream}, event {})", self.events.join(", "))?;
        }
        Ok(())
    }
}

/// Something that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Finding {
    /// A commit has other bytes than when it was sealed.
    Altered {
        /// Which.
        commit: Place,
    },
    /// A sealed commit is gone.
    Missing {
        /// Which.
        commit: Place,
    },
    /// A commit stands among sealed ones and was not there when they were sealed.
    Inserted {
        /// Which.
        commit: Place,
    },
    /// A commit stands where another was sealed.
    Moved {
        /// Which, where it is now.
        commit: Place,
        /// Where it was sealed.
        #[serde(rename = "sealedAt")]
        sealed_at: u64,
    },
    /// A seal was changed, or is not by a known key.
    BadSeal {
        /// Which.
        commit: Place,
        /// What is wrong with it.
        why: String,
    },
    /// The latest seals are by a key that is not known. The key may have been replaced, or somebody has put seals of their own
    /// there: nothing that is known vouches for what follows the last seal by a known key.
    UnknownKey {
        /// The first of these seals.
        commit: Place,
        /// The keys that it names.
        named: String,
    },
    /// Sealed commits and their seal are both changed or gone: what exactly, cannot be said.
    SealsLost {
        /// The first leaf that nothing vouches for, from 0.
        from: u64,
        /// The first leaf after them.
        to: u64,
    },
    /// The log ends before an earlier checkpoint does.
    Truncated {
        /// How many commits there are.
        left: u64,
        /// How many there were.
        were: u64,
    },
    /// The commits that an earlier checkpoint sealed are there, their seals are not.
    Unsealed {
        /// How many commits are sealed.
        sealed: u64,
        /// How many were.
        were: u64,
    },
    /// The log does not begin with what an earlier checkpoint sealed: it was rewritten and sealed anew, or the checkpoint
    /// is of another store.
    Rewritten {
        /// How many commits the checkpoint sealed.
        size: u64,
    },
    /// A personal value beside a commit is not the one that was hashed.
    Forged {
        /// Which.
        commit: Place,
        /// What is wrong.
        why: String,
    },
    /// Personal values beside a commit are gone, and nothing is stored that says that they were erased.
    Undisclosed {
        /// Which.
        commit: Place,
        /// How many.
        values: u64,
    },
    /// What events are found by does not follow from the commits: queries would lie.
    Misfiled {
        /// The commit; 0: the store as a whole.
        position: u64,
        /// What is wrong.
        why: String,
    },
    /// What is stored cannot be read at all.
    Unreadable {
        /// The last commit that could be read.
        after: u64,
        /// What the store says.
        why: String,
    },
}

impl Finding {
    /// The commit that it names, if it names one.
    pub const fn position(&self) -> Option<u64> {
        match self {
            Self::Altered { commit }
            | Self::Missing { commit }
            | Self::Inserted { commit }
            | Self::Moved { commit, .. }
            | Self::BadSeal { commit, .. }
            | Self::UnknownKey { commit, .. }
            | Self::Forged { commit, .. }
            | Self::Undisclosed { commit, .. } => Some(commit.position),
            Self::Misfiled { position: position @ 1.., .. } => Some(*position),
            _ => None,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { commit } => {
                write!(f, "altered: {commit} has other bytes than when it was sealed")
            }
            Self::Missing { commit } => write!(f, "missing: {commit} was sealed and is gone"),
            Self::Inserted { commit } => {
                write!(f, "inserted: {commit} was not there when its neighbours were sealed")
            }
            Self::Moved { commit, sealed_at } => {
                write!(f, "reordered: {commit} was sealed at position {sealed_at}")
            }
            Self::BadSeal { commit, why } => write!(f, "bad seal: {commit}: {why}"),
            Self::UnknownKey { commit, named } => {
                write!(f, "not known: the seal {commit} is by {named}, and no known key vouches for it")
            }
            Self::SealsLost { from, to } => {
                write!(
                    f,
                    "lost: the seals of the commits {} to {to} of the log are gone, and the commits do not add up",
                    from + 1
                )
            }
            Self::Truncated { left, were } => {
                write!(
                    f,
                    "truncated: {left} commits are left of {were}; all from commit {} of the log on are gone",
                    left + 1
                )
            }
            Self::Unsealed { sealed, were } => {
                write!(f, "unsealed: {were} commits were sealed, the seals that are left cover {sealed}")
            }
            Self::Rewritten { size } => write!(
                f,
                "rewritten: the first {size} commits are not those of the earlier checkpoint, or it is of another store"
            ),
            Self::Forged { commit, why } => write!(f, "forged: {commit}: {why}"),
            Self::Undisclosed { commit, values: 1 } => {
                write!(f, "removed: a personal value of {commit} is gone, and no erasure of it is stored")
            }
            Self::Undisclosed { commit, values } => {
                write!(
                    f,
                    "removed: {values} personal values of {commit} are gone, and no erasure of them is stored"
                )
            }
            Self::Misfiled { position: 0, why } => write!(f, "misfiled: {why}"),
            Self::Misfiled { position, why } => write!(f, "misfiled: commit {position}: {why}"),
            Self::Unreadable { after, why } => write!(f, "unreadable: behind commit {after}: {why}"),
        }
    }
}
