//! CS: kubeconfig lists, issuing and cleaning. The two lists differ in query spelling, enums and times.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::cs::{CLUSTER, known_uid};
use super::desk::{Desk, page};
use crate::account::{CertificateRow, Identity, Kind, Refusal};
use crate::moment::{china, utc};

/// States that ListClusterKubeconfigStates shows (alibabacloud-cs20151215 7.2.3); those it has no word for are absent.
/// `Unissued` and `Removed` are what keeps a pair out.
const NOTHING_THERE: [&str; 2] = ["Unissued", "Removed"];

pub(super) fn list_of_cluster(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let number = desk.params.number("pageNumber", 1, (1, usize::MAX))?;
    let size = desk.params.number("pageSize", 10, (1, 50))?;
    let cloud_services = desk.params.flag("cloudServiceKubeConfig")?;
    let cluster = desk.account.cluster(desk.params.need("ClusterId")?).map_err(desk.refused())?.id.clone();
    let mut states = Vec::new();
    // No cloud service holds a kubeconfig in the emulated account.
    if !cloud_services {
        for identity in desk.account.identities() {
            let rows = desk.account.rows(&cluster, &identity.id, desk.knobs.temporary_listed, desk.now);
            let rows = rows.into_iter().filter(|row| !NOTHING_THERE.contains(&row.state.as_str()));
            states.extend(rows.map(|row| state_of_cluster(desk, identity, &row)));
        }
    }
    let (states, total) = page(states, number, size);
    Ok(Answer::json(json!({
        "page": {"page_number": number, "page_size": size, "total_count": total},
        "states": states,
    })))
}

fn state_of_cluster(desk: &Desk<'_>, identity: &Identity, row: &CertificateRow) -> Value {
    let blank = identity.deleted.is_some() && desk.knobs.deleted_names_blank;
    let shown = |name: &str| if blank { String::new() } else { name.to_owned() };
    json!({
        "account_id": identity.id,
        "account_name": shown(&identity.name),
        "account_display_name": shown(&identity.display_name),
        "account_type": identity.kind.account_type(),
        "account_state": identity.account_state(),
        "cert_state": row.state,
        "cert_expire_time": row.expires.map_or_else(String::new, china),
        "revokable": identity.kind != Kind::Root && matches!(row.state.as_str(), "Unexpired" | "Expired"),
        "cloud_service_name": "",
        "cloud_service_roles": [],
    })
}

pub(super) fn list_of_user(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let number = desk.params.number("page_number", 1, (1, usize::MAX))?;
    let size = desk.params.number("page_size", 50, (1, 100))?;
    let uid = known_uid(desk)?;
    let deleted = desk.account.identity(uid).is_some_and(|identity| identity.deleted.is_some());
    if deleted && !desk.knobs.user_list_answers_for_deleted {
        let unknown = Refusal::NoSuchIdentity { kind: Kind::User, name: uid.to_owned() };
        return Err(ApiError::refused(desk.service, &unknown));
    }
    let mut states = Vec::new();
    for cluster in desk.account.clusters() {
        for row in desk.account.rows(&cluster.id, uid, desk.knobs.temporary_listed, desk.now) {
            states.push(json!({
                "cluster_id": cluster.id,
                "cluster_name": cluster.name,
                "cluster_state": cluster.state,
                "cert_state": row.state,
                "cert_expire_time": row.expires.map_or_else(String::new, utc),
            }));
        }
    }
    let (states, total) = page(states, number, size);
    Ok(Answer::json(json!({
        "page": {"page_number": number, "page_size": size, "total_count": total},
        "states": states,
    })))
}

pub(super) fn clean_one(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (uid, force) = (known_uid(desk)?.to_owned(), desk.params.flag("Force")?);
    let cluster = desk.params.need("ClusterId")?;
    let (caller, again) = (&desk.caller.identity.id, desk.knobs.cleaning_again_succeeds);
    desk.account.clean(cluster, &uid, caller, force, again, desk.now).map_err(desk.refused())?;
    Ok(Answer::empty().about(CLUSTER, cluster))
}

/// Without `ClusterIds` every cluster of the account is meant.
pub(super) fn clean_many(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let (uid, force) = (known_uid(desk)?.to_owned(), desk.params.flag("Force")?);
    let named = desk.params.get("ClusterIds").unwrap_or_default();
    let mut clusters: Vec<_> =
        named.split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
    if clusters.is_empty() {
        clusters = desk.account.clusters().iter().map(|c| c.id.clone()).collect();
    }
    let step = SignedDuration::from_millis(i64::try_from(desk.knobs.task_step_ms).unwrap_or(i64::MAX));
    let (caller, refused) = (&desk.caller.identity.id, desk.refused());
    let task = desk.account.start_cleaning(&uid, clusters, force, caller, step, desk.now).map_err(refused)?;
    let request_id = uuid::Uuid::new_v4().to_string().to_uppercase();
    Ok(Answer::json(json!({"request_id": request_id, "task_id": task.id})))
}

/// There is no uid: it acts on the caller.
pub(super) fn revoke_own(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let cluster = desk.params.need("ClusterId")?;
    let until = desk.now.saturating_add(crate::account::KUBECONFIG_LIFE).unwrap_or(desk.now);
    let refused = desk.refused();
    desk.account.renew(cluster, &desk.caller.identity.id, until, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({})).about(CLUSTER, cluster))
}

pub(super) fn issue_own(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = desk.caller.identity.id.clone();
    issue(desk, &uid)
}

pub(super) fn issue_for(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = known_uid(desk)?.to_owned();
    issue(desk, &uid)
}

fn issue(desk: &mut Desk<'_>, uid: &str) -> Result<Answer, ApiError> {
    desk.params.flag("PrivateIpAddress")?;
    let minutes = desk.params.number("TemporaryDurationMinutes", 0, (15, 4320))?;
    let minutes = i64::try_from(minutes).unwrap_or_default();
    let temporary = (minutes > 0).then(|| SignedDuration::from_mins(minutes));
    let (cluster, refused) = (desk.params.need("ClusterId")?, desk.refused());
    let (file, until) = desk.account.kubeconfig_file(cluster, uid, temporary, desk.now).map_err(refused)?;
    Ok(Answer::json(json!({"config": file, "expiration": utc(until)})))
}

#[derive(Deserialize)]
struct Expiry {
    user: String,
    expire_hour: i64,
}

pub(super) fn set_expiry(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let body: Expiry = serde_json::from_slice(desk.body).map_err(|_| ApiError::parameter("body"))?;
    if !(1..=876_000).contains(&body.expire_hour) {
        return Err(ApiError::parameter("expire_hour"));
    }
    let cluster = desk.params.need("ClusterId")?;
    let refused = desk.refused();
    if desk.account.identity(&body.user).is_none() {
        return Err(refused(Refusal::NoSuchIdentity { kind: Kind::User, name: body.user }));
    }
    let until = desk.now.saturating_add(SignedDuration::from_hours(body.expire_hour)).unwrap_or(desk.now);
    desk.account.issue(cluster, &body.user, desk.now, until, false).map_err(refused)?;
    Ok(Answer::empty().about(CLUSTER, cluster))
}
