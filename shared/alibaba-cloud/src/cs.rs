//! Container Service, API version 2015-12-15 (ROA style), for ACK and ACS alike
//! (paths and fields: package alibabacloud-cs20151215 7.2.3).

mod activity;
mod cluster;
mod kubeconfigs;
mod permissions;

pub use activity::{AuditProject, UserActivity};
pub use cluster::Cluster;
pub use kubeconfigs::{Cleaned, ClusterKubeconfig, UserKubeconfig};
pub use permissions::{Scope, UserPermission};

use crate::client::Client;

const VERSION: &str = "2015-12-15";

/// The operations of Container Service.
#[derive(Clone)]
pub struct Cs {
    client: Client,
}

impl Cs {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}
