//! Deciding on what waits for a person.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use http_api::{Approver, Json, Parameters, Problem};
use kubeconfig::{IntakeId, RevocationId, Uid};
use revocation::views::RevocationOutcome;
use revocation::{Reaper, Receipt};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::messages::status_of;
use crate::{budget, cause, example, status, to_the_end};

/// The longest text of a person, in characters: it is kept for ever.
const WORDS_MAX: usize = 1000;

/// Words of a person, for the history.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Words(String);

impl Words {
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

impl TryFrom<String> for Words {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let fits = (1..=WORDS_MAX).contains(&text.chars().count()) && !text.contains('\0');
        if fits { Ok(Self(text)) } else { Err(format!("expected a text of 1 to {WORDS_MAX} characters")) }
    }
}

/// A decision.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decision {
    /// Why, for the history. At most 1000 characters.
    #[schema(value_type = Option<String>, max_length = 1000)]
    note: Option<Words>,
    /// The hold that is answered, by its number in `open_revocation.hold`: an answer that comes late is then no answer
    /// to a later hold. Absent: the one that is there.
    hold: Option<u32>,
}

/// Whose name it was.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolution {
    /// Id of the deleted user or role: up to 20 decimal digits, as a string.
    #[schema(value_type = String, pattern = "^[0-9]{1,20}$")]
    uid: Uid,
}

/// Why nothing follows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dismissal {
    /// Why, for the history. At most 1000 characters.
    #[schema(value_type = String, min_length = 1, max_length = 1000)]
    note: Words,
}

/// Approve a held revocation
///
/// Lets it go on, and takes it as far as it will go. Who asked for it may not approve it (409, rule `secondPerson`),
/// unless configuration allows it. Approving again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/revocations/{revocation}/approval",
    operation_id = "approveRevocation",
    tag = "revoke",
    security(("bearer" = ["approver"])),
    params(("revocation" = String, Path, format = "uuid", description = "Id of the revocation.",
        example = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11")),
    request_body(content = Decision, example = json!({ "note": "checked with the team, nobody uses it", "hold": 1 })),
    responses(
        (status = 200, description = "It is over.", body = RevocationOutcome, example = json!(example::confirmed())),
        (status = 202, description = "It goes on with the next sweep.", body = RevocationOutcome,
            example = json!(example::under_way())),
    )
)]
pub(crate) async fn approve(
    Approver(principal): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Json(body): Json<Decision>,
) -> Result<(StatusCode, axum::Json<RevocationOutcome>), Problem> {
    parameters.finish(&[])?;
    let revocation: RevocationId = parameters.path("revocation")?;
    let note = body.note.map(Words::into_text);
    let (cause, budget) = (cause(&principal), budget());
    let approved = async move { reaper.approve(revocation, body.hold, note, &cause, budget).await };
    let outcome = to_the_end(approved).await?;
    Ok((status([&outcome]), axum::Json(outcome)))
}

/// Reject a held revocation
///
/// Ends it; the access stays. Rejecting again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/revocations/{revocation}/rejection",
    operation_id = "rejectRevocation",
    tag = "revoke",
    security(("bearer" = ["approver"])),
    params(("revocation" = String, Path, format = "uuid", description = "Id of the revocation.",
        example = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11")),
    request_body(content = Decision, example = json!({ "note": "still needed until the move is done" })),
    responses(
        (status = 200, description = "It is over.", body = RevocationOutcome, example = json!(example::rejected())),
    )
)]
pub(crate) async fn reject(
    Approver(principal): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Json(body): Json<Decision>,
) -> Result<axum::Json<RevocationOutcome>, Problem> {
    parameters.finish(&[])?;
    let revocation: RevocationId = parameters.path("revocation")?;
    let note = body.note.map(Words::into_text);
    Ok(axum::Json(reaper.reject(revocation, body.hold, note, &cause(&principal)).await?))
}

/// Say whose name it was
///
/// A deletion names a user or role; where the name could not be tied to one id, a person says whose it was, and the
/// access of that identity is ended. An identity that exists is refused: its access is ended by a revocation.
#[utoipa::path(
    post,
    path = "/v1/messages/{message}/resolution",
    operation_id = "resolveMessage",
    tag = "revoke",
    security(("bearer" = ["approver"])),
    params(("message" = String, Path, format = "uuid", description = "Id of the message.",
        example = "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f")),
    request_body(content = Resolution, example = json!({ "uid": "200000000000000104" })),
    responses(
        (status = 200, description = "Everything is over.", body = Receipt, example = json!(example::receipt())),
        (status = 202, description = "At least one revocation goes on.", body = Receipt,
            example = json!(example::receipt_held())),
    )
)]
pub(crate) async fn resolve(
    Approver(principal): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Json(body): Json<Resolution>,
) -> Result<(StatusCode, axum::Json<Receipt>), Problem> {
    parameters.finish(&[])?;
    let message: IntakeId = parameters.path("message")?;
    let (cause, budget) = (cause(&principal), budget());
    let resolved = async move { reaper.resolve_by_hand(message, body.uid, &cause, budget).await };
    let receipt = to_the_end(resolved).await?;
    Ok((status_of(std::slice::from_ref(&receipt)), axum::Json(receipt)))
}

/// Say that nothing follows from a message
///
/// For a deletion whose name could not be tied to one id. Dismissing again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/messages/{message}/dismissal",
    operation_id = "dismissMessage",
    tag = "revoke",
    security(("bearer" = ["approver"])),
    params(("message" = String, Path, format = "uuid", description = "Id of the message.",
        example = "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f")),
    request_body(content = Dismissal, example = json!({ "note": "a test account that never had access" })),
    responses(
        (status = 200, description = "It is dismissed.", body = Receipt,
            example = json!({ "became": "dismissed", "intake": "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f" })),
    )
)]
pub(crate) async fn dismiss(
    Approver(principal): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Json(body): Json<Dismissal>,
) -> Result<axum::Json<Receipt>, Problem> {
    parameters.finish(&[])?;
    let message: IntakeId = parameters.path("message")?;
    Ok(axum::Json(reaper.dismiss(message, body.note.into_text(), &cause(&principal)).await?))
}
