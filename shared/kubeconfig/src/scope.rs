//! What somebody may see and act upon: everything, or certain clusters and identities.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::id::{ClusterId, KubeconfigKey, Uid};

/// The part of the account that somebody's rights are bounded to. Clusters bound clusters, identities bound identities,
/// and where both are bounded a pair has to lie within both. Cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    clusters: Option<Arc<BTreeSet<ClusterId>>>,
    identities: Option<Arc<BTreeSet<Uid>>>,
}

/// One thing that a scope is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// This cluster, and others that are named.
    Cluster(ClusterId),
    /// This identity, and others that are named.
    Identity(Uid),
}

impl Scope {
    /// No bounds.
    pub const EVERYTHING: Self = Self { clusters: None, identities: None };

    /// The scope of all these bounds together; without any it is everything.
    pub fn of<'a>(bounds: impl IntoIterator<Item = &'a Bound>) -> Self {
        let (mut clusters, mut identities) = (BTreeSet::new(), BTreeSet::new());
        for bound in bounds {
            match bound {
                Bound::Cluster(id) => drop(clusters.insert(id.clone())),
                Bound::Identity(uid) => drop(identities.insert(uid.clone())),
            }
        }
        let clusters = (!clusters.is_empty()).then(|| Arc::new(clusters));
        let identities = (!identities.is_empty()).then(|| Arc::new(identities));
        Self { clusters, identities }
    }

    /// Whether nothing is out of it.
    pub fn is_everything(&self) -> bool {
        self.clusters.is_none() && self.identities.is_none()
    }

    /// Whether it has the pair.
    pub fn admits(&self, key: &KubeconfigKey) -> bool {
        self.admits_cluster(&key.cluster) && self.admits_identity(&key.uid)
    }

    /// Whether it may have pairs of the cluster.
    pub fn admits_cluster(&self, id: &ClusterId) -> bool {
        self.clusters.as_ref().is_none_or(|clusters| clusters.contains(id))
    }

    /// Whether it may have pairs of the identity.
    pub fn admits_identity(&self, uid: &Uid) -> bool {
        self.identities.as_ref().is_none_or(|identities| identities.contains(uid))
    }

    /// Whether it has the cluster itself. Who is bounded to identities sees the clusters of their pairs.
    pub(crate) fn shows_cluster(&self, id: &ClusterId, of_pairs: &BTreeSet<&ClusterId>) -> bool {
        self.admits_cluster(id) && (self.identities.is_none() || of_pairs.contains(id))
    }

    /// Whether it has the identity itself. Who is bounded to clusters sees the identities of their pairs.
    pub(crate) fn shows_identity(&self, uid: &Uid, of_pairs: &BTreeSet<&Uid>) -> bool {
        self.admits_identity(uid) && (self.clusters.is_none() || of_pairs.contains(uid))
    }
}
