//! Messages to DingTalk's robot.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use chat::{System, Unsigned, dingtalk};
use http_api::{Callers, Problem};
use jiff::Timestamp;
use revocation::Reaper;

use super::{json, read, take, unsigned};

/// Take a message to the robot of DingTalk
///
/// The signature does not cover the body. So one timestamp is good for one body, and only conversations and people of the
/// configuration are heard. Answered through `sessionWebhook`.
#[utoipa::path(
    post,
    path = "/v1/chat/dingtalk",
    operation_id = "takeDingTalkMessage",
    tag = "chat",
    security(("dingtalk" = [])),
    request_body(content = Object, example = json!({
        "msgtype": "text", "text": { "content": "status alice" }, "senderStaffId": "manager01",
        "conversationId": "cid1", "msgId": "msg1", "sessionWebhookExpiredTime": 1_793_000_000_000_i64,
        "sessionWebhook": "https://oapi.dingtalk.com/robot/sendBySession?session=1",
    })),
    responses((status = 200, description = "It was taken.", body = Object, example = json!({})))
)]
pub(crate) async fn message(
    State(reaper): State<Arc<Reaper>>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let config = &reaper.config().chat.dingtalk;
    let (headers, body) = read(request, &config.app_secrets).await?;
    let now = Timestamp::now();
    let signed = dingtalk::verify(&headers, &config.app_secrets, now).map_err(|why| unsigned(&why))?;
    // Nobody has signed the body: what is wrong with it is told to nobody.
    let incoming = dingtalk::message(&body, signed, now).map_err(|error| {
        tracing::warn!(error = %error, "a message to the robot of DingTalk is malformed");
        unsigned(&Unsigned::NotAllowed)
    })?;
    let is_known = config.users.iter().any(|person| person.id == incoming.user);
    if !is_known || !config.conversations.contains(&incoming.conversation) {
        return Err(unsigned(&Unsigned::NotAllowed));
    }
    take(&reaper, &callers, System::DingTalk, incoming).await?;
    Ok(json(dingtalk::acknowledgement()))
}
