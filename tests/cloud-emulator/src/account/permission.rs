//! RBAC permissions, as DescribeUserPermission shows them.

use serde::{Deserialize, Serialize};

use super::Account;

/// What a permission is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// One cluster.
    Cluster(String),
    /// One namespace of one cluster.
    Namespace(String, String),
    /// Every cluster of the account. Cleaning one cluster does not end it.
    AllClusters,
}

impl Scope {
    /// The cluster, if it is for one.
    pub fn cluster(&self) -> Option<&str> {
        match self {
            Self::Cluster(cluster) | Self::Namespace(cluster, _) => Some(cluster),
            Self::AllClusters => None,
        }
    }

    /// `resource_id` of DescribeUserPermission (alibabacloud-cs20151215 7.2.3).
    pub fn resource_id(&self) -> String {
        match self {
            Self::Cluster(cluster) => cluster.clone(),
            Self::Namespace(cluster, namespace) => format!("{cluster}/{namespace}"),
            Self::AllClusters => "all-clusters".to_owned(),
        }
    }

    /// `resource_type` of DescribeUserPermission: `console` means all clusters (alibabacloud-cs20151215 7.2.3).
    pub const fn resource_type(&self) -> &'static str {
        match self {
            Self::Cluster(_) => "cluster",
            Self::Namespace(..) => "namespace",
            Self::AllClusters => "console",
        }
    }
}

/// One role of one identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Who has it.
    pub uid: String,
    /// On what.
    pub scope: Scope,
    /// A preset role or the name of a ClusterRole.
    pub role_name: String,
    /// `admin`, `ops`, `dev`, `restricted` or `custom`.
    pub role_type: String,
    /// Whether it belongs to the creator of the cluster.
    pub is_owner: bool,
    /// Whether the identity is a role.
    pub is_ram_role: bool,
}

impl Account {
    /// Everything that is granted to an identity.
    pub fn permissions(&self, uid: &str) -> impl Iterator<Item = &Permission> {
        self.permissions.iter().filter(move |p| p.uid == uid)
    }

    /// What is granted to an identity on exactly this cluster.
    pub(crate) fn has_permissions(&self, cluster: &str, uid: &str) -> bool {
        self.permissions(uid).any(|p| p.scope.cluster() == Some(cluster))
    }

    /// Takes the permissions of an identity on a cluster out and returns them.
    pub(crate) fn take_permissions(&mut self, cluster: &str, uid: &str) -> Vec<Permission> {
        let of_pair = |p: &mut Permission| p.uid == uid && p.scope.cluster() == Some(cluster);
        self.permissions.extract_if(.., of_pair).collect()
    }

    /// Grants; what is there already is not granted twice.
    pub(crate) fn grant(&mut self, granted: Vec<Permission>) {
        for permission in granted {
            if !self.permissions.contains(&permission) {
                self.permissions.push(permission);
            }
        }
    }

    /// Replaces everything that is granted to an identity.
    pub(crate) fn replace_permissions(&mut self, uid: &str, granted: Vec<Permission>) {
        self.permissions.retain(|p| p.uid != uid);
        self.grant(granted);
    }

    /// Takes exactly these away.
    pub(crate) fn withdraw(&mut self, withdrawn: &[Permission]) {
        self.permissions.retain(|p| {
            !withdrawn.iter().any(|w| w.uid == p.uid && w.scope == p.scope && w.role_name == p.role_name)
        });
    }
}
