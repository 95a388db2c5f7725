//! Decisions from the console pages: forms in place of JSON, and the same use cases behind them.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use console::{Approver, Console, Form, held};
use http_api::{Api, Fields, Parameters, Problem};
use kubeconfig::RevocationId;
use revocation::Reaper;
use revocation::views::RevocationOutcome;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::decisions::Words;
use crate::{budget, cause, to_the_end};

/// Adds the forms to the routes.
pub(crate) fn with_forms(api: Api, reaper: Arc<Reaper>, console: &Console) -> Api {
    let forms = OpenApiRouter::default().routes(routes!(approve)).routes(routes!(reject)).with_state(reaper);
    api.with_pages(console.around(forms), console.problem_page())
}

/// Approves a held revocation
#[utoipa::path(post, path = "/held/{revocation}/approval", security(("session" = ["approver"])),
    responses((status = 303, description = "To the page of the access.")))]
async fn approve(
    Approver(visitor): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Form(fields): Form,
) -> Result<Response, Problem> {
    parameters.finish(&[])?;
    let revocation: RevocationId = parameters.path("revocation")?;
    let Decision { note, hold } = Decision::read(fields)?;
    let (cause, budget) = (cause(visitor.principal()), budget());
    let approved = async move { reaper.approve(revocation, Some(hold), note, &cause, budget).await };
    Ok(to_pair(&to_the_end(approved).await?))
}

/// Rejects a held revocation
#[utoipa::path(post, path = "/held/{revocation}/rejection", security(("session" = ["approver"])),
    responses((status = 303, description = "To the page of the access.")))]
async fn reject(
    Approver(visitor): Approver,
    State(reaper): State<Arc<Reaper>>,
    parameters: Parameters,
    Form(fields): Form,
) -> Result<Response, Problem> {
    parameters.finish(&[])?;
    let revocation: RevocationId = parameters.path("revocation")?;
    let Decision { note, hold } = Decision::read(fields)?;
    Ok(to_pair(&reaper.reject(revocation, Some(hold), note, &cause(visitor.principal())).await?))
}

/// What a form decides. It always names the hold that its page showed: a page that was open for long answers no later one.
struct Decision {
    note: Option<String>,
    hold: u32,
}

impl Decision {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let note = fields.one("note")?.map(Words::try_from).transpose();
        let note = note.map_err(|_| Fields::refused("note", "has to have at most 1000 characters"))?;
        let hold = fields.one("hold")?.and_then(|text| text.parse().ok());
        let hold = hold.ok_or_else(|| Fields::refused("hold", "has to be a number"))?;
        fields.finish()?;
        Ok(Self { note: note.map(Words::into_text), hold })
    }
}

/// A browser goes on to the page of the access, and does not send the form again when that page is loaded again.
fn to_pair(outcome: &RevocationOutcome) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, held::place_after(outcome))]).into_response()
}
