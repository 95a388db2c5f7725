//! Issued kubeconfigs: by cluster, by identity, and their end.

use jiff::Timestamp;
use kubeconfig::access::DeletionPermit;
use kubeconfig::reading::{Account, Certificate, ClusterState};
use kubeconfig::{ClusterId, IdError, KubeconfigKey, Uid};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::cluster::PageInfo;
use super::{Cs, VERSION};
use crate::error::Error;
use crate::listing::{self, Entries, NumberedPage, Reader};
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

static BY_CLUSTER: Operation = Operation::read(Service::Cs, VERSION, "ListClusterKubeconfigStates", 15);
static BY_USER: Operation = Operation::read(Service::Cs, VERSION, "ListUserKubeConfigStates", 15);
static CLEAN: Operation = Operation::write(Service::Cs, VERSION, "CleanClusterUserPermissions", 30);

/// The most that ListClusterKubeconfigStates gives at once.
const CLUSTER_PAGE_SIZE: u32 = 50;

/// The most that ListUserKubeConfigStates gives at once.
const USER_PAGE_SIZE: u32 = 100;

/// An entry of a cluster's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterKubeconfig {
    /// Whose access to which cluster.
    pub key: KubeconfigKey,
    /// Kind and state of the account.
    pub account: Account,
    /// Its RAM name. May be empty for a deleted account.
    pub account_name: String,
    /// Its name for people.
    pub display_name: String,
    /// The certificate in the kubeconfig.
    pub certificate: Certificate,
    /// Whether the cloud thinks that it can be revoked, where it says so.
    pub revocable: Option<bool>,
}

/// An entry of an identity's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserKubeconfig {
    /// Whose access to which cluster.
    pub key: KubeconfigKey,
    /// Name of the cluster.
    pub cluster_name: String,
    /// State of the cluster.
    pub cluster_state: ClusterState,
    /// The certificate in the kubeconfig.
    pub certificate: Certificate,
}

/// A clean that the service accepted. It is done when a list shows it, not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleaned {
    /// The id of the request at the service.
    pub request_id: Option<String>,
}

#[derive(Deserialize)]
struct StatesPage {
    #[serde(deserialize_with = "wire::list")]
    states: Vec<Value>,
    #[serde(default)]
    page: PageInfo,
}

impl StatesPage {
    fn numbered(self) -> NumberedPage {
        NumberedPage { entries: self.states, total: self.page.total_count }
    }
}

/// In both lists. The formats of time differ, the reader takes both.
#[derive(Deserialize)]
struct WireCertificate {
    cert_state: String,
    #[serde(default, deserialize_with = "wire::time")]
    cert_expire_time: Option<Timestamp>,
}

impl From<WireCertificate> for Certificate {
    fn from(wire: WireCertificate) -> Self {
        Self { state: wire.cert_state.into(), expires_at: wire.cert_expire_time }
    }
}

#[derive(Deserialize)]
struct WireClusterKubeconfig {
    #[serde(deserialize_with = "wire::text")]
    account_id: String,
    account_type: String,
    account_state: String,
    #[serde(default, deserialize_with = "wire::text")]
    account_name: String,
    #[serde(default, deserialize_with = "wire::text")]
    account_display_name: String,
    #[serde(default)]
    revokable: Option<bool>,
    #[serde(flatten)]
    certificate: WireCertificate,
}

/// An entry of a cluster's list, before it is known to which cluster it belongs.
struct OfCluster {
    uid: Uid,
    wire: WireClusterKubeconfig,
}

fn read_of_cluster(value: &Value) -> Result<OfCluster, String> {
    let wire = WireClusterKubeconfig::deserialize(value).map_err(|error| error.to_string())?;
    let uid = wire.account_id.parse().map_err(|error: IdError| error.to_string())?;
    Ok(OfCluster { uid, wire })
}

impl OfCluster {
    fn on(self, cluster: ClusterId) -> ClusterKubeconfig {
        let Self { uid, wire } = self;
        ClusterKubeconfig {
            key: KubeconfigKey { cluster, uid },
            account: Account { kind: wire.account_type.into(), state: wire.account_state.into() },
            account_name: wire.account_name,
            display_name: wire.account_display_name,
            certificate: wire.certificate.into(),
            revocable: wire.revokable,
        }
    }
}

