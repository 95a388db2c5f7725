//! Container Service, CS API 2015-12-15: the operations by address, and clusters and tasks.
//!
//! Paths, parameters and fields: alibabacloud-cs20151215 7.2.3; DescribeUserClusterActivityState: ack-ram-tool e34e2551.

use serde_json::{Value, json};

use super::answer::{Answer, ApiError};
use super::cs_kubeconfig as kubeconfig;
use super::cs_permission as permission;
use super::desk::{Desk, Effect, Operation, page};
use crate::account::{AUDITED_FOR, Audit, Cluster, Kind, Refusal, Task};
use crate::moment::{china, utc};

use Effect::{Read, Write};

/// `referencedResources` type of clusters, by the pattern of other products.
pub(super) const CLUSTER: &str = "ACS::CS::Cluster";

pub(crate) const OPERATIONS: &[Operation] = &[
    Operation::roa("DescribeClustersV1", "GET", "/api/v1/clusters", Read, list_clusters),
    Operation::roa("DescribeClustersForRegion", "GET", "/regions/{region_id}/clusters", Read, list_clusters),
    Operation::roa("DescribeClusterDetail", "GET", "/clusters/{ClusterId}", Read, describe_cluster),
    Operation::roa(
        "ListClusterKubeconfigStates",
        "GET",
        "/clusters/{ClusterId}/kubeconfig/states",
        Read,
        kubeconfig::list_of_cluster,
    ),
    Operation::roa(
        "ListUserKubeConfigStates",
        "GET",
        "/users/{Uid}/kubeconfig/states",
        Read,
        kubeconfig::list_of_user,
    ),
    Operation::roa(
        "CleanClusterUserPermissions",
        "DELETE",
        "/cluster/{ClusterId}/user/{Uid}/permissions",
        Write,
        kubeconfig::clean_one,
    ),
    Operation::roa(
        "CleanUserPermissions",
        "DELETE",
        "/users/{Uid}/permissions",
        Write,
        kubeconfig::clean_many,
    ),
    Operation::roa("DescribeTaskInfo", "GET", "/tasks/{task_id}", Read, describe_task),
    Operation::roa("CancelTask", "POST", "/tasks/{task_id}/cancel", Write, cancel_task),
    Operation::roa(
        "DescribeUserClusterActivityState",
        "GET",
        "/clusters/{ClusterId}/users/{Uid}/activity-state",
        Read,
        describe_activity,
    ),
    Operation::roa("GetClusterAuditProject", "GET", "/clusters/{ClusterId}/audit", Read, audit_project),
    Operation::roa(
        "RevokeK8sClusterKubeConfig",
        "DELETE",
        "/k8s/{ClusterId}/certs",
        Write,
        kubeconfig::revoke_own,
    ),
    Operation::roa(
        "DescribeClusterUserKubeconfig",
        "GET",
        "/k8s/{ClusterId}/user_config",
        Read,
        kubeconfig::issue_own,
    ),
    Operation::roa(
        "DescribeSubaccountK8sClusterUserConfig",
        "GET",
        "/k8s/{ClusterId}/users/{Uid}/user_config",
        Read,
        kubeconfig::issue_for,
    ),
    Operation::roa(
        "UpdateK8sClusterUserConfigExpire",
        "POST",
        "/k8s/{ClusterId}/user_config/expire",
        Write,
        kubeconfig::set_expiry,
    ),
    Operation::roa("DescribeUserPermission", "GET", "/permissions/users/{Uid}", Read, permission::describe),
    Operation::roa("GrantPermissions", "POST", "/permissions/users/{Uid}", Write, permission::grant),
    Operation::roa(
        "UpdateUserPermissions",
        "POST",
        "/permissions/users/{Uid}/update",
        Write,
        permission::update,
    ),
];

/// DescribeClustersV1 and DescribeClustersForRegion: only the first shows `meta_data`.
fn list_clusters(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let params = desk.params;
    let number = params.number("page_number", 1, (1, usize::MAX))?;
    // The upper bound is not documented; 100 is that of the user list.
    let size = params.number("page_size", 10, (1, 100))?;
    let region = params.get("region_id").is_none_or(|region| region == desk.account.region);
    let wanted = |cluster: &&Cluster| {
        let is = |name: &str, value: &str| params.get(name).is_none_or(|v| v.eq_ignore_ascii_case(value));
        region
            && is("cluster_id", &cluster.id)
            && is("cluster_type", &cluster.cluster_type)
            && is("cluster_spec", &cluster.spec)
            && is("profile", &cluster.profile)
            && params.get("name").is_none_or(|name| cluster.name.contains(name))
    };
    let clusters: Vec<_> = desk.account.clusters().iter().filter(wanted).collect();
    let (clusters, total) = page(clusters, number, size);
    let clusters: Vec<_> = clusters.into_iter().map(|c| shown(c, &desk.account.region)).collect();
    Ok(Answer::json(json!({
        "clusters": clusters,
        "page_info": {"page_number": number, "page_size": size, "total_count": total},
    })))
}

