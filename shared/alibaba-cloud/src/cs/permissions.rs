//! RBAC permissions that were granted through Container Service.

use kubeconfig::reading::Permission;
use kubeconfig::{ClusterId, KubeconfigKey, Uid};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{Cs, VERSION};
use crate::error::Error;
use crate::listing::{Listing, Reader};
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

static DESCRIBE: Operation = Operation::read(Service::Cs, VERSION, "DescribeUserPermission", 15);

/// One permission of an identity, on one cluster or on all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPermission {
    /// The permission, enough to grant it again.
    pub permission: Permission,
    /// Where it holds, read from its resource id.
    pub scope: Scope,
    /// Whether the identity is the owner of the cluster.
    pub is_owner: bool,
    /// Whether the identity is a role.
    pub is_ram_role: bool,
}

/// Where a permission holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// On a whole cluster.
    Cluster(ClusterId),
    /// In one namespace of a cluster.
    Namespace {
        /// The cluster.
        cluster: ClusterId,
        /// The namespace.
        namespace: String,
    },
    /// On every cluster of the account.
    AllClusters,
}

impl Scope {
    /// Whether it covers something of this cluster.
    pub fn covers(&self, id: &ClusterId) -> bool {
        match self {
            Self::Cluster(cluster) | Self::Namespace { cluster, .. } => cluster == id,
            Self::AllClusters => true,
        }
    }

    /// Reads `{cluster}`, `{cluster}/{namespace}` or `all-clusters`.
    fn read(resource_id: &str) -> Result<Self, String> {
        let cluster = |id: &str| id.parse().map_err(|error: kubeconfig::IdError| error.to_string());
        Ok(match resource_id.split_once('/') {
            None if resource_id == "all-clusters" => Self::AllClusters,
            None => Self::Cluster(cluster(resource_id)?),
            Some((id, namespace)) => {
                Self::Namespace { cluster: cluster(id)?, namespace: namespace.to_owned() }
            }
        })
    }
}

#[derive(Deserialize)]
struct WirePermission {
    #[serde(deserialize_with = "wire::text")]
    resource_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    resource_type: String,
    #[serde(default, deserialize_with = "wire::text")]
    role_name: String,
    #[serde(default, deserialize_with = "wire::text")]
    role_type: String,
    #[serde(default, deserialize_with = "wire::flag")]
    is_owner: bool,
    #[serde(default, deserialize_with = "wire::flag")]
    is_ram_role: bool,
}

fn read(value: &Value) -> Result<UserPermission, String> {
    let wire = WirePermission::deserialize(value).map_err(|error| error.to_string())?;
    Ok(UserPermission {
        scope: Scope::read(&wire.resource_id)?,
        permission: Permission {
            resource_id: wire.resource_id,
            resource_type: wire.resource_type,
            role_name: wire.role_name,
            role_type: wire.role_type,
        },
        is_owner: wire.is_owner,
        is_ram_role: wire.is_ram_role,
    })
}

impl Cs {
    /// Every permission of an identity on any cluster (`GET /permissions/users/{uid}`).
    ///
    /// # Errors
    /// When the call fails.
    pub async fn user_permissions(&self, uid: &Uid) -> Result<Listing<UserPermission>, Error> {
        let request = Request::roa(&DESCRIBE, Method::GET, &["permissions", "users", uid.as_str()]);
        // Without a permission the answer is an empty list or `null`.
        let page: Option<Vec<Value>> = self.client.call(&request).await?.json()?;
        let reader = Reader { operation: &DESCRIBE, names: &["resource_id"], read };
        let (mut entries, mut invalid) = (Vec::new(), Vec::new());
        for entry in reader.entries(&page.unwrap_or_default()) {
            match entry {
                Ok(entry) => entries.push(entry),
                Err(entry) => invalid.push(entry),
            }
        }
        Ok(Listing { entries, invalid })
    }

    /// The permissions of an identity on one cluster, those on all clusters included. Sorted.
    ///
    /// # Errors
    /// When the call fails, or when an entry is not understood: it may be about this cluster.
    pub async fn permissions_on(&self, key: &KubeconfigKey) -> Result<Vec<Permission>, Error> {
        let listing = self.user_permissions(&key.uid).await?;
        if let Some(entry) = listing.invalid.first() {
            return Err(Error::invalid_response(&DESCRIBE, entry));
        }
        let here = listing.entries.into_iter().filter(|entry| entry.scope.covers(&key.cluster));
        let mut permissions: Vec<Permission> = here.map(|entry| entry.permission).collect();
        permissions.sort();
        Ok(permissions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resource_names_the_cluster() {
        let id: ClusterId = "c0123".parse().unwrap();
        for (resource, covers) in [
            ("c0123", true),
            ("c0123/default", true),
            ("all-clusters", true),
            ("c01234", false),
            ("c9/c0123", false),
        ] {
            assert_eq!(Scope::read(resource).unwrap().covers(&id), covers, "{resource}");
        }
        assert!(Scope::read("").is_err());
    }
}
