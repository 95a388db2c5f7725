//! Clusters.

use kubeconfig::cluster::{Cluster, ClusterEvent};
use kubeconfig::reading::ClusterState;

pub(super) fn samples() -> impl Iterator<Item = ClusterEvent> {
    let cluster = Cluster {
        name: "shop".into(),
        region: "cn-hangzhou".into(),
        state: ClusterState::Running,
        profile: "Acs".into(),
    };
    [ClusterEvent::ClusterObserved(cluster), ClusterEvent::ClusterGone {}].into_iter()
}
