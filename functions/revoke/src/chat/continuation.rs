//! The function's call to itself, by which it goes on after it has answered.

use std::sync::Arc;

use axum::extract::{Request, State};
use chat::{Secrets, System, continuation};
use http_api::{Problem, ProblemType};
use jiff::Timestamp;
use kubeconfig::IntakeId;
use revocation::Reaper;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{WORK_MAX, read, unsigned};
use crate::to_the_end;

/// What to go on with.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Continuation {
    /// Id of the stored command.
    #[schema(value_type = String, format = "uuid")]
    command: IntakeId,
}

/// How far it came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Continued {
    /// Whether it is carried out and answered. If not, the next sweep goes on.
    over: bool,
}

/// Go on with a chat command
///
/// Called by the function itself. All that it does is what the next sweep would do.
#[utoipa::path(
    post,
    path = "/v1/chat/continuations",
    operation_id = "continueChatCommand",
    tag = "chat",
    security(("continuation" = [])),
    request_body(content = Continuation, example = json!({ "command": "5d0f1c2e-8a4b-5c3d-9e1f-2a6b7c8d9e0f" })),
    responses((status = 200, description = "It is over, or the next sweep goes on.", body = Continued,
        example = json!({ "over": true })))
)]
pub(crate) async fn go_on(
    State(reaper): State<Arc<Reaper>>,
    request: Request,
) -> Result<axum::Json<Continued>, Problem> {
    let secrets = secrets(&reaper);
    let (headers, body) = read(request, &secrets).await?;
    continuation::verify(&headers, &body, &secrets, Timestamp::now()).map_err(|why| unsigned(&why))?;
    let Continuation { command } = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(ProblemType::InvalidBody, error.to_string()))?;
    let budget = crate::budget_of(WORK_MAX);
    let over = to_the_end(async move { reaper.finish_chat_command(command, budget).await }).await?;
    Ok(axum::Json(Continued { over }))
}

/// Calls it.
///
/// # Errors
/// It is not configured, or could not be called.
pub(super) async fn call(reaper: &Reaper, id: IntakeId) -> Result<(), String> {
    let url = reaper.config().chat.continuation_url.as_deref();
    let url = url.ok_or("chat.continuation_url is not set")?;
    let body = json!({ "command": id }).to_string();
    let signed = continuation::sign(body.as_bytes(), &secrets(reaper), Timestamp::now());
    reaper.call_continuation(url, body, signed.ok_or("there is no secret")?).await
}

/// Those of every chat system: one of them is there, or no command would be.
fn secrets(reaper: &Reaper) -> Secrets {
    let chat = &reaper.config().chat;
    let systems = [System::Slack, System::DingTalk, System::Feishu];
    systems.iter().flat_map(|system| chat.app(*system).secrets.iter().cloned()).collect()
}
