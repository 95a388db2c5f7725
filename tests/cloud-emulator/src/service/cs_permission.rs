//! CS: RBAC permissions.

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::cs::{CLUSTER, known_uid};
use super::desk::Desk;
use crate::account::{Kind, Permission, Scope};

pub(super) fn describe(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = known_uid(desk)?;
    let shown = |p: &Permission| {
        json!({
            "resource_id": p.scope.resource_id(),
            "resource_type": p.scope.resource_type(),
            "role_name": p.role_name,
            "role_type": p.role_type,
            "is_owner": u8::from(p.is_owner),
            "is_ram_role": u8::from(p.is_ram_role),
        })
    };
    Ok(Answer::json(Value::Array(desk.account.permissions(uid).map(shown).collect())))
}

/// An item of GrantPermissions and UpdateUserPermissions (alibabacloud-cs20151215 7.2.3).
#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    cluster: Option<String>,
    #[serde(default)]
    is_custom: bool,
    #[serde(default)]
    namespace: Option<String>,
    role_name: String,
    role_type: String,
}

/// Replaces everything that is granted to the identity.
pub(super) fn grant(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = known_uid(desk)?.to_owned();
    let items = items(desk, &uid)?;
    let answer = about(&items);
    desk.account.replace_permissions(&uid, items);
    Ok(answer)
}

/// `mode` says how the items meet what is there.
pub(super) fn update(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = known_uid(desk)?.to_owned();
    let items = items(desk, &uid)?;
    let answer = about(&items);
    match desk.params.get("mode").unwrap_or("apply") {
        "apply" => desk.account.replace_permissions(&uid, items),
        "patch" => desk.account.grant(items),
        "delete" => desk.account.withdraw(&items),
        _ => return Err(ApiError::parameter("mode")),
    }
    Ok(answer)
}

fn about(items: &[Permission]) -> Answer {
    let cluster = items.iter().find_map(|p| p.scope.cluster());
    cluster.map_or_else(Answer::empty, |cluster| Answer::empty().about(CLUSTER, cluster))
}

fn items(desk: &Desk<'_>, uid: &str) -> Result<Vec<Permission>, ApiError> {
    let items: Vec<Item> = serde_json::from_slice(desk.body).map_err(|_| ApiError::parameter("body"))?;
    let is_ram_role = desk.account.identity(uid).is_some_and(|identity| identity.kind == Kind::Role);
    items.into_iter().map(|item| permission(desk, uid, is_ram_role, item)).collect()
}

fn permission(desk: &Desk<'_>, uid: &str, is_ram_role: bool, item: Item) -> Result<Permission, ApiError> {
    let cluster = || {
        let id = item.cluster.as_deref().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| ApiError::parameter("cluster"))?;
        desk.account.cluster(id).map(|cluster| cluster.id.clone()).map_err(desk.refused())
    };
    let namespace = || {
        let name = item.namespace.clone().filter(|name| !name.is_empty());
        name.ok_or_else(|| ApiError::parameter("namespace"))
    };
    let scope = match item.role_type.as_str() {
        "cluster" => Scope::Cluster(cluster()?),
        "namespace" => Scope::Namespace(cluster()?, namespace()?),
        "all-clusters" => Scope::AllClusters,
        _ => return Err(ApiError::parameter("role_type")),
    };
    let preset = ["admin", "ops", "dev", "restricted"].contains(&item.role_name.as_str());
    let role_type = if item.is_custom || !preset { "custom".to_owned() } else { item.role_name.clone() };
    Ok(Permission {
        uid: uid.to_owned(),
        scope,
        role_name: item.role_name,
        role_type,
        is_owner: false,
        is_ram_role,
    })
}
