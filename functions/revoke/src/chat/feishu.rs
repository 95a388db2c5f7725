//! Events and cards of Feishu and Lark.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::Response;
use chat::feishu::{self, Event, Keys, Refused, Verified};
use chat::{Incoming, System};
use http_api::{Callers, Problem};
use jiff::{SignedDuration, Timestamp};
use revocation::Reaper;
use revocation::config::FeishuConfig;
use serde_json::json;

use super::{json, malformed, read, take, unsigned};

/// Take an event of Feishu or Lark
///
/// The request URL of events and of callbacks of new cards: `im.message.receive_v1`, `card.action.trigger`, and the check
/// of the address. Answered through the message interface.
#[utoipa::path(
    post,
    path = "/v1/chat/feishu",
    operation_id = "takeFeishuEvent",
    tag = "chat",
    security(("feishu" = [])),
    request_body(content = Object, example = json!({ "encrypt": "MDEyMzQ1Njc4OWFiY2RlZg==" })),
    responses((status = 200, description = "It was taken, or the challenge of a check.", body = Object,
        example = json!({ "challenge": "ajls384k" })))
)]
pub(crate) async fn event(
    State(reaper): State<Arc<Reaper>>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let config = &reaper.config().chat.feishu;
    let (headers, body) = read(request, &config.encrypt_keys).await?;
    let now = Timestamp::now();
    let incoming =
        match feishu::verify_event(&headers, &body, keys(config), now).map_err(|why| refused(&why))? {
            Verified::Challenge(challenge) => return Ok(json(json!({ "challenge": challenge }))),
            Verified::Plain(plain) => feishu::event(&plain, now).map_err(|error| malformed(&error))?,
        };
    match incoming {
        Event::Incoming(incoming) => taken(&reaper, &callers, incoming).await,
        Event::Irrelevant => Ok(json(feishu::acknowledgement())),
    }
}

/// Take a button of an old card of Feishu or Lark
///
/// The request URL of message cards of the first kind, whose signature is another one.
#[utoipa::path(
    post,
    path = "/v1/chat/feishu/card",
    operation_id = "takeFeishuCard",
    tag = "chat",
    security(("feishu" = [])),
    request_body(content = Object, example = json!({ "encrypt": "MDEyMzQ1Njc4OWFiY2RlZg==" })),
    responses((status = 200, description = "It was taken, or the challenge of a check.", body = Object,
        example = json!({ "challenge": "ajls384k" })))
)]
pub(crate) async fn card(
    State(reaper): State<Arc<Reaper>>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let config = &reaper.config().chat.feishu;
    let (headers, body) = read(request, &config.encrypt_keys).await?;
    let now = Timestamp::now();
    match feishu::verify_card(&headers, &body, keys(config), now).map_err(|why| refused(&why))? {
        Verified::Challenge(challenge) => Ok(json(json!({ "challenge": challenge }))),
        Verified::Plain(plain) => {
            taken(&reaper, &callers, feishu::card(&plain, now).map_err(|error| malformed(&error))?).await
        }
    }
}

async fn taken(reaper: &Arc<Reaper>, callers: &Callers, incoming: Incoming) -> Result<Response, Problem> {
    take(reaper, callers, System::Feishu, incoming).await?;
    Ok(json(feishu::acknowledgement()))
}

fn keys(config: &FeishuConfig) -> Keys<'_> {
    Keys {
        encrypt: &config.encrypt_keys,
        tokens: &config.verification_tokens,
        window: SignedDuration::from_secs(i64::from(config.window_seconds)),
    }
}

fn refused(why: &Refused) -> Problem {
    match why {
        Refused::Unsigned(why) => unsigned(why),
        Refused::Malformed(error) => malformed(error),
    }
}
