//! What may be called, found out by calls that read.

use std::fmt::Display;

use alibaba_cloud::actiontrail::LookupBy;
use alibaba_cloud::cs::Cluster;
use alibaba_cloud::sls::LogStore;
use alibaba_cloud::sts::Caller;
use alibaba_cloud::{Client, Entry, Error, ErrorKind};
use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use kubeconfig::{KubeconfigKey, Uid};

use super::Finding;
use crate::config::Config;

const CHECK: &str = "permission";

/// What a call about somebody, or about a cluster, is made with.
struct Try<'a> {
    client: &'a Client,
    caller: &'a Caller,
    /// Whoever calls, or the account: an id that is certainly known.
    uid: Uid,
}

pub(super) async fn examine(
    client: &Client,
    config: &Config,
    caller: &Caller,
    unlisted: Option<Error>,
    clusters: &[Cluster],
) -> Vec<Finding> {
    let uid = caller.uid().unwrap_or(&caller.account).clone();
    let tried = Try { client, caller, uid };
    let mut findings = vec![tried.judge("cs:DescribeClustersV1", unlisted.map_or(Ok(()), Err))];
    findings.extend(tried.identities().await);
    findings.extend(tried.names().await);
    match clusters.first() {
        Some(cluster) => findings.extend(tried.cluster(cluster, config).await),
        None => findings.push(Finding::skip(CHECK, "calls about a cluster were not tried: none is listed")),
    }
    findings.push(
        Finding::skip(CHECK, "not tried, because it takes access away; the first revocation shows it")
            .about("cs:CleanClusterUserPermissions"),
    );
    findings
}

impl Try<'_> {
    async fn identities(&self) -> Vec<Finding> {
        let (ram, cs, ims) = (self.client.ram(), self.client.cs(), self.client.ims());
        let roles = first(ram.roles()).await;
        let role = match &roles {
            Ok(Some(Ok(role))) => Some(ram.role(&role.name).await.map(drop)),
            _ => None,
        };
        let mut findings = vec![
            self.judge("ram:ListUsers", first(ram.users()).await.map(drop)),
            self.judge("ram:ListRoles", roles.map(drop)),
            self.judge("ram:GetUser", ims.user_by_id(&self.uid).await.map(drop)),
            self.judge("cs:ListUserKubeConfigStates", first(cs.user_kubeconfigs(&self.uid)).await.map(drop)),
            self.judge("cs:DescribeUserPermission", cs.user_permissions(&self.uid).await.map(drop)),
        ];
        findings.extend(role.map(|role| self.judge("ram:GetRole", role)));
        findings
    }

    /// What a deleted name is looked up with.
    async fn names(&self) -> Vec<Finding> {
        let now = Timestamp::now();
        let by = LookupBy::EventName("CreateUser".to_owned());
        let hour = now - SignedDuration::from_hours(1);
        let events = first(self.client.action_trail().events(&by, hour, now)).await;
        let recycled = first(self.client.ims().recycled_users(None)).await;
        vec![
            self.judge("ram:ListUsersInRecycleBin", recycled.map(drop)),
            self.judge("actiontrail:LookupEvents", events.map(drop)),
        ]
    }

    async fn cluster(&self, cluster: &Cluster, config: &Config) -> Vec<Finding> {
        let cs = self.client.cs();
        let key = KubeconfigKey { cluster: cluster.id.clone(), uid: self.uid.clone() };
        let audit = cs.audit_project(&cluster.id).await;
        let log = audit.as_ref().ok().and_then(|audit| audit.project.clone());
        let mut findings = vec![
            self.judge("cs:DescribeClusterDetail", cs.cluster(&cluster.id).await.map(drop)),
            self.judge(
                "cs:ListClusterKubeconfigStates, with ram:ListUsers and ram:ListRoles",
                first(cs.cluster_kubeconfigs(&cluster.id)).await.map(drop),
            ),
            self.judge("cs:GetClusterAuditProject", audit.map(drop)),
        ];
        if config.cloud.activity_state {
            let activity = cs.user_activity(&key).await.map(drop);
            findings.push(self.judge("cs:DescribeUserClusterActivityState", activity));
        }
        if let Some(project) = log {
            findings.push(self.log(&project, cluster).await);
        }
        findings
    }

    async fn log(&self, project: &str, cluster: &Cluster) -> Finding {
        const ACTION: &str = "log:GetLogStoreLogs";
        let log = match LogStore::of_audit(project, &cluster.id, &cluster.region) {
            Ok(log) => log,
            Err(error) => return Finding::fail(CHECK, error.to_string()).about(ACTION),
        };
        let now = Timestamp::now();
        let sls = self.client.sls();
        let asked = sls.last_access(&log, &self.uid, now - SignedDuration::from_hours(1), now);
        self.judge(ACTION, asked.await.map(drop))
    }

    fn judge(&self, action: impl Display, result: Result<(), Error>) -> Finding {
        let action = action.to_string();
        let error = match result {
            // What was asked for may be unknown: whoever may not ask learns nothing of that.
            Ok(()) => return Finding::ok(CHECK, "allowed").about(action),
            Err(error) if error.is_not_found() => {
                return Finding::ok(CHECK, "allowed, as far as can be told").about(action);
            }
            Err(error) => error,
        };
        let arn = &self.caller.arn;
        match (error.kind(), error.status()) {
            (ErrorKind::Refused, Some(401 | 403)) => Finding::fail(CHECK, format!("refused: {error}"))
                .next(format!("allow {action} to {arn}; infra/terraform/policies has the documents"))
                .about(action),
            _ => Finding::fail(CHECK, format!("could not be found out: {error}"))
                .next("try again; the answer of the service is in the line")
                .about(action),
        }
    }
}

/// The first entry of a list: one page is asked for, not all.
async fn first<T>(mut entries: alibaba_cloud::listing::Entries<T>) -> Result<Option<Entry<T>>, Error> {
    entries.try_next().await
}
