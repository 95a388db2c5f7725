//! What the account looks like at the start. Times are relative to the start, so that a scenario never ages.
//!
//! Scenarios are plain data and load from JSON or TOML; [`Scenario::believable`] is the one that comes along.

pub mod believable;
mod build;

use serde::{Deserialize, Serialize};

pub use build::ScenarioError;

use crate::account::{Kind, Secret};

/// A whole account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The account's number; also the id of its root identity.
    pub account_id: String,
    /// e.g. `cn-hangzhou`.
    pub region: String,
    /// Domain of login names, e.g. `example.onaliyun.com`.
    pub domain: String,
    /// The clusters.
    #[serde(default)]
    pub clusters: Vec<ClusterSeed>,
    /// The root account, users and roles.
    #[serde(default)]
    pub identities: Vec<IdentitySeed>,
    /// What was issued to whom.
    #[serde(default)]
    pub kubeconfigs: Vec<KubeconfigSeed>,
    /// Names of buckets, which are empty.
    #[serde(default)]
    pub buckets: Vec<String>,
}

/// A cluster.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterSeed {
    /// The id.
    pub id: String,
    /// The name; unique in a scenario.
    pub name: String,
    /// State in the words of the CS API.
    #[serde(default = "running")]
    pub state: String,
    /// `Default`, `Acs`, …
    #[serde(default = "default_profile")]
    pub profile: String,
    /// Whether access is recorded.
    #[serde(default = "yes")]
    pub audit: bool,
    /// Age.
    #[serde(default = "year")]
    pub created_days_ago: i64,
}

/// The root account, a user or a role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySeed {
    /// The id.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// Name; unique in a scenario.
    pub name: String,
    /// Name for people.
    #[serde(default)]
    pub display_name: String,
    /// Whether it may sign in.
    #[serde(default = "yes")]
    pub active: bool,
    /// Age.
    #[serde(default = "year")]
    pub created_days_ago: i64,
    /// Deleted before the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_days_ago: Option<i64>,
    /// Access keys of an account or user.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access_keys: Vec<AccessKeySeed>,
    /// Sessions of a role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<SessionSeed>,
}

/// A long-term access key.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKeySeed {
    /// The id.
    pub id: String,
    /// The secret.
    pub secret: Secret,
    /// Whether it may be used.
    #[serde(default = "yes")]
    pub active: bool,
}

/// The credentials of an assumed role.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSeed {
    /// The id of the key.
    pub id: String,
    /// The secret.
    pub secret: Secret,
    /// The security token.
    pub token: Secret,
    /// `RoleSessionName`.
    pub session: String,
    /// When it ends.
    pub ends_in_hours: i64,
}

/// What was issued to one identity for one cluster.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KubeconfigSeed {
    /// Name or id of the cluster.
    pub cluster: String,
    /// Name or id of the identity.
    pub identity: String,
    /// Certificates that are there; none: deleted.
    #[serde(default)]
    pub certificates: Vec<CertificateSeed>,
    /// A word that the lists show instead of the computed state, e.g. `Unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported: Option<String>,
    /// RBAC permissions.
    #[serde(default)]
    pub roles: Vec<RoleSeed>,
    /// Recorded uses.
    #[serde(default)]
    pub used_hours_ago: Vec<i64>,
}

/// A client certificate.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CertificateSeed {
    /// Age.
    pub issued_hours_ago: i64,
    /// Validity; three years if not given.
    #[serde(default = "three_years")]
    pub valid_hours: i64,
    /// Issued with a short validity, beside the long-term one.
    #[serde(default)]
    pub temporary: bool,
}

/// An RBAC permission.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSeed {
    /// `admin`, `ops`, `dev`, `restricted` or the name of a ClusterRole.
    pub name: String,
    /// One namespace, instead of the whole cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
}

fn running() -> String {
    "running".to_owned()
}

fn default_profile() -> String {
    "Default".to_owned()
}

const fn yes() -> bool {
    true
}

const fn year() -> i64 {
    365
}

const fn three_years() -> i64 {
    3 * 365 * 24
}
