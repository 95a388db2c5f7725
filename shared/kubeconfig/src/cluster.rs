//! A cluster, as far as it matters for deciding about access to it.

use serde::{Deserialize, Serialize};

use crate::reading::ClusterState;

/// Facts of the stream `cluster/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum ClusterEvent {
    /// Seen for the first time, or seen changed.
    ClusterObserved(Cluster),
    /// No longer listed.
    ClusterGone {},
}

/// What is known of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its name, for people.
    pub name: String,
    /// The region it runs in.
    pub region: String,
    /// Its state.
    pub state: ClusterState,
    /// `Acs`, `Serverless`, `Default` and so on, as the cloud writes it: reported, never filtered on.
    pub profile: String,
}

impl Cluster {
    /// The state after one more event.
    pub fn evolve(state: Option<Self>, event: &ClusterEvent) -> Option<Self> {
        match event {
            ClusterEvent::ClusterObserved(cluster) => Some(cluster.clone()),
            ClusterEvent::ClusterGone {} => {
                state.map(|cluster| Self { state: ClusterState::Deleted, ..cluster })
            }
        }
    }
}