#[derive(Deserialize)]
struct WireUserKubeconfig {
    #[serde(deserialize_with = "wire::text")]
    cluster_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    cluster_name: String,
    cluster_state: String,
    #[serde(flatten)]
    certificate: WireCertificate,
}

/// An entry of an identity's list, before it is known whose it is.
struct OfUser {
    cluster: ClusterId,
    wire: WireUserKubeconfig,
}

fn read_of_user(value: &Value) -> Result<OfUser, String> {
    let wire = WireUserKubeconfig::deserialize(value).map_err(|error| error.to_string())?;
    let cluster = wire.cluster_id.parse().map_err(|error: IdError| error.to_string())?;
    Ok(OfUser { cluster, wire })
}

impl OfUser {
    fn of(self, uid: Uid) -> UserKubeconfig {
        let Self { cluster, wire } = self;
        UserKubeconfig {
            key: KubeconfigKey { cluster, uid },
            cluster_name: wire.cluster_name,
            cluster_state: wire.cluster_state.into(),
            certificate: wire.certificate.into(),
        }
    }
}

impl Cs {
    /// Every identity that holds a kubeconfig of the cluster, deleted ones included
    /// (`GET /clusters/{id}/kubeconfig/states`, credentials of cloud services left out).
    pub fn cluster_kubeconfigs(&self, cluster: &ClusterId) -> Entries<ClusterKubeconfig> {
        let reader =
            Reader { operation: &BY_CLUSTER, names: &["account_id", "account_name"], read: read_of_cluster };
        let client = self.client.clone();
        let id = cluster.clone();
        let pages = listing::numbered(reader, move |number| {
            let (client, id) = (client.clone(), id.clone());
            async move {
                let path = ["clusters", id.as_str(), "kubeconfig", "states"];
                let request = Request::roa(&BY_CLUSTER, Method::GET, &path)
                    .with("pageNumber", number)
                    .with("pageSize", CLUSTER_PAGE_SIZE);
                Ok(client.call(&request).await?.json::<StatesPage>()?.numbered())
            }
        });
        let cluster = cluster.clone();
        listing::map(pages, move |entry: OfCluster| entry.on(cluster.clone()))
    }

    /// Every cluster that the identity holds a kubeconfig of (`GET /users/{uid}/kubeconfig/states`). Whether it answers
    /// for an identity that is deleted is not documented.
    pub fn user_kubeconfigs(&self, uid: &Uid) -> Entries<UserKubeconfig> {
        let reader =
            Reader { operation: &BY_USER, names: &["cluster_id", "cluster_name"], read: read_of_user };
        let client = self.client.clone();
        let id = uid.clone();
        let pages = listing::numbered(reader, move |number| {
            let (client, id) = (client.clone(), id.clone());
            async move {
                let request =
                    Request::roa(&BY_USER, Method::GET, &["users", id.as_str(), "kubeconfig", "states"])
                        .with("page_number", number)
                        .with("page_size", USER_PAGE_SIZE);
                Ok(client.call(&request).await?.json::<StatesPage>()?.numbered())
            }
        });
        let uid = uid.clone();
        listing::map(pages, move |entry: OfUser| entry.of(uid.clone()))
    }

    /// Deletes an identity's kubeconfig and RBAC bindings of one cluster
    /// (`DELETE /cluster/{id}/user/{uid}/permissions`). Unless the permit forces it, the service refuses when it finds an
    /// access within seven days, or cannot look for one.
    ///
    /// This is the only call that takes anything away. The permit comes from the stored announcement of this very call.
    ///
    /// # Errors
    /// When the call fails. It is not repeated once the service may have carried it out: on
    /// [`Error::outcome_unknown`] read the lists to learn what happened.
    pub async fn clean_cluster_user_permissions(&self, permit: &DeletionPermit) -> Result<Cleaned, Error> {
        let key = permit.key();
        let path = ["cluster", key.cluster.as_str(), "user", key.uid.as_str(), "permissions"];
        let request =
            Request::roa(&CLEAN, Method::DELETE, &path).with_some("Force", permit.force().then_some("true"));
        let answer = self.client.call(&request).await?;
        Ok(Cleaned { request_id: answer.request_id })
    }
}
