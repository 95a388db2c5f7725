//! What there is, for people and programs outside.

use serde_json::{Value, json};

use crate::account::Account;
use crate::emulator::Endpoints;
use crate::moment::utc;
use crate::service::Cloud;

/// See [`crate::Emulator::describe`].
pub(crate) fn describe(cloud: &Cloud, endpoints: &Endpoints) -> Value {
    let account = cloud.account();
    json!({
        "endpoints": endpoints.to_json(),
        "account_id": account.id,
        "region": account.region,
        "domain": account.domain,
        "tablestore_instance": cloud.tablestore.name,
        "buckets": account.buckets.keys().collect::<Vec<_>>(),
        "access_keys": access_keys(&account),
        "clusters": account.clusters().iter().map(|cluster| json!({
            "id": cluster.id, "name": cluster.name, "state": cluster.state, "profile": cluster.profile,
            "audit": cluster.audit != crate::account::Audit::Off,
        })).collect::<Vec<_>>(),
        "identities": account.identities().iter().map(|identity| json!({
            "id": identity.id, "name": identity.name, "kind": identity.kind, "state": identity.account_state(),
        })).collect::<Vec<_>>(),
    })
}

/// The knobs, every pair with its certificates, permissions and cleanings, and the tasks.
pub(crate) fn state(cloud: &Cloud, endpoints: &Endpoints) -> Value {
    let mut state = describe(cloud, endpoints);
    let account = cloud.account();
    let now = cloud.now();
    let pairs = account.kubeconfigs().map(|pair| {
        let rows = account.rows(&pair.cluster, &pair.uid, true, now);
        let permissions = account.permissions(&pair.uid).filter(|p| p.scope.cluster() == Some(&pair.cluster));
        json!({
            "cluster": pair.cluster,
            "uid": pair.uid,
            "certificates": rows.iter().map(|row| json!({
                "state": row.state, "expires": row.expires.map(utc),
            })).collect::<Vec<_>>(),
            "permissions": permissions.map(|p| p.role_name.as_str()).collect::<Vec<_>>(),
            "last_access": account.last_access(&pair.cluster, &pair.uid).map(|record| utc(record.at)),
            "cleans": account.cleans(&pair.cluster, &pair.uid),
        })
    });
    state["kubeconfigs"] = pairs.collect::<Vec<_>>().into();
    state["tasks"] = account.tasks.iter().map(|t| json!({"id": t.id, "state": t.state()})).collect();
    state["knobs"] = json!(cloud.chaos.knobs());
    state["now"] = utc(now).into();
    state
}

fn access_keys(account: &Account) -> Vec<Value> {
    let owner = |id: &str| account.identity(id).map(|owner| owner.name.clone());
    let keys = account.access_keys().iter().map(|key| {
        json!({
            "owner": owner(&key.owner), "owner_id": key.owner,
            "access_key_id": key.id, "access_key_secret": key.secret.expose(),
        })
    });
    let sessions = account.sessions().iter().map(|session| {
        json!({
            "owner": owner(&session.role), "owner_id": session.role, "session": session.session,
            "access_key_id": session.id, "access_key_secret": session.secret.expose(),
            "security_token": session.token.expose(), "expires": utc(session.expires),
        })
    });
    keys.chain(sessions).collect()
}
