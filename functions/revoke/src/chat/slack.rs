//! Slack's slash command and its buttons.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use chat::{System, slack};
use http_api::{Callers, Problem};
use jiff::Timestamp;
use revocation::{ChatReceipt, Reaper};
use serde_json::json;

use super::{json, malformed, read, take, unsigned};

/// Take a slash command of Slack
///
/// The request URL of the slash command. It is stored, acknowledged with words that only the caller sees, carried out,
/// and answered through its `response_url`.
#[utoipa::path(
    post,
    path = "/v1/chat/slack/commands",
    operation_id = "takeSlackCommand",
    tag = "chat",
    security(("slack" = [])),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "`user_id`, `channel_id`, `text`, `trigger_id` and `response_url` are read.",
        example = json!("user_id=U2CERLKJA&channel_id=C1&text=status+alice&trigger_id=1.2.a&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F1")),
    responses((status = 200, description = "It was taken, or the caller is told why not.", body = Object,
        example = json!({ "response_type": "ephemeral", "text": "Working on it.", "mrkdwn": false })))
)]
pub(crate) async fn command(
    State(reaper): State<Arc<Reaper>>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let secrets = &reaper.config().chat.slack.signing_secrets;
    let (headers, body) = read(request, secrets).await?;
    let now = Timestamp::now();
    slack::verify(&headers, &body, secrets, now).map_err(|why| unsigned(&why))?;
    let incoming = slack::command(&body, now).map_err(|error| malformed(&error))?;
    let text = match take(&reaper, &callers, System::Slack, incoming).await? {
        ChatReceipt::Stored(_) => "Working on it.".to_owned(),
        ChatReceipt::Repeated => "This came before. Nothing is done again.".to_owned(),
        ChatReceipt::Refused(why) => why,
    };
    Ok(json(slack::acknowledgement(&text)))
}

/// Take a button of Slack
///
/// The request URL of the app's interactivity.
#[utoipa::path(
    post,
    path = "/v1/chat/slack/actions",
    operation_id = "takeSlackAction",
    tag = "chat",
    security(("slack" = [])),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "`payload`, JSON of the type `block_actions`. Other types are acknowledged, and nothing follows.",
        example = json!("payload=%7B%22type%22%3A%22block_actions%22%7D")),
    responses((status = 200, description = "It was taken. Slack shows nothing of this answer.", body = Object,
        example = json!({})))
)]
pub(crate) async fn action(
    State(reaper): State<Arc<Reaper>>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let secrets = &reaper.config().chat.slack.signing_secrets;
    let (headers, body) = read(request, secrets).await?;
    let now = Timestamp::now();
    slack::verify(&headers, &body, secrets, now).map_err(|why| unsigned(&why))?;
    if let Some(incoming) = slack::action(&body, now).map_err(|error| malformed(&error))? {
        take(&reaper, &callers, System::Slack, incoming).await?;
    }
    Ok(json(json!({})))
}
