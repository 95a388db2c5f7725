//! What is never deleted. Every rule has a name, and the name goes into the history.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::events::Trigger;
use super::status::Status;
use crate::id::{KubeconfigKey, Uid};
use crate::policy::AccessCheck;
use crate::reading::{AccountKind, AccountState, CertificateState, ClusterState, Reading};

/// Identities that nothing and nobody may take access from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protections {
    /// The Alibaba Cloud accounts themselves.
    pub roots: BTreeSet<Uid>,
    /// Whose credentials this process uses. The cloud refuses to clean its caller, too.
    pub callers: BTreeSet<Uid>,
    /// The roles that the functions run under.
    pub function_roles: BTreeSet<Uid>,
    /// What the operator protects: break-glass accounts, pipelines.
    pub protected: BTreeSet<Uid>,
}

/// Why an access must not be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "rule")]
pub enum Refusal {
    /// It belongs to the Alibaba Cloud account itself.
    RootAccount,
    /// It belongs to the identity that would call for the deletion.
    Caller,
    /// It belongs to a role that a function of this project runs under.
    FunctionRole,
    /// The operator protects its holder.
    ProtectedIdentity,
    /// The cluster is in a state in which nothing may be deleted.
    ClusterState {
        /// That state.
        state: ClusterState,
    },
    /// The cloud says that its holder exists: the deletion was undone, or it never happened.
    IdentityExists,
    /// There is nothing to delete: it was never issued.
    NotIssued,
    /// There is nothing to delete: it is gone already.
    AlreadyDeleted,
    /// The cloud says that it is revoked.
    Revoked,
    /// The cloud does not say what it is.
    StatusUnknown,
    /// It has not expired, or not any more.
    NotExpired,
    /// Policy leaves it as it is.
    Policy {
        /// The answer of the seven-day check that policy decided on.
        check: AccessCheck,
    },
    /// The cloud refused the call.
    Cloud {
        /// HTTP status.
        status: u16,
        /// The cloud's error code.
        code: String,
        /// The cloud's message, bounded.
        message: String,
        /// The cloud's id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
}

impl Refusal {
    /// The name of the rule, as it stands in stored events and in answers.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::RootAccount => "rootAccount",
            Self::Caller => "caller",
            Self::FunctionRole => "functionRole",
            Self::ProtectedIdentity => "protectedIdentity",
            Self::ClusterState { .. } => "clusterState",
            Self::IdentityExists => "identityExists",
            Self::NotIssued => "notIssued",
            Self::AlreadyDeleted => "alreadyDeleted",
            Self::Revoked => "revoked",
            Self::StatusUnknown => "statusUnknown",
            Self::NotExpired => "notExpired",
            Self::Policy { .. } => "policy",
            Self::Cloud { .. } => "cloud",
        }
    }

    /// Whether there is simply nothing to do.
    pub const fn is_nothing_to_do(&self) -> bool {
        matches!(self, Self::NotIssued | Self::AlreadyDeleted)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RootAccount => f.write_str("the kubeconfig belongs to the Alibaba Cloud account itself"),
            Self::Caller => f.write_str("the kubeconfig belongs to the identity that would delete it"),
            Self::FunctionRole => f.write_str("the kubeconfig belongs to a role that Reaper runs under"),
            Self::ProtectedIdentity => f.write_str("the identity is protected by configuration"),
            Self::ClusterState { state } => write!(f, "the cluster is in state `{state}`"),
            Self::IdentityExists => {
                f.write_str("the identity exists: its deletion was undone or never happened")
            }
            Self::NotIssued => f.write_str("no kubeconfig was ever issued"),
            Self::AlreadyDeleted => f.write_str("kubeconfig and permissions are gone already"),
            Self::Revoked => f.write_str("the cloud says that the kubeconfig is revoked"),
            Self::StatusUnknown => f.write_str("the cloud does not say what state the kubeconfig is in"),
            Self::NotExpired => f.write_str("the kubeconfig has not expired"),
            Self::Policy { .. } => {
                f.write_str("policy leaves it as it is after this answer of the access check")
            }
            Self::Cloud { code, message, .. } => write!(f, "the cloud refused: {code}: {message}"),
        }
    }
}

/// Whether the access may be deleted at all. Decided from a fresh reading, never from what was known before.
pub(super) fn check(
    key: &KubeconfigKey,
    trigger: &Trigger,
    reading: &Reading,
    status: Status,
    protections: &Protections,
) -> Result<(), Refusal> {
    let uid = &key.uid;
    if protections.roots.contains(uid) || is_root(uid, &reading.account.kind) {
        return Err(Refusal::RootAccount);
    }
    if protections.callers.contains(uid) {
        return Err(Refusal::Caller);
    }
    if protections.function_roles.contains(uid) {
        return Err(Refusal::FunctionRole);
    }
    if protections.protected.contains(uid) {
        return Err(Refusal::ProtectedIdentity);
    }
    check_cluster(&reading.cluster_state)?;
    match status {
        Status::NotIssued => return Err(Refusal::NotIssued),
        Status::Deleted => return Err(Refusal::AlreadyDeleted),
        Status::Revoked => return Err(Refusal::Revoked),
        Status::Unknown => return Err(Refusal::StatusUnknown),
        Status::Effective | Status::EffectiveResidualRbac | Status::Expired => {}
    }
    match trigger {
        Trigger::IdentityDeleted { .. } if reading.account.state != AccountState::Deleted => {
            Err(Refusal::IdentityExists)
        }
        // Our clock alone ends nobody's access by rule: if it runs ahead, everything looks expired.
        Trigger::Expired if status != Status::Expired || is_unexpired(reading) => Err(Refusal::NotExpired),
        _ => Ok(()),
    }
}

/// Whether the state of the cluster allows a deletion at all.
pub(super) fn check_cluster(state: &ClusterState) -> Result<(), Refusal> {
    match state {
        ClusterState::Deleting
        | ClusterState::Deleted
        | ClusterState::DeleteFailed
        | ClusterState::Failed
        | ClusterState::Other(_) => Err(Refusal::ClusterState { state: state.clone() }),
        _ => Ok(()),
    }
}

fn is_unexpired(reading: &Reading) -> bool {
    reading.certificates.iter().any(|certificate| certificate.state == CertificateState::Unexpired)
}

/// The account's own id starts with 1 or 5, those of users with 2 and of roles with 3 (ack-ram-tool, `types/ram.go`).
/// A heuristic, so it only ever refuses, and yields to the cloud's own word that it is a user or a role.
fn is_root(uid: &Uid, kind: &AccountKind) -> bool {
    match kind {
        AccountKind::RootAccount => true,
        AccountKind::RamUser | AccountKind::RamRole => false,
        AccountKind::Other(_) => uid.as_str().starts_with(['1', '5']),
    }
}
