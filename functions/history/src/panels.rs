//! How things stand: by cluster, by identity, what deleted identities left behind, and what waits for a person.

use axum::Json;
use axum::extract::State;
use http_api::{Parameter, Parameters, Problem, ProblemType, Viewer};
use kubeconfig::{ClusterId, KubeconfigKey, Status, Uid, cloud_event};
use revocation::views::PairView;
use revocation::{ClusterPanel, Error, Explanation, HeldPanel, IdentityPanel, Overview, TimeToRevoke};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::archive::Archive;
use crate::as_of::AsOf;
use crate::example;

/// Clusters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterList {
    /// Every cluster that was ever seen.
    clusters: Vec<ClusterEntry>,
}

/// A cluster.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClusterEntry {
    /// Its id.
    cluster: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its region.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    /// Its profile, e.g. `Acs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<String>,
}

/// Pairs of cluster and identity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct KubeconfigList {
    /// By cluster, then by identity.
    kubeconfigs: Vec<PairView>,
}

/// How things stand
///
/// Numbers only. `swept_everything` says whether the latest sweep saw everything; before that, numbers are incomplete.
#[utoipa::path(
    get,
    path = "/v1/overview",
    operation_id = "getOverview",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(AsOf),
    responses((status = 200, description = "The numbers.", body = Overview, example = json!(example::overview())))
)]
pub(crate) async fn overview(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<Overview>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    Ok(Json(archive.history_as_of(&principal, as_of).await?.overview().await?))
}

/// List clusters
#[utoipa::path(
    get,
    path = "/v1/clusters",
    operation_id = "listClusters",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(AsOf),
    responses((status = 200, description = "All clusters.", body = ClusterList, example = json!(example::clusters())))
)]
pub(crate) async fn clusters(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<ClusterList>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    let clusters =
        archive.history_as_of(&principal, as_of).await?.clusters().await?.into_iter().map(|panel| {
            let ClusterPanel { cluster, name, region, state, profile, kubeconfigs: _ } = panel;
            ClusterEntry { cluster, name, region, state, profile }
        });
    Ok(Json(ClusterList { clusters: clusters.collect() }))
}

/// Show a cluster
///
/// Everybody who holds a kubeconfig of it, held one, or still has permissions on it.
#[utoipa::path(
    get,
    path = "/v1/clusters/{cluster}",
    operation_id = "getCluster",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(("cluster" = String, Path, description = "Id of the cluster.",
        example = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"), AsOf),
    responses((status = 200, description = "The panel.", body = ClusterPanel, example = json!(example::cluster())))
)]
pub(crate) async fn cluster(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<ClusterPanel>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    let cluster: ClusterId = parameters.path("cluster")?;
    let history = archive.history_as_of(&principal, as_of).await?;
    known(history.cluster(&cluster).await?, history.nothing_of_cluster(&cluster)).await.map(Json)
}

/// Show an identity
///
/// Its access to every cluster; where it never had any, the status is `NotIssued`.
#[utoipa::path(
    get,
    path = "/v1/identities/{uid}",
    operation_id = "getIdentity",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(("uid" = String, Path, description = "Id of the user or role.", example = "200000000000000101"), AsOf),
    responses((status = 200, description = "The panel.", body = IdentityPanel, example = json!(example::identity())))
)]
pub(crate) async fn identity(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<IdentityPanel>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    let uid: Uid = parameters.path("uid")?;
    let history = archive.history_as_of(&principal, as_of).await?;
    known(history.identity(&uid).await?, history.nothing_of_identity(&uid)).await.map(Json)
}

/// List leftovers
///
/// What deleted users and roles have left behind and still works: kubeconfigs or permissions.
#[utoipa::path(
    get,
    path = "/v1/leftovers",
    operation_id = "listLeftovers",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(AsOf),
    responses((status = 200, description = "The leftovers.", body = KubeconfigList,
        example = json!({ "kubeconfigs": [example::leftover()] })))
)]
pub(crate) async fn leftovers(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<KubeconfigList>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    Ok(Json(KubeconfigList {
        kubeconfigs: archive.history_as_of(&principal, as_of).await?.leftovers().await?,
    }))
}

/// List what waits for a person
#[utoipa::path(
    get,
    path = "/v1/held",
    operation_id = "listHeld",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(AsOf),
    responses((status = 200, description = "Revocations and messages.", body = HeldPanel,
        example = json!(example::held())))
)]
pub(crate) async fn held(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<HeldPanel>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    Ok(Json(archive.history_as_of(&principal, as_of).await?.held().await?))
}

