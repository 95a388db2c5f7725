//! The account itself, RAM users and RAM roles, and the recycle bin for users.
//!
//! Names are reusable, ids are not: an identity stays in the list after its deletion, so that what it left behind in
//! clusters can still be named. Deleting one never touches a kubeconfig.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Account, Refusal};
use crate::moment::days;

/// How long a deleted user stays in the recycle bin. By the sample dates of ListUsersInRecycleBin; unconfirmed.
pub const RECYCLED_FOR: SignedDuration = days(31);

/// What an identity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The Alibaba Cloud account itself.
    Root,
    /// A RAM user.
    User,
    /// A RAM role.
    Role,
}

impl Kind {
    /// The `account_type` of ListClusterKubeconfigStates (alibabacloud-cs20151215 7.2.3).
    pub(crate) const fn account_type(self) -> &'static str {
        match self {
            Self::Root => "RootAccount",
            Self::User => "RamUser",
            Self::Role => "RamRole",
        }
    }

    /// The leading digit of new ids (ack-ram-tool e34e2551, `types/ram.go`).
    const fn digit(self) -> u64 {
        match self {
            Self::Root => 1,
            Self::User => 2,
            Self::Role => 3,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Root => "account",
            Self::User => "user",
            Self::Role => "role",
        })
    }
}

/// The account itself, a user or a role, present or deleted.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Decimal digits.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// `UserName` or `RoleName`.
    pub name: String,
    /// `DisplayName` of a user, `Description` of a role.
    pub display_name: String,
    /// Whether it may sign in; `InActive` in ListClusterKubeconfigStates if not.
    pub active: bool,
    /// When it was created.
    pub created: Timestamp,
    /// When it was last changed.
    pub updated: Timestamp,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// Whether a deleted user was also taken out of the recycle bin.
    pub purged: bool,
    /// Trust policy of a role.
    pub trust_policy: String,
}

impl Identity {
    /// `account_state` of ListClusterKubeconfigStates. The API writes a capital A in `InActive`.
    pub fn account_state(&self) -> &'static str {
        match (self.deleted, self.active) {
            (Some(_), _) => "Deleted",
            (None, true) => "Active",
            (None, false) => "InActive",
        }
    }

    /// Whether the recycle bin still has this user.
    pub fn in_recycle_bin(&self, now: Timestamp) -> bool {
        self.kind == Kind::User
            && !self.purged
            && self.deleted.is_some_and(|at| now.duration_since(at) < RECYCLED_FOR)
    }
}

impl Account {
    /// Every identity that exists or existed, in the order of creation.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// The identity with this id, present or deleted.
    pub fn identity(&self, id: &str) -> Option<&Identity> {
        self.identities.iter().find(|i| i.id == id)
    }

    /// The identity that has this name now.
    ///
    /// # Errors
    /// [`Refusal::NoSuchIdentity`] also for the name of a deleted one.
    pub fn named(&self, kind: Kind, name: &str) -> Result<&Identity, Refusal> {
        let found = self.identities.iter().find(|i| i.kind == kind && i.name == name && i.deleted.is_none());
        found.ok_or_else(|| Refusal::NoSuchIdentity { kind, name: name.to_owned() })
    }

    /// Present identities of a kind.
    pub(crate) fn present(&self, kind: Kind) -> impl Iterator<Item = &Identity> {
        self.identities.iter().filter(move |i| i.kind == kind && i.deleted.is_none())
    }

    /// `alice@example.onaliyun.com`.
    pub fn principal_name(&self, user: &Identity) -> String {
        format!("{}@{}", user.name, self.domain)
    }

    /// `acs:ram::{account}:user/{name}`, `…:role/{name in lower case}` or `…:root`.
    pub fn arn(&self, identity: &Identity) -> String {
        match identity.kind {
            Kind::Root => format!("acs:ram::{}:root", self.id),
            Kind::User => format!("acs:ram::{}:user/{}", self.id, identity.name),
            Kind::Role => format!("acs:ram::{}:role/{}", self.id, identity.name.to_lowercase()),
        }
    }

