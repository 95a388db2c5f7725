//! Addresses of the pages about one cluster, one identity, and the access of one to the other.
//!
//! Ids consist of letters, digits, `-` and `_` ([`kubeconfig::ClusterId`], [`kubeconfig::Uid`]), so that nothing in an address
//! has to be encoded.

use std::fmt::Display;

pub(crate) fn cluster_path(cluster: impl Display) -> String {
    format!("/clusters/{cluster}")
}

pub(crate) fn identity_path(uid: impl Display) -> String {
    format!("/identities/{uid}")
}

pub(crate) fn pair_path(cluster: impl Display, uid: impl Display) -> String {
    format!("{}{}", cluster_path(cluster), identity_path(uid))
}
