//! From a scenario to an account.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{ClusterSeed, IdentitySeed, KubeconfigSeed, RoleSeed, Scenario};
use crate::account::{
    AccessKey, Account, Audit, Cluster, Identity, Kind, Permission, Refusal, Scope, SessionKey,
};
use crate::certificate::Authority;
use crate::moment::utc;
use crate::record::Occurrence;
use crate::service::{Answer, Service};
use crate::signature::Caller;
use crate::trail::Trail;

/// Why a scenario makes no account.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Ids and names have to be unique.
    #[error("`{0}` is there twice")]
    Twice(String),
    /// A kubeconfig names what is not there.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is exactly one root identity, under the account's id.
    #[error("the identities need exactly one root, with the id of the account")]
    Root,
    /// A cluster's certificate authority could not be made.
    #[error("a certificate authority could not be made: {0}")]
    Authority(String),
}

impl Scenario {
    /// Builds the account as it is at `start`, and its trail of the time before.
    pub(crate) fn build(&self, start: Timestamp, trail: &Trail) -> Result<Account, ScenarioError> {
        let mut account = Account {
            id: self.account_id.clone(),
            region: self.region.clone(),
            domain: self.domain.clone(),
            ..Account::default()
        };
        for seed in &self.clusters {
            if account.cluster(&seed.id).is_ok() || account.cluster_named(&seed.name).is_ok() {
                return Err(ScenarioError::Twice(seed.name.clone()));
            }
            account.clusters.push(cluster(seed, start)?);
        }
        for seed in &self.identities {
            if account.identities().iter().any(|other| other.id == seed.id || other.name == seed.name) {
                return Err(ScenarioError::Twice(seed.name.clone()));
            }
            add_identity(&mut account, seed, start);
        }
        let roots: Vec<_> = self.identities.iter().filter(|i| i.kind == Kind::Root).map(|i| &i.id).collect();
        if roots != [&self.account_id] {
            return Err(ScenarioError::Root);
        }
        for seed in &self.kubeconfigs {
            add_kubeconfig(&mut account, seed, start)?;
        }
        for bucket in &self.buckets {
            account.make_bucket(bucket);
        }
        remember(&account, trail);
        Ok(account)
    }
}

fn hours(start: Timestamp, hours: i64) -> Timestamp {
    start.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(start)
}

fn days_ago(start: Timestamp, days: i64) -> Timestamp {
    hours(start, days.saturating_mul(-24))
}

fn cluster(seed: &ClusterSeed, start: Timestamp) -> Result<Cluster, ScenarioError> {
    let created = days_ago(start, seed.created_days_ago);
    let authority = Authority::new(&seed.id, created).map_err(|e| ScenarioError::Authority(e.to_string()))?;
    Ok(Cluster {
        id: seed.id.clone(),
        name: seed.name.clone(),
        state: seed.state.clone(),
        profile: seed.profile.clone(),
        cluster_type: "ManagedKubernetes".to_owned(),
        spec: "ack.pro.small".to_owned(),
        version: "1.33.3-aliyun.1".to_owned(),
        created,
        audit: if seed.audit { Audit::On { project: format!("k8s-log-{}", seed.id) } } else { Audit::Off },
        authority,
    })
}

fn add_identity(account: &mut Account, seed: &IdentitySeed, start: Timestamp) {
    let created = days_ago(start, seed.created_days_ago);
    account.identities.push(Identity {
        id: seed.id.clone(),
        kind: seed.kind,
        name: seed.name.clone(),
        display_name: if seed.display_name.is_empty() {
            seed.name.clone()
        } else {
            seed.display_name.clone()
        },
        active: seed.active,
        created,
        updated: created,
        deleted: seed.deleted_days_ago.map(|days| days_ago(start, days)),
        purged: false,
        trust_policy: if seed.kind == Kind::Role { trust_policy() } else { String::new() },
    });
    account.access_keys.extend(seed.access_keys.iter().map(|key| AccessKey {
        id: key.id.clone(),
        secret: key.secret.clone(),
        owner: seed.id.clone(),
        active: key.active,
    }));
    account.sessions.extend(seed.sessions.iter().map(|session| SessionKey {
        id: session.id.clone(),
        secret: session.secret.clone(),
        token: session.token.clone(),
        role: seed.id.clone(),
        session: session.session.clone(),
        expires: hours(start, session.ends_in_hours),
    }));
}

