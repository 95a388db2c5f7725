//! Streams: the unit of ordering and of optimistic concurrency. One stream tells the story of one thing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::{ClusterId, IdError, IntakeId, KubeconfigKey, RunId, Uid, excerpt};

/// The name of a stream. Its text form is part of the storage format.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StreamId {
    /// `kubeconfig/{cluster}/{uid}`: one identity's access to one cluster.
    Kubeconfig(KubeconfigKey),
    /// `identity/{uid}`: a RAM user or role.
    Identity(Uid),
    /// `cluster/{id}`: a cluster.
    Cluster(ClusterId),
    /// `intake/{id}`: a message from outside and what became of it.
    Intake(IntakeId),
    /// `run/{id}`: a sweep, an export, an audited query.
    Run(RunId),
}

impl StreamId {
    /// The word before the first `/`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Kubeconfig(_) => "kubeconfig",
            Self::Identity(_) => "identity",
            Self::Cluster(_) => "cluster",
            Self::Intake(_) => "intake",
            Self::Run(_) => "run",
        }
    }

    /// The cluster that the stream is about, if it is about one: what "by cluster" is indexed on.
    pub const fn cluster(&self) -> Option<&ClusterId> {
        match self {
            Self::Kubeconfig(key) => Some(&key.cluster),
            Self::Cluster(id) => Some(id),
            _ => None,
        }
    }

    /// The identity that the stream is about, if it is about one: what "by identity" is indexed on.
    pub const fn uid(&self) -> Option<&Uid> {
        match self {
            Self::Kubeconfig(key) => Some(&key.uid),
            Self::Identity(uid) => Some(uid),
            _ => None,
        }
    }
}

impl From<KubeconfigKey> for StreamId {
    fn from(key: KubeconfigKey) -> Self {
        Self::Kubeconfig(key)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        match self {
            Self::Kubeconfig(key) => write!(f, "{kind}/{key}"),
            Self::Identity(uid) => write!(f, "{kind}/{uid}"),
            Self::Cluster(id) => write!(f, "{kind}/{id}"),
            Self::Intake(id) => write!(f, "{kind}/{id}"),
            Self::Run(id) => write!(f, "{kind}/{id}"),
        }
    }
}

impl FromStr for StreamId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let unknown = || IdError::Stream(excerpt(text));
        let (kind, rest) = text.split_once('/').ok_or_else(unknown)?;
        match kind {
            "kubeconfig" => {
                let (cluster, uid) = rest.split_once('/').ok_or_else(unknown)?;
                Ok(Self::Kubeconfig(KubeconfigKey { cluster: cluster.parse()?, uid: uid.parse()? }))
            }
            "identity" => rest.parse().map(Self::Identity),
            "cluster" => rest.parse().map(Self::Cluster),
            "intake" => rest.parse().map(Self::Intake),
            "run" => rest.parse().map(Self::Run),
            _ => Err(unknown()),
        }
    }
}

impl TryFrom<String> for StreamId {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<StreamId> for String {
    fn from(id: StreamId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_survives_its_text_form() {
        for text in [
            "kubeconfig/c0123/200000000000000001",
            "identity/200000000000000001",
            "cluster/c0123",
            "intake/0190b5c4-0000-7000-8000-000000000001",
            "run/0190b5c4-0000-7000-8000-000000000001",
        ] {
            assert_eq!(text.parse::<StreamId>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_names_no_stream_is_an_error() {
        for text in ["", "kubeconfig", "kubeconfig/c1", "kubeconfig/c1/alice", "pod/x", "run/1", "identity/"]
        {
            assert!(text.parse::<StreamId>().is_err(), "{text}");
        }
    }
}
