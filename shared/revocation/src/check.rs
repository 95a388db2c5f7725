//! The seven-day check: was the kubeconfig used within the last seven days?

use alibaba_cloud::sls::{LastAccess, LogStore};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::KubeconfigKey;
use kubeconfig::policy::{AccessCheck, CheckFailure};

use crate::reaper::Reaper;

/// How far back the check looks, as the console and the cloud's own check do.
const WINDOW: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Reaper {
    /// Asks. Every failure is an answer of its own, never "not used".
    ///
    /// Without audit logging nobody can know. With it, the activity query of CS answers at once where it exists; it
    /// is undocumented, so what it does not answer is looked up in the audit log itself.
    pub(crate) async fn check_access(&self, key: &KubeconfigKey) -> AccessCheck {
        let project = match self.cloud.cs().audit_project(&key.cluster).await {
            Ok(audit) => match audit.project.filter(|_| audit.enabled) {
                Some(project) => project,
                None => return AccessCheck::CheckFailed { cause: CheckFailure::AuditLoggingOff },
            },
            Err(error) => return failed(&error),
        };
        if self.config.cloud.activity_state {
            match self.cloud.cs().user_activity(key).await {
                Ok(activity) if activity.active => {
                    return AccessCheck::RecordsFound { last_access: activity.last_activity };
                }
                Ok(_) => return AccessCheck::NoRecords,
                Err(error) => {
                    tracing::info!(pair = %key, error = %error, "activity query failed, asking the audit log");
                }
            }
        }
        self.check_audit_log(key, &project).await
    }

    async fn check_audit_log(&self, key: &KubeconfigKey, project: &str) -> AccessCheck {
        let region = match self.projection().await {
            Ok(projection) => projection.clusters.get(&key.cluster).map(|cluster| cluster.region.clone()),
            Err(error) => return failed(&error),
        };
        let region = region.as_deref().unwrap_or(self.cloud.region());
        let log = match LogStore::of_audit(project, &key.cluster, region) {
            Ok(log) => log,
            Err(error) => return failed(&error),
        };
        let now = Timestamp::now();
        match self.cloud.sls().last_access(&log, &key.uid, now - WINDOW, now).await {
            Ok(LastAccess::Found { last, .. }) => AccessCheck::RecordsFound { last_access: last },
            Ok(LastAccess::NoRecords) => AccessCheck::NoRecords,
            Err(error) => failed(&error),
        }
    }
}

fn failed(error: &dyn std::error::Error) -> AccessCheck {
    AccessCheck::CheckFailed { cause: CheckFailure::Error { message: error.to_string() } }
}