fn trust_policy() -> String {
    let statement = json!({
        "Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": ["fc.aliyuncs.com"]},
    });
    json!({"Statement": [statement], "Version": "1"}).to_string()
}

fn add_kubeconfig(
    account: &mut Account,
    seed: &KubeconfigSeed,
    start: Timestamp,
) -> Result<(), ScenarioError> {
    let found = account.cluster(&seed.cluster).or_else(|_| account.cluster_named(&seed.cluster));
    let cluster = found?.id.clone();
    let found = account.identities().iter().find(|i| i.id == seed.identity || i.name == seed.identity);
    let missing = || Refusal::NoSuchIdentity { kind: Kind::User, name: seed.identity.clone() };
    let Identity { id, kind, .. } = found.ok_or_else(missing)?.clone();
    for certificate in &seed.certificates {
        let from = hours(start, -certificate.issued_hours_ago);
        account.issue(&cluster, &id, from, hours(from, certificate.valid_hours), certificate.temporary)?;
    }
    account.kubeconfig_mut(&cluster, &id).reported.clone_from(&seed.reported);
    account.grant(seed.roles.iter().map(|role| permission(&cluster, &id, kind, role)).collect());
    for ago in &seed.used_hours_ago {
        account.record_access(&cluster, &id, hours(start, -ago))?;
    }
    Ok(())
}

fn permission(cluster: &str, uid: &str, kind: Kind, role: &RoleSeed) -> Permission {
    let preset = ["admin", "ops", "dev", "restricted"].contains(&role.name.as_str());
    Permission {
        uid: uid.to_owned(),
        scope: match &role.namespace {
            Some(namespace) => Scope::Namespace(cluster.to_owned(), namespace.clone()),
            None => Scope::Cluster(cluster.to_owned()),
        },
        role_name: role.name.clone(),
        role_type: if preset { role.name.clone() } else { "custom".to_owned() },
        is_owner: kind == Kind::Root,
        is_ram_role: kind == Kind::Role,
    }
}

/// Puts the creation and deletion of every user and role on the trail, as the root account's doing by the RAM API.
fn remember(account: &Account, trail: &Trail) {
    let Some(root) = account.identities().iter().find(|i| i.kind == Kind::Root) else { return };
    let caller = Caller { identity: root.clone(), key_id: String::new(), session: None };
    let mut records = Vec::new();
    for identity in account.identities().iter().filter(|i| i.kind != Kind::Root) {
        let (kind, resource) = match identity.kind {
            Kind::Role => ("Role", "ACS::RAM::Role"),
            _ => ("User", "ACS::RAM::User"),
        };
        let mut push = |operation: String, at: Timestamp, body: serde_json::Value| {
            let request_id = uuid::Uuid::new_v4().to_string().to_uppercase();
            let occurrence = Occurrence {
                service: Service::Ram,
                service_name: "Ram",
                version: "2015-05-01",
                operation: &operation,
                params: vec![(format!("{kind}Name"), identity.name.clone())],
                body: None,
                caller: &caller,
                request_id: &request_id,
                user_agent: "console",
                at,
            };
            let answer = Answer::json(body).about(resource, identity.name.as_str());
            records.push((at, occurrence.record(account, Ok(&answer))));
        };
        let created = json!({
            format!("{kind}Id"): identity.id, format!("{kind}Name"): identity.name,
            "CreateDate": utc(identity.created),
        });
        push(format!("Create{kind}"), identity.created, json!({kind: created}));
        if let Some(at) = identity.deleted {
            push(format!("Delete{kind}"), at, json!({}));
        }
    }
    records.sort_by_key(|(at, _)| *at);
    for (_, record) in records {
        trail.remember(record);
    }
}
