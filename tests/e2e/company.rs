//! An account as small as a test needs it: three clusters, one of them without audit logging, and some people.

use cloud_emulator::Scenario;
use cloud_emulator::account::Kind;
use cloud_emulator::scenario::{CertificateSeed, IdentitySeed, KubeconfigSeed, RoleSeed};

/// Audited.
pub(crate) const PROD: &str = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9";
/// Audited.
pub(crate) const BATCH: &str = "c1b2c3d4e5f60718293a4b5c6d7e8f9a0";
/// Nobody can know whether a kubeconfig was used here: its revocations are held.
pub(crate) const DEV: &str = "c2c3d4e5f60718293a4b5c6d7e8f9a0b1";

/// The Alibaba Cloud account itself: it deletes the others.
pub(crate) const ROOT: &str = "1000000000000001";

/// A user or role with one kubeconfig in each of some clusters, last used long ago.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) kind: Kind,
    pub(crate) uid: String,
    pub(crate) name: String,
    pub(crate) clusters: Vec<&'static str>,
    /// Before the start.
    pub(crate) deleted: bool,
}

impl Member {
    pub(crate) fn user(number: usize, clusters: &[&'static str]) -> Self {
        Self {
            kind: Kind::User,
            uid: format!("20000000000{number:07}"),
            name: format!("user-{number}"),
            clusters: clusters.to_vec(),
            deleted: false,
        }
    }

    /// Who is deleted in most tests: two clusters that are audited, and one that is not.
    pub(crate) fn leaver() -> Self {
        Self::user(101, &[PROD, BATCH, DEV])
    }

    pub(crate) fn role(number: usize, clusters: &[&'static str]) -> Self {
        Self {
            kind: Kind::Role,
            uid: format!("30000000000{number:07}"),
            name: format!("role-{number}"),
            ..Self::user(number, clusters)
        }
    }

    pub(crate) fn deleted(self) -> Self {
        Self { deleted: true, ..self }
    }

    /// Its pairs in clusters with audit logging: what ends without a person.
    pub(crate) fn audited(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.clusters.iter().filter(|cluster| **cluster != DEV).map(|cluster| (*cluster, self.uid.as_str()))
    }

    fn identity(&self) -> IdentitySeed {
        IdentitySeed {
            id: self.uid.clone(),
            kind: self.kind,
            name: self.name.clone(),
            display_name: String::new(),
            active: true,
            created_days_ago: 300,
            deleted_days_ago: self.deleted.then_some(3),
            access_keys: vec![],
            sessions: vec![],
        }
    }

    fn kubeconfigs(&self) -> impl Iterator<Item = KubeconfigSeed> {
        self.clusters.iter().map(|cluster| KubeconfigSeed {
            cluster: (*cluster).to_owned(),
            identity: self.uid.clone(),
            certificates: vec![CertificateSeed {
                issued_hours_ago: 2000,
                valid_hours: 3 * 365 * 24,
                temporary: false,
            }],
            reported: None,
            roles: vec![RoleSeed { name: "dev".to_owned(), namespace: None }],
            used_hours_ago: vec![],
        })
    }
}

/// The account with these people in it, and the role that Reaper runs under.
pub(crate) fn company(members: &[Member]) -> Scenario {
    let mut scenario = Scenario::believable();
    scenario.identities.retain(|identity| ["root", "reaper"].contains(&identity.name.as_str()));
    scenario.identities.extend(members.iter().map(Member::identity));
    scenario.kubeconfigs = members.iter().flat_map(Member::kubeconfigs).collect();
    scenario
}