fn describe_cluster(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let cluster = desk.account.cluster(desk.params.need("ClusterId")?).map_err(desk.refused())?;
    Ok(Answer::json(shown(cluster, &desk.account.region)))
}

fn shown(cluster: &Cluster, region: &str) -> Value {
    let meta_data = json!({"AuditProjectName": match &cluster.audit {
        Audit::On { project } => project.as_str(),
        Audit::Off => "",
    }});
    json!({
        "cluster_id": cluster.id,
        "name": cluster.name,
        "region_id": region,
        "state": cluster.state,
        "cluster_type": cluster.cluster_type,
        "profile": cluster.profile,
        "cluster_spec": cluster.spec,
        "current_version": cluster.version,
        "init_version": cluster.version,
        "created": china(cluster.created),
        "updated": china(cluster.created),
        "deletion_protection": true,
        "meta_data": meta_data.to_string(),
        "tags": [{"key": "ack.aliyun.com", "value": cluster.id}],
    })
}

fn audit_project(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let cluster = desk.account.cluster(desk.params.need("ClusterId")?).map_err(desk.refused())?;
    Ok(Answer::json(match &cluster.audit {
        Audit::On { project } => json!({"sls_project_name": project, "audit_enabled": true}),
        Audit::Off => json!({"sls_project_name": "", "audit_enabled": false}),
    }))
}

/// Undocumented; shape from ack-ram-tool e34e2551. What it answers without audit logging is a guess.
fn describe_activity(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let uid = desk.params.need("Uid")?;
    let cluster = desk.account.cluster(desk.params.need("ClusterId")?).map_err(desk.refused())?;
    let Audit::On { project } = &cluster.audit else {
        return Err(ApiError::refused(desk.service, &Refusal::NoAccessRecords(cluster.id.clone())));
    };
    let last = desk.account.last_access(&cluster.id, uid);
    let active = last.is_some_and(|record| desk.now.duration_since(record.at) < AUDITED_FOR);
    let mut answer = json!({
        "log_project_name": project,
        "log_store_name": cluster.logstore(),
        "log_query_exp": format!("user.username: {uid}*"),
        "active": active,
        "last_audit_id": last.map_or("", |record| record.audit_id.as_str()),
    });
    if let Some(record) = last {
        answer["last_activity"] = utc(record.at).into();
    }
    Ok(Answer::json(answer))
}

/// The shape of a finished clean task is unconfirmed; this one follows the fields of the model.
fn describe_task(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let task = desk.account.task(desk.params.need("task_id")?).map_err(desk.refused())?;
    let result = |done: &Option<Result<(), Refusal>>| match done {
        None => "initial",
        Some(Ok(())) => "success",
        Some(Err(_)) => "failed",
    };
    let results: Vec<_> =
        task.steps.iter().map(|s| json!({"data": s.cluster, "status": result(&s.done)})).collect();
    let failed = task.steps.iter().filter_map(|s| Some((&s.cluster, s.done.as_ref()?.as_ref().err()?)));
    let failed: Vec<_> = failed.map(|(c, refusal)| (c, ApiError::refused(desk.service, refusal))).collect();
    let events: Vec<_> = failed
        .iter()
        .map(|(cluster, error)| {
            json!({
                "action": "clean", "level": "error", "source": cluster, "reason": error.code,
                "message": error.message, "timestamp": utc(task.updated),
            })
        })
        .collect();
    let error = failed.first().map(|(_, error)| json!({"code": error.code, "message": error.message}));
    Ok(Answer::json(json!({
        "task_id": task.id,
        "cluster_id": "",
        "task_type": "clean-user-permissions",
        "state": task.state(),
        "created": utc(task.created),
        "updated": utc(task.updated),
        "current_stage": "clean",
        "target": {"id": task.uid, "type": "user"},
        "parameters": {"force": task.force.to_string()},
        "stages": [stage(task)],
        "events": events,
        "task_result": results,
        "error": error,
    })))
}

fn stage(task: &Task) -> Value {
    let running = task.state() == "running";
    json!({
        "state": task.state(),
        "start_time": utc(task.created),
        "end_time": if running { String::new() } else { utc(task.updated) },
        "message": "",
        "outputs": {},
    })
}

fn cancel_task(desk: &mut Desk<'_>) -> Result<Answer, ApiError> {
    let id = desk.params.need("task_id")?;
    desk.account.cancel_task(id, desk.now).map_err(desk.refused())?;
    Ok(Answer::empty())
}

/// The identity that a uid in a path stands for, also if it is deleted.
pub(super) fn known_uid<'a>(desk: &'a Desk<'_>) -> Result<&'a str, ApiError> {
    let uid = desk.params.need("Uid")?;
    if uid.is_empty() || uid.len() > 20 || !uid.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiError::parameter("Uid"));
    }
    if desk.account.identity(uid).is_none() {
        let unknown = Refusal::NoSuchIdentity { kind: Kind::User, name: uid.to_owned() };
        return Err(ApiError::refused(desk.service, &unknown));
    }
    Ok(uid)
}
