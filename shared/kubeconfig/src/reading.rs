//! What the cloud said about an identity's access to a cluster at one moment.
//!
//! The cloud's vocabulary grows: every enumeration keeps a word it does not know, and no unknown word is ever taken
//! as a reason to delete something.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// State of a cluster (alibabacloud-cs20151215 7.2.3, cluster detail and ListUserKubeConfigStates;
    /// `create_timeout` as known to ack-ram-tool).
    ClusterState {
        /// Being created.
        Initial = "initial",
        /// Creation failed. Nothing may be deleted here.
        Failed = "failed",
        /// Creation timed out.
        CreateTimeout = "create_timeout",
        /// In service.
        Running = "running",
        /// Changing its configuration.
        Updating = "updating",
        /// A change failed; the cluster may still serve.
        UpdatingFailed = "updating_failed",
        /// Changing its Kubernetes version.
        Upgrading = "upgrading",
        /// Removing nodes.
        Removing = "removing",
        /// Moving pods away.
        Draining = "draining",
        /// Adding or removing nodes.
        Scaling = "scaling",
        /// Stopped.
        Stopped = "stopped",
        /// Not active.
        Inactive = "inactive",
        /// Cannot be reached.
        Unavailable = "unavailable",
        /// Being deleted. Nothing may be deleted here.
        Deleting = "deleting",
        /// Gone. Nothing may be deleted here.
        Deleted = "deleted",
        /// Deletion failed. Nothing may be deleted here.
        DeleteFailed = "delete_failed",
        /// Waiting to be connected.
        Waiting = "waiting",
        /// Connection lost.
        Disconnected = "disconnected",
    }
}

words! {
    /// What kind of account a kubeconfig was issued to (`account_type` of ListClusterKubeconfigStates).
    AccountKind {
        /// The Alibaba Cloud account itself. Never a target.
        RootAccount = "RootAccount",
        /// A RAM user.
        RamUser = "RamUser",
        /// A RAM role.
        RamRole = "RamRole",
    }
}

words! {
    /// Whether the account still exists (`account_state` of ListClusterKubeconfigStates).
    AccountState {
        /// Exists and may sign in.
        Active = "Active",
        /// Exists, switched off. The API writes a capital A.
        Inactive = "InActive",
        /// Deleted from RAM. Its kubeconfig still works.
        Deleted = "Deleted",
    }
}

words! {
    /// State of a client certificate, in the words of both kubeconfig state lists of the CS API.
    CertificateState {
        /// Never issued.
        Unissued = "Unissued",
        /// Issued and not expired.
        Unexpired = "Unexpired",
        /// Issued and expired.
        Expired = "Expired",
        /// Issued once and cleaned.
        Removed = "Removed",
        /// Revoked, as the seeds' table of states names it. Not seen in the API so far.
        Revoked = "Revoked",
        /// The cloud does not know.
        Unknown = "Unknown",
    }
}

/// One client certificate issued to the identity for the cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Certificate {
    /// What the cloud says of it.
    pub state: CertificateState,
    /// End of validity, UTC. Absent where the cloud gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// The identity that holds the access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// User, role or the account itself.
    pub kind: AccountKind,
    /// Whether it still exists.
    pub state: AccountState,
}

/// One RBAC permission of an identity on a cluster (an entry of DescribeUserPermission), enough to grant it again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permission {
    /// `{cluster}`, `{cluster}/{namespace}` or `all-clusters`.
    pub resource_id: String,
    /// `cluster`, `namespace` or `console`.
    pub resource_type: String,
    /// Name of the role that is bound.
    pub role_name: String,
    /// `admin`, `ops`, `dev`, `restricted` or `custom`.
    pub role_type: String,
}

/// RBAC permissions, where they were read at all. The kubeconfig state lists do not show them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "read", content = "permissions")]
pub enum Bindings {
    /// Nobody asked, or the answer did not come. Says nothing about whether there are any.
    #[default]
    No,
    /// These, and no others; empty means there are none.
    Yes(Vec<Permission>),
}

/// One fresh reading of one pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// State of the cluster.
    pub cluster_state: ClusterState,
    /// Who holds the access.
    pub account: Account,
    /// Every certificate that the cloud lists, sorted. Empty: the cloud lists none.
    pub certificates: Vec<Certificate>,
    /// RBAC permissions on this cluster.
    pub bindings: Bindings,
}
