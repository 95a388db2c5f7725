//! Who used which cluster: the API server's audit log.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Account, Audit, Refusal};
use crate::moment::days;

/// How far back an access still counts as recent (ACS page "Delete kubeconfig files", 2024-12-23).
pub const AUDITED_FOR: SignedDuration = days(7);

/// One request to an API server.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessRecord {
    /// Id of the cluster.
    pub cluster: String,
    /// Name in the certificate: `{uid}-{suffix}`.
    pub username: String,
    /// When.
    pub at: Timestamp,
    /// `get`, `list`, …
    pub verb: String,
    /// e.g. `/api/v1/namespaces/default/pods`.
    pub uri: String,
    /// HTTP status of the answer.
    pub status: u16,
    /// Where the request came from.
    pub source: IpAddr,
    /// Unique id of the request.
    pub audit_id: String,
}

impl AccessRecord {
    /// The uid in the user name (ack-ram-tool e34e2551: `^(\d+)(-\d+)?$`).
    pub fn uid(&self) -> &str {
        self.username.split_once('-').map_or(&self.username, |(uid, _)| uid)
    }
}

impl Account {
    /// Records an access under the name of the pair's present certificate, if the cluster has audit logging.
    ///
    /// # Errors
    /// [`Refusal::NoSuchCluster`], [`Refusal::NoAccessRecords`].
    pub fn record_access(&mut self, cluster: &str, uid: &str, at: Timestamp) -> Result<(), Refusal> {
        let cluster = self.cluster(cluster)?;
        if cluster.audit == Audit::Off {
            return Err(Refusal::NoAccessRecords(cluster.id.clone()));
        }
        let cluster = cluster.id.clone();
        let username = self.common_name(&cluster, uid).unwrap_or_else(|| uid.to_owned());
        let number = self.next_number();
        self.access.push(AccessRecord {
            cluster,
            username,
            at,
            verb: "list".to_owned(),
            uri: "/api/v1/namespaces/default/pods?limit=500".to_owned(),
            status: 200,
            source: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
            audit_id: format!("00000000-0000-4000-8000-{number:012}"),
        });
        Ok(())
    }

    /// Everything recorded, in the order it was recorded.
    pub fn access_records(&self) -> &[AccessRecord] {
        &self.access
    }

    /// The newest recorded access of an identity to a cluster.
    pub fn last_access(&self, cluster: &str, uid: &str) -> Option<&AccessRecord> {
        let of_pair = self.access.iter().filter(|r| r.cluster == cluster && r.uid() == uid);
        of_pair.max_by_key(|r| r.at)
    }

    /// Refuses if the kubeconfig was used in the last seven days, or if that cannot be found out.
    pub(crate) fn refuse_if_in_use(&self, cluster: &str, uid: &str, now: Timestamp) -> Result<(), Refusal> {
        if self.cluster(cluster)?.audit == Audit::Off {
            return Err(Refusal::NoAccessRecords(cluster.to_owned()));
        }
        match self.last_access(cluster, uid) {
            Some(record) if now.duration_since(record.at) < AUDITED_FOR => {
                Err(Refusal::RecentlyUsed(record.at.to_string()))
            }
            _ => Ok(()),
        }
    }
}
