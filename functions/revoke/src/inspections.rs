//! Inspecting a kubeconfig file or certificate that turned up where it should not.

use std::sync::Arc;

use axum::extract::State;
use http_api::{File, Parameters, Problem, ProblemType, Viewer};
use jiff::Timestamp;
use revocation::Reaper;
use revocation::inspection::{self, Holding};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::commands::Wanted;
use crate::example;

/// What a file holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inspections {
    /// One for each context of the file; one for a certificate by itself.
    holdings: Vec<Inspection>,
}

/// What one context holds, and what to do about it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inspection {
    /// What it holds.
    #[serde(flatten)]
    holding: Holding,
    /// The body of `POST /v1/revocations` that ends this access; absent where nobody knows whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation: Option<NextRevocation>,
}

/// A request that ends the access.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextRevocation {
    /// Whose.
    uid: String,
    /// Where.
    #[schema(value_type = Wanted)]
    clusters: Value,
    /// Why, for the history.
    reason: &'static str,
}

/// Inspect a kubeconfig file
///
/// Says whose a kubeconfig file or a certificate (PEM or DER) is, for which cluster, how long it is valid, and what is known
/// of that access. Private keys, tokens and passwords are dropped while it is read; nothing is stored, logged or sent on.
#[utoipa::path(
    post,
    path = "/v1/inspections",
    operation_id = "inspect",
    tag = "revoke",
    security(("bearer" = ["viewer"])),
    request_body(content = String, content_type = "application/octet-stream",
        description = "The file as it is; at most 1 MiB.", example = json!("apiVersion: v1\nkind: Config\n")),
    responses((status = 200, description = "What it holds.", body = Inspections,
        example = json!({ "holdings": [example::inspection()] })))
)]
pub(crate) async fn inspect(
    Viewer(principal): Viewer,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    File(file): File,
) -> Result<axum::Json<Inspections>, Problem> {
    parameters.finish(&[])?;
    let mut holdings = inspection::understand(&file, Timestamp::now())
        .map_err(|error| Problem::new(ProblemType::InvalidBody, error.to_string()))?;
    drop(file);
    reaper.history().within(principal.scope().clone()).look_up(&mut holdings).await?;
    let holdings = holdings.into_iter().map(|holding| Inspection { revocation: next(&holding), holding });
    Ok(axum::Json(Inspections { holdings: holdings.collect() }))
}

fn next(holding: &Holding) -> Option<NextRevocation> {
    let uid = holding.uid.clone()?;
    let clusters = holding.cluster.as_ref().map_or_else(|| json!("all"), |cluster| json!([cluster]));
    Some(NextRevocation { uid, clusters, reason: "its kubeconfig has leaked" })
}
