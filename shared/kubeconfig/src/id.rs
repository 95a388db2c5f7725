//! Identifiers. Each is a newtype, so that a cluster can never be passed where an identity is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The longest identifier that is accepted from outside, in bytes.
const MAX_LEN: usize = 128;

/// Why a text is not the identifier it was taken for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// A user or role id is 1 to 20 decimal digits, and does not begin with 0: one number has one form.
    #[error("`{0}` is not a user or role id: expected 1 to 20 decimal digits, not a name")]
    Uid(String),
    /// A cluster id is made of letters, digits, `-` and `_`.
    #[error("`{0}` is not a cluster id: expected letters, digits, `-` or `_`")]
    ClusterId(String),
    /// A stream is named `kubeconfig/{cluster}/{uid}`, `identity/{uid}`, `cluster/{id}`, `intake/{id}` or `run/{id}`.
    #[error("`{0}` does not name a stream")]
    Stream(String),
    /// All other ids of this project are UUIDs.
    #[error("`{0}` is not a UUID")]
    Uuid(String),
}

/// Quotes outside text for an error message without letting it grow or carry control characters.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(40).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The number of a RAM user, RAM role or Alibaba Cloud account, kept as text: it has up to 20 digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uid(String);

impl Uid {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uid {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let digits = (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let valid = digits && !text.starts_with('0');
        if valid { Ok(Self(text.to_owned())) } else { Err(IdError::Uid(excerpt(text))) }
    }
}

/// The id of an ACK or ACS cluster, e.g. `c0123456789abcdef0123456789abcde`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClusterId(String);

impl ClusterId {
    /// The id as the cloud writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClusterId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let valid = (1..=MAX_LEN).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if valid { Ok(Self(text.to_owned())) } else { Err(IdError::ClusterId(excerpt(text))) }
    }
}

/// One identity's access to one cluster: what this project observes, decides on and revokes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KubeconfigKey {
    /// The cluster that the access is to.
    pub cluster: ClusterId,
    /// Who holds it.
    pub uid: Uid,
}

impl fmt::Display for KubeconfigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.uid)
    }
}

macro_rules! text_id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

text_id!(Uid);
text_id!(ClusterId);

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes an id that was made outside: the core has no clock and no source of randomness.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The same name always gives the same id (UUIDv5, RFC 9562), so that doing a thing twice names it once.
            pub fn derived(name: &str) -> Self {
                Self(Uuid::new_v5(&NAMESPACE, format!("{}/{name}", stringify!($name)).as_bytes()))
            }

            /// The UUID.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdError::Uuid(excerpt(text)))
            }
        }
    };
}

/// The namespace of every derived id. Changing it would let one cause be handled twice.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0c_9a4e_7b1d_4c52_9e38_2d6a_41c7_8b03);

uuid_id! {
    /// One event. A UUIDv7, or derived from what caused the event where a repeat must collapse.
    EventId
}
uuid_id! {
    /// One attempt to end one identity's access to one cluster, from request to outcome.
    RevocationId
}
uuid_id! {
    /// One run of the sweep, one export or one audited query.
    RunId
}
uuid_id! {
    /// One message that reached us from outside, derived from its source and its id there.
    IntakeId
}
