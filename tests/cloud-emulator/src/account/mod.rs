//! The emulated account: everything that the services show and change, as one value without I/O or clock.
//!
//! Each noun has its module; the changes are methods that take the time as an argument. The HTTP edge translates a
//! [`Refusal`] into the code and status of the service that was called.

mod access;
mod cluster;
mod credential;
mod identity;
mod kubeconfig;
mod object;
mod permission;
mod policy;
mod task;

use std::collections::BTreeMap;

pub use access::{AUDITED_FOR, AccessRecord};
pub use cluster::{Audit, Cluster};
pub(crate) use credential::Key;
pub use credential::{AccessKey, Secret, SessionKey};
pub use identity::{Identity, Kind, RECYCLED_FOR as USERS_RECYCLED_FOR};
pub(crate) use kubeconfig::LIFE as KUBECONFIG_LIFE;
pub use kubeconfig::{
    CertificateRow, Cleans, IssuedCertificate, Kubeconfig, RECYCLED_FOR as KUBECONFIGS_RECYCLED_FOR,
};
pub use permission::{Permission, Scope};
pub(crate) use policy::{Forbidden, Need};
pub(crate) use task::Task;

use crate::policy::Policy;

/// Why a change was not made. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No cluster has this id.
    #[error("cluster {0} does not exist")]
    NoSuchCluster(String),
    /// No user, role or account has, or had, this id or name.
    #[error("{kind} {name} does not exist")]
    NoSuchIdentity {
        /// What was looked for.
        kind: Kind,
        /// Its name or id.
        name: String,
    },
    /// The name is in use.
    #[error("{kind} {name} exists already")]
    NameTaken {
        /// What has the name.
        kind: Kind,
        /// The name.
        name: String,
    },
    /// A user with access keys cannot be deleted by the RAM API.
    #[error("user {0} still has access keys")]
    HasAccessKeys(String),
    /// The user is not in the recycle bin.
    #[error("user {0} is not in the recycle bin")]
    NotInRecycleBin(String),
    /// The permissions of the account itself are never cleaned.
    #[error("the permissions of the Alibaba Cloud account cannot be cleaned")]
    RootAccount,
    /// Nobody cleans the own permissions.
    #[error("the caller's own permissions cannot be cleaned")]
    CallerItself,
    /// The state of the cluster does not allow it.
    #[error("cluster {cluster} is in state {state}")]
    ClusterState {
        /// The cluster.
        cluster: String,
        /// Its state.
        state: String,
    },
    /// The kubeconfig was used in the last seven days.
    #[error("the kubeconfig was used in the last 7 days, last at {0}")]
    RecentlyUsed(String),
    /// Whether it was used cannot be found out.
    #[error("access records of cluster {0} cannot be found: audit logging is off")]
    NoAccessRecords(String),
    /// There is nothing to clean.
    #[error("there is no kubeconfig and no permission of {uid} in cluster {cluster}")]
    NothingToClean {
        /// The cluster.
        cluster: String,
        /// The identity.
        uid: String,
    },
    /// The recycle bin for kubeconfigs has nothing of this pair.
    #[error("no deleted kubeconfig of {uid} in cluster {cluster} is in the recycle bin")]
    NoDeletedKubeconfig {
        /// The cluster.
        cluster: String,
        /// The identity.
        uid: String,
    },
    /// A newer kubeconfig is in use.
    #[error("a newer kubeconfig exists")]
    NewerKubeconfig,
    /// No task has this id.
    #[error("task {0} does not exist")]
    NoSuchTask(String),
    /// No bucket has this name.
    #[error("the bucket {0} does not exist")]
    NoSuchBucket(String),
    /// No object of the bucket has this name.
    #[error("the object {0} does not exist")]
    NoSuchObject(String),
    /// A certificate could not be made.
    #[error("the certificate could not be issued: {0}")]
    Issuing(String),
}

/// One Alibaba Cloud account.
#[derive(Debug, Default)]
pub struct Account {
    /// The account's number, also the id of its root identity.
    pub id: String,
    /// The region of its clusters, e.g. `cn-hangzhou`.
    pub region: String,
    /// The domain of its users' login names, e.g. `example.onaliyun.com`.
    pub domain: String,
    pub(crate) clusters: Vec<Cluster>,
    pub(crate) identities: Vec<Identity>,
    /// By cluster and uid.
    pub(crate) kubeconfigs: BTreeMap<(String, String), Kubeconfig>,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) access: Vec<AccessRecord>,
    pub(crate) access_keys: Vec<AccessKey>,
    pub(crate) sessions: Vec<SessionKey>,
    pub(crate) tasks: Vec<Task>,
    pub(crate) cleans: BTreeMap<(String, String), Cleans>,
    /// By the id of who is held to them.
    pub(crate) policies: BTreeMap<String, Vec<Policy>>,
    /// Objects by bucket and key.
    pub(crate) buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Counts what needs a fresh number: certificate suffixes, access keys, tasks, identities.
    pub(crate) counter: u64,
}

impl Account {
    /// A number that was not given out before.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
}
