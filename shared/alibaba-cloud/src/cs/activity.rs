//! Whether a kubeconfig was used: what Container Service itself says, and where the audit log is.

use jiff::Timestamp;
use kubeconfig::{ClusterId, KubeconfigKey};
use reqwest::Method;
use serde::Deserialize;

use super::{Cs, VERSION};
use crate::error::Error;
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

static ACTIVITY: Operation = Operation::read(Service::Cs, VERSION, "DescribeUserClusterActivityState", 30);
static AUDIT_PROJECT: Operation = Operation::read(Service::Cs, VERSION, "GetClusterAuditProject", 10);

/// What Container Service found in the audit log about an identity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserActivity {
    /// Whether there was an access within the last seven days.
    pub active: bool,
    /// The latest access, where it is known.
    #[serde(default, deserialize_with = "wire::time")]
    pub last_activity: Option<Timestamp>,
    /// The project that was searched.
    #[serde(default, rename = "log_project_name", deserialize_with = "wire::text")]
    pub log_project: String,
    /// The log store that was searched.
    #[serde(default, rename = "log_store_name", deserialize_with = "wire::text")]
    pub log_store: String,
    /// Id of the latest audit record, where there is one.
    #[serde(default, deserialize_with = "wire::some_text")]
    pub last_audit_id: Option<String>,
}

/// Where a cluster's audit log is kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AuditProject {
    /// Whether the API server is audited at all.
    #[serde(rename = "audit_enabled", deserialize_with = "wire::flag")]
    pub enabled: bool,
    /// The project of the log service.
    #[serde(default, rename = "sls_project_name", deserialize_with = "wire::some_text")]
    pub project: Option<String>,
}

impl Cs {
    /// What Container Service knows of the identity's use of the cluster
    /// (`GET /clusters/{id}/users/{uid}/activity-state`, known from ack-ram-tool). Undocumented, it may change: fall
    /// back to [`Sls::last_access`](crate::sls::Sls::last_access).
    ///
    /// # Errors
    /// When the call fails. That says nothing about whether there was an access.
    pub async fn user_activity(&self, key: &KubeconfigKey) -> Result<UserActivity, Error> {
        let path = ["clusters", key.cluster.as_str(), "users", key.uid.as_str(), "activity-state"];
        self.client.call(&Request::roa(&ACTIVITY, Method::GET, &path)).await?.json()
    }

    /// Where the cluster's audit log is (`GET /clusters/{id}/audit`).
    ///
    /// # Errors
    /// When the call fails.
    pub async fn audit_project(&self, cluster: &ClusterId) -> Result<AuditProject, Error> {
        let request = Request::roa(&AUDIT_PROJECT, Method::GET, &["clusters", cluster.as_str(), "audit"]);
        self.client.call(&request).await?.json()
    }
}