/// List kubeconfigs
///
/// Every pair of cluster and identity that was ever read, filtered.
#[utoipa::path(
    get,
    path = "/v1/kubeconfigs",
    operation_id = "listKubeconfigs",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("status" = Option<String>, Query, description = "One of NotIssued, Effective, EffectiveResidualRbac, Expired, \
            Deleted, Revoked, Unknown.", example = "Effective"),
        ("cluster" = Option<String>, Query, description = "Id of a cluster.",
            example = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("uid" = Option<String>, Query, description = "Id of a user or role.", example = "200000000000000101"), AsOf),
    responses((status = 200, description = "Those that pass.", body = KubeconfigList,
        example = json!({ "kubeconfigs": [example::pair()] })))
)]
pub(crate) async fn kubeconfigs(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<KubeconfigList>, Problem> {
    let wanted: Option<Status> = parameters.one("status")?.map(|StatusWord(status)| status);
    let cluster: Option<ClusterId> = parameters.one("cluster")?;
    let uid: Option<Uid> = parameters.one("uid")?;
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&["status", "cluster", "uid", "as_of", "by"])?;
    let pass = |pair: &PairView| {
        wanted.is_none_or(|wanted| pair.status == wanted)
            && cluster.as_ref().is_none_or(|cluster| pair.cluster == cluster.as_str())
            && uid.as_ref().is_none_or(|uid| pair.uid == uid.as_str())
    };
    Ok(Json(KubeconfigList {
        kubeconfigs: archive.history_as_of(&principal, as_of).await?.pairs(pass).await?,
    }))
}

/// Show a kubeconfig
#[utoipa::path(
    get,
    path = "/v1/kubeconfigs/{cluster}/{uid}",
    operation_id = "getKubeconfig",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("cluster" = String, Path, description = "Id of the cluster.", example = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("uid" = String, Path, description = "Id of the user or role.", example = "200000000000000101"), AsOf),
    responses((status = 200, description = "The pair.", body = PairView, example = json!(example::pair())))
)]
pub(crate) async fn kubeconfig(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<PairView>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    let key = KubeconfigKey { cluster: parameters.path("cluster")?, uid: parameters.path("uid")? };
    let history = archive.history_as_of(&principal, as_of).await?;
    known(history.pair(&key).await?, history.nothing_of_pair(&key)).await.map(Json)
}

/// Why a kubeconfig has its status, and what decided it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Why {
    /// One sentence.
    because: String,
    /// The pair.
    kubeconfig: PairView,
    /// The events that decided it, as CloudEvents 1.0, in the order in which they were stored.
    #[schema(value_type = Vec<Object>)]
    events: Vec<Value>,
}

/// Explain a status
///
/// The events that decided the present status, or that of an instant: the reading, for a read-back all of its revocation, what is
/// under way, and the deletion or restoration of the identity.
#[utoipa::path(
    get,
    path = "/v1/kubeconfigs/{cluster}/{uid}/why",
    operation_id = "explainKubeconfig",
    tag = "history",
    security(("bearer" = ["viewer"])),
    params(
        ("cluster" = String, Path, description = "Id of the cluster.", example = "c0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        ("uid" = String, Path, description = "Id of the user or role.", example = "200000000000000101"),
        AsOf
    ),
    responses((status = 200, description = "Why.", body = Why, example = json!(example::why())))
)]
pub(crate) async fn why(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    mut parameters: Parameters,
) -> Result<Json<Why>, Problem> {
    let as_of = AsOf::read(&mut parameters)?;
    parameters.finish(&AsOf::NAMES)?;
    let key = KubeconfigKey { cluster: parameters.path("cluster")?, uid: parameters.path("uid")? };
    let history = archive.history_as_of(&principal, as_of).await?;
    let Explanation { pair, because, events } =
        known(history.why(&key).await?, history.nothing_of_pair(&key)).await?;
    Ok(Json(Why { because, kubeconfig: pair, events: events.iter().map(cloud_event).collect() }))
}

/// How long revocations took.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Promptness {
    /// The latest month first, one entry for each trigger.
    months: Vec<TimeToRevoke>,
}

/// Measure the time to revoke
///
/// From what happened, by way of when it was stored, to the read-back: seconds that 50, 95 and 99 in 100 revocations of a month
/// did not exceed. All requests and read-backs are read for it.
#[utoipa::path(
    get,
    path = "/v1/metrics/time-to-revoke",
    operation_id = "getTimeToRevoke",
    tag = "history",
    security(("bearer" = ["viewer"])),
    responses((status = 200, description = "By month.", body = Promptness, example = json!(example::time_to_revoke())))
)]
pub(crate) async fn time_to_revoke(
    Viewer(principal): Viewer,
    State(archive): State<Archive>,
    parameters: Parameters,
) -> Result<Json<Promptness>, Problem> {
    parameters.finish(&[])?;
    Ok(Json(Promptness { months: archive.history(&principal).await?.time_to_revoke().await? }))
}

/// A status by its word.
struct StatusWord(Status);

impl Parameter for StatusWord {
    const EXPECTED: &'static str =
        "one of NotIssued, Effective, EffectiveResidualRbac, Expired, Deleted, Revoked, Unknown";

    fn read(text: &str) -> Option<Self> {
        Status::ALL.into_iter().find(|status| status.as_str() == text).map(Self)
    }
}

/// What was found, or the problem that nothing is known of it, in the words of the history.
pub(crate) async fn known<T>(
    found: Option<T>,
    nothing: impl Future<Output = Result<String, Error>>,
) -> Result<T, Problem> {
    match found {
        Some(found) => Ok(found),
        None => Err(Problem::new(ProblemType::NotFound, nothing.await?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_named_where_one_does_not_fit() {
        let words = Status::ALL.map(Status::as_str).join(", ");
        assert_eq!(StatusWord::EXPECTED, format!("one of {words}"));
    }
}
