//! Clusters.

use jiff::Timestamp;
use kubeconfig::ClusterId;
use kubeconfig::reading::ClusterState;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{Cs, VERSION};
use crate::error::Error;
use crate::listing::{self, Entries, NumberedPage, Reader};
use crate::operation::{Operation, Service};
use crate::transport::Request;
use crate::wire;

static DESCRIBE_CLUSTERS: Operation = Operation::read(Service::Cs, VERSION, "DescribeClustersV1", 15);
static DESCRIBE_CLUSTER: Operation = Operation::read(Service::Cs, VERSION, "DescribeClusterDetail", 10);

/// How many clusters are asked for at once.
const PAGE_SIZE: u32 = 50;

/// A cluster of ACK or ACS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its id.
    pub id: ClusterId,
    /// Its name, for people.
    pub name: String,
    /// The region it runs in.
    pub region: String,
    /// Its state.
    pub state: ClusterState,
    /// `ManagedKubernetes`, `Kubernetes`, `ExternalKubernetes`; `aliyun` is an old Swarm cluster without kubeconfigs.
    pub cluster_type: String,
    /// `Default`, `Edge`, `Serverless`, `LingJun`, `Acs`, in varying letter case.
    pub profile: String,
    /// E.g. `ack.pro.small`.
    pub spec: String,
    /// Version of Kubernetes.
    pub version: String,
    /// When it was created.
    pub created: Option<Timestamp>,
}

#[derive(Deserialize)]
struct ClustersPage {
    #[serde(deserialize_with = "wire::list")]
    clusters: Vec<Value>,
    #[serde(default)]
    page_info: PageInfo,
}

#[derive(Default, Deserialize)]
pub(super) struct PageInfo {
    #[serde(default, deserialize_with = "wire::number")]
    pub(super) total_count: Option<u64>,
}

#[derive(Deserialize)]
struct WireCluster {
    #[serde(deserialize_with = "wire::text")]
    cluster_id: String,
    #[serde(deserialize_with = "wire::text")]
    state: String,
    #[serde(default, deserialize_with = "wire::text")]
    name: String,
    #[serde(default, deserialize_with = "wire::text")]
    region_id: String,
    #[serde(default, deserialize_with = "wire::text")]
    cluster_type: String,
    #[serde(default, deserialize_with = "wire::text")]
    profile: String,
    #[serde(default, deserialize_with = "wire::text")]
    cluster_spec: String,
    #[serde(default, deserialize_with = "wire::text")]
    current_version: String,
    #[serde(default, deserialize_with = "wire::time")]
    created: Option<Timestamp>,
}

fn read(value: &Value) -> Result<Cluster, String> {
    let wire = WireCluster::deserialize(value).map_err(|error| error.to_string())?;
    Ok(Cluster {
        id: wire.cluster_id.parse().map_err(|error: kubeconfig::IdError| error.to_string())?,
        name: wire.name,
        region: wire.region_id,
        state: wire.state.into(),
        cluster_type: wire.cluster_type,
        profile: wire.profile,
        spec: wire.cluster_spec,
        version: wire.current_version,
        created: wire.created,
    })
}

impl Cs {
    /// Every cluster that the endpoint shows the caller (`GET /api/v1/clusters`), of whatever type and profile.
    pub fn clusters(&self) -> Entries<Cluster> {
        let reader = Reader { operation: &DESCRIBE_CLUSTERS, names: &["cluster_id", "name"], read };
        let client = self.client.clone();
        listing::numbered(reader, move |number| {
            let client = client.clone();
            async move {
                let request = Request::roa(&DESCRIBE_CLUSTERS, Method::GET, &["api", "v1", "clusters"])
                    .with("page_number", number)
                    .with("page_size", PAGE_SIZE);
                let page: ClustersPage = client.call(&request).await?.json()?;
                Ok(NumberedPage { entries: page.clusters, total: page.page_info.total_count })
            }
        })
    }

    /// One cluster (`GET /clusters/{id}`).
    ///
    /// # Errors
    /// When the call fails; [`ErrorKind::NotFound`](crate::ErrorKind) when there is no such cluster.
    pub async fn cluster(&self, id: &ClusterId) -> Result<Cluster, Error> {
        let request = Request::roa(&DESCRIBE_CLUSTER, Method::GET, &["clusters", id.as_str()]);
        let answer = self.client.call(&request).await?;
        let value: Value = answer.json()?;
        read(&value).map_err(|why| answer.invalid(why))
    }
}
