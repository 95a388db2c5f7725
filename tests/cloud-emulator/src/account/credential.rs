//! Access keys and STS sessions.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Account, Identity, Kind, Refusal};

/// A secret. It does not show itself in `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A long-term access key.
#[derive(Debug, Clone)]
pub struct AccessKey {
    /// `LTAI…`
    pub id: String,
    /// What requests are signed with.
    pub secret: Secret,
    /// Id of the owner.
    pub owner: String,
    /// Whether it may be used.
    pub active: bool,
}

/// The credentials of an assumed role.
#[derive(Debug, Clone)]
pub struct SessionKey {
    /// `STS.…`
    pub id: String,
    /// What requests are signed with.
    pub secret: Secret,
    /// Goes along with every request.
    pub token: Secret,
    /// Id of the role.
    pub role: String,
    /// `RoleSessionName`.
    pub session: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// What a request can be signed with.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    Access(AccessKey),
    Session(SessionKey),
}

impl Key {
    pub(crate) fn secret(&self) -> &Secret {
        match self {
            Self::Access(key) => &key.secret,
            Self::Session(key) => &key.secret,
        }
    }

    pub(crate) fn owner(&self) -> &str {
        match self {
            Self::Access(key) => &key.owner,
            Self::Session(key) => &key.role,
        }
    }
}

impl Account {
    /// The long-term access keys.
    pub fn access_keys(&self) -> &[AccessKey] {
        &self.access_keys
    }

    /// The STS sessions, also the ended ones.
    pub fn sessions(&self) -> &[SessionKey] {
        &self.sessions
    }

    /// The key with this id, if its owner still exists.
    pub(crate) fn key(&self, id: &str) -> Option<Key> {
        let access = self.access_keys.iter().find(|k| k.id == id).cloned().map(Key::Access);
        let key = access.or_else(|| self.sessions.iter().find(|k| k.id == id).cloned().map(Key::Session))?;
        self.identity(key.owner()).filter(|owner| owner.deleted.is_none())?;
        Some(key)
    }

    /// Makes credentials for a role.
    ///
    /// # Errors
    /// [`Refusal::NoSuchIdentity`].
    pub fn assume_role(
        &mut self,
        role: &str,
        session: &str,
        life: SignedDuration,
        now: Timestamp,
    ) -> Result<(SessionKey, Identity), Refusal> {
        let role = self.named(Kind::Role, role)?.clone();
        let number = self.next_number();
        let key = SessionKey {
            id: format!("STS.Emulated{number:06}"),
            secret: Secret::new(format!("EmulatedSessionSecret{}", uuid::Uuid::new_v4().simple())),
            token: Secret::new(format!("EmulatedSecurityToken{}", uuid::Uuid::new_v4().simple())),
            role: role.id.clone(),
            session: session.to_owned(),
            expires: now.saturating_add(life).unwrap_or(now),
        };
        self.sessions.push(key.clone());
        Ok((key, role))
    }
}