    /// Creates a user or role under a fresh id, never one that was used before.
    ///
    /// # Errors
    /// [`Refusal::NameTaken`].
    pub fn create(
        &mut self,
        kind: Kind,
        name: &str,
        display_name: &str,
        now: Timestamp,
    ) -> Result<&mut Identity, Refusal> {
        if self.named(kind, name).is_ok() {
            return Err(Refusal::NameTaken { kind, name: name.to_owned() });
        }
        let id = loop {
            let id = format!("{}", kind.digit() * 100_000_000_000_000_000 + 9_000 + self.next_number());
            if self.identity(&id).is_none() {
                break id;
            }
        };
        self.identities.push(Identity {
            id: id.clone(),
            kind,
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            active: true,
            created: now,
            updated: now,
            deleted: None,
            purged: false,
            trust_policy: String::new(),
        });
        self.present_mut(&id)
    }

    /// Changes the name and the display name of a present identity; `None` leaves them.
    ///
    /// # Errors
    /// [`Refusal::NoSuchIdentity`], [`Refusal::NameTaken`].
    pub fn rename(
        &mut self,
        id: &str,
        name: Option<&str>,
        display_name: Option<&str>,
        now: Timestamp,
    ) -> Result<&Identity, Refusal> {
        let kind = self.present_mut(id)?.kind;
        if let Some(name) = name
            && self.named(kind, name).is_ok_and(|other| other.id != id)
        {
            return Err(Refusal::NameTaken { kind, name: name.to_owned() });
        }
        let identity = self.present_mut(id)?;
        if let Some(name) = name {
            name.clone_into(&mut identity.name);
        }
        if let Some(display_name) = display_name {
            display_name.clone_into(&mut identity.display_name);
        }
        identity.updated = now;
        Ok(identity)
    }

    /// Deletes a user (into the recycle bin) or a role (for good). Kubeconfigs stay as they are.
    ///
    /// # Errors
    /// [`Refusal::NoSuchIdentity`], [`Refusal::RootAccount`].
    pub fn delete(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let identity = self.present_mut(id)?;
        if identity.kind == Kind::Root {
            return Err(Refusal::RootAccount);
        }
        identity.deleted = Some(now);
        Ok(())
    }

    /// Takes a user back out of the recycle bin, with the same id.
    ///
    /// # Errors
    /// [`Refusal::NotInRecycleBin`], [`Refusal::NameTaken`] if somebody else got the name meanwhile.
    pub fn restore_user(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        let name = self.recycled(id, now)?.name.clone();
        if self.named(Kind::User, &name).is_ok() {
            return Err(Refusal::NameTaken { kind: Kind::User, name });
        }
        let identity = self.recycled(id, now)?;
        identity.deleted = None;
        identity.updated = now;
        Ok(())
    }

    /// Deletes a user in the recycle bin for good.
    ///
    /// # Errors
    /// [`Refusal::NotInRecycleBin`].
    pub fn purge_user(&mut self, id: &str, now: Timestamp) -> Result<(), Refusal> {
        self.recycled(id, now)?.purged = true;
        Ok(())
    }

    fn recycled(&mut self, id: &str, now: Timestamp) -> Result<&mut Identity, Refusal> {
        let found = self.identities.iter_mut().find(|i| i.id == id && i.in_recycle_bin(now));
        found.ok_or_else(|| Refusal::NotInRecycleBin(id.to_owned()))
    }

    fn present_mut(&mut self, id: &str) -> Result<&mut Identity, Refusal> {
        let found = self.identities.iter_mut().find(|i| i.id == id && i.deleted.is_none());
        found.ok_or_else(|| Refusal::NoSuchIdentity { kind: Kind::User, name: id.to_owned() })
    }
}
