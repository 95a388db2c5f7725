//! Clusters.

use jiff::Timestamp;

use super::{Account, Refusal};
use crate::certificate::Authority;

/// States in which nothing is deleted in a cluster (ACS page "Delete kubeconfig files", 2024-12-23, in the spelling of
/// alibabacloud-cs20151215 7.2.3).
pub(crate) const FROZEN: [&str; 4] = ["deleting", "deleted", "delete_failed", "failed"];

/// An ACK or ACS cluster.
#[derive(Debug)]
pub struct Cluster {
    /// e.g. `c0a1…`, 33 characters.
    pub id: String,
    /// The name that people use.
    pub name: String,
    /// `running`, `deleting`, … in the words of the CS API.
    pub state: String,
    /// `Default`, `Acs`, …
    pub profile: String,
    /// `ManagedKubernetes`, …
    pub cluster_type: String,
    /// `ack.pro.small`, …
    pub spec: String,
    /// Kubernetes version.
    pub version: String,
    /// When it was created.
    pub created: Timestamp,
    /// Audit logging of its API server.
    pub audit: Audit,
    /// Signs its client certificates.
    pub(crate) authority: Authority,
}

/// Audit logging of a cluster's API server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audit {
    /// No access is recorded.
    Off,
    /// Access is recorded in this SLS project, in the logstore `audit-{cluster}`.
    On {
        /// Name of the project, e.g. `k8s-log-{cluster}`.
        project: String,
    },
}

impl Cluster {
    /// The logstore of the audit log (ACK documentation, "Work with cluster auditing").
    pub fn logstore(&self) -> String {
        format!("audit-{}", self.id)
    }
}

impl Account {
    /// The clusters, in the order of the scenario.
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The cluster with this id.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`].
    pub fn cluster(&self, id: &str) -> Result<&Cluster, Refusal> {
        self.clusters.iter().find(|c| c.id == id).ok_or_else(|| Refusal::NoSuchCluster(id.to_owned()))
    }

    /// The first cluster with this name.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`].
    pub fn cluster_named(&self, name: &str) -> Result<&Cluster, Refusal> {
        self.clusters.iter().find(|c| c.name == name).ok_or_else(|| Refusal::NoSuchCluster(name.to_owned()))
    }

    /// Puts a cluster into a state, e.g. `deleting`.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`].
    pub fn set_cluster_state(&mut self, id: &str, state: &str) -> Result<(), Refusal> {
        self.cluster_mut(id)?.state = state.to_owned();
        Ok(())
    }

    /// Switches audit logging on or off.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`].
    pub fn set_audit(&mut self, id: &str, audit: Audit) -> Result<(), Refusal> {
        self.cluster_mut(id)?.audit = audit;
        Ok(())
    }

    fn cluster_mut(&mut self, id: &str) -> Result<&mut Cluster, Refusal> {
        self.clusters.iter_mut().find(|c| c.id == id).ok_or_else(|| Refusal::NoSuchCluster(id.to_owned()))
    }
}
