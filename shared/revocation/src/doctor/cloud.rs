//! Who calls, what time it is, what may be called, and what the clusters record.

use alibaba_cloud::cs::Cluster;
use alibaba_cloud::sts::{Caller, CallerIdentity};
use alibaba_cloud::{Client, Error, ErrorKind, Listing};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::reading::ClusterState;

use super::{Finding, permissions};
use crate::config::Config;

/// Clusters that are asked for their audit log.
const CLUSTERS: usize = 200;

/// How far clocks may be apart before somebody should look. The cloud refuses requests at about 15 minutes.
const SKEW: SignedDuration = SignedDuration::from_secs(60);

pub(super) async fn examine(client: &Client, config: &Config, now: Timestamp) -> Vec<Finding> {
    let (caller, time) = match client.sts().caller_and_time().await {
        Ok(answer) => answer,
        Err(error) => return vec![nobody(&error), untried()],
    };
    let mut findings = vec![who(&caller), clock(time, now)];
    let clusters = Listing::collect(client.cs().clusters()).await;
    let listed = clusters.as_ref().map(|clusters| clusters.entries.clone()).unwrap_or_default();
    findings.extend(permissions::examine(client, config, &caller, clusters.err(), &listed).await);
    findings.extend(audit_logs(client, &listed).await);
    findings
}

fn nobody(error: &Error) -> Finding {
    let skewed = error.code().is_some_and(|code| code.starts_with("InvalidTimeStamp"));
    if skewed {
        return Finding::fail("clock", format!("the cloud refuses the time of this machine: {error}"))
            .next("set the clock, e.g. by NTP");
    }
    let next = match error.kind() {
        ErrorKind::Credentials => {
            "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or configure the `aliyun` command line"
        }
        ErrorKind::Refused | ErrorKind::NotFound => {
            "renew the access key or the session; sts:GetCallerIdentity has to be allowed"
        }
        _ => "look whether this machine reaches the address of STS",
    };
    Finding::fail("credentials", format!("nothing can be called: {error}")).next(next)
}

fn untried() -> Finding {
    Finding::skip("permission", "not tried: nobody is known to the cloud")
}

fn who(caller: &Caller) -> Finding {
    const CHECK: &str = "credentials";
    match &caller.identity {
        CallerIdentity::Account => {
            Finding::warn(CHECK, "these are the account's own keys, which may do everything")
                .next("use a role with a policy of infra/terraform/policies")
        }
        _ => Finding::ok(CHECK, format!("calls are made as {}", caller.arn)),
    }
}

/// Compares the clock of the cloud with this machine's.
fn clock(time: Option<Timestamp>, now: Timestamp) -> Finding {
    const CHECK: &str = "clock";
    let Some(time) = time else { return Finding::skip(CHECK, "the cloud's answer names no time") };
    let apart = time.duration_since(now).abs();
    if apart <= SKEW {
        return Finding::ok(CHECK, "this machine's clock and the cloud's agree");
    }
    Finding::warn(
        CHECK,
        format!("this machine's clock is {} s off; at about 900 s every call is refused", apart.as_secs()),
    )
    .next("set the clock, e.g. by NTP")
}

async fn audit_logs(client: &Client, clusters: &[Cluster]) -> Vec<Finding> {
    const CHECK: &str = "audit-log";
    let reachable: Vec<_> =
        clusters.iter().filter(|cluster| cluster.state == ClusterState::Running).collect();
    let mut findings = vec![];
    let mut logged = 0;
    for cluster in reachable.iter().take(CLUSTERS) {
        let about = format!("{} ({})", cluster.name, cluster.id);
        match client.cs().audit_project(&cluster.id).await {
            Ok(audit) if audit.enabled && audit.project.is_some() => logged += 1,
            Ok(_) => findings.push(
                Finding::warn(CHECK, "access is not recorded: every revocation here waits for a person")
                    .about(about)
                    .next("switch the cluster's audit log on in the console of ACK"),
            ),
            Err(error) => findings.push(Finding::fail(CHECK, error.to_string()).about(about)),
        }
    }
    if logged > 0 {
        findings.push(Finding::ok(
            CHECK,
            format!("{logged} of {} running clusters record access", reachable.len()),
        ));
    }
    if reachable.len() > CLUSTERS {
        let left = reachable.len() - CLUSTERS;
        findings.push(Finding::skip(CHECK, format!("{left} further clusters were not asked")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Grade;

    #[test]
    fn clocks_may_be_a_minute_apart() {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let grade = |seconds| clock(Some(now + SignedDuration::from_secs(seconds)), now).result;
        assert_eq!([-60, 0, 60].map(grade), [Grade::Ok; 3]);
        assert_eq!([-61, 61, 800].map(grade), [Grade::Warn; 3]);
        assert_eq!(clock(None, now).result, Grade::Skip);
    }
}
