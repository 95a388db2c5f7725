//! Messages of the cloud, for hosts that no EventBridge delivers to.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use http_api::{Message, Operator, Parameters, Problem};
use revocation::views::RevocationOutcome;
use revocation::{Reaper, Receipt};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{budget, cause, example, status, to_the_end};

/// What became of each message.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Receipts {
    /// In the order of the messages.
    receipts: Vec<Receipt>,
}

/// Deliver events of the cloud
///
/// One CloudEvent or an array of them, as EventBridge delivers them. A message only triggers: what is deleted is decided
/// from a fresh reading. What is not understood is kept, as in the function behind EventBridge, and is no error. On 503
/// deliver it again: what is done already is not done twice.
#[utoipa::path(
    post,
    path = "/v1/events",
    operation_id = "deliverEvents",
    tag = "revoke",
    security(("bearer" = ["operator"])),
    request_body(content = Object, description = "A CloudEvent or an array of them; at most 1 MiB.",
        example = json!(example::event())),
    responses(
        (status = 200, description = "Everything is over.", body = Receipts,
            example = json!({ "receipts": [example::receipt()] })),
        (status = 202, description = "At least one revocation goes on, or a message waits for a person.", body = Receipts,
            example = json!({ "receipts": [example::receipt_held()] })),
    )
)]
pub(crate) async fn receive(
    Operator(principal): Operator,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Message(body): Message,
) -> Result<(StatusCode, axum::Json<Receipts>), Problem> {
    parameters.finish(&[])?;
    let (cause, budget) = (cause(&principal), budget());
    let receipts = to_the_end(async move { reaper.receive(&body, &cause, budget).await }).await?;
    Ok((status_of(&receipts), axum::Json(Receipts { receipts })))
}

/// 202 where a message or a revocation is still open.
pub(crate) fn status_of(receipts: &[Receipt]) -> StatusCode {
    if receipts.iter().any(|receipt| matches!(receipt, Receipt::Unresolved { .. })) {
        return StatusCode::ACCEPTED;
    }
    status(receipts.iter().flat_map(outcomes))
}

fn outcomes(receipt: &Receipt) -> &[RevocationOutcome] {
    match receipt {
        Receipt::Revoked { outcomes, .. } => outcomes,
        _ => &[],
    }
}
