//! Commands from chats: checked, stored, acknowledged; carried out afterwards.
//!
//! A route answers 401, always in the same words, to everything that is not signed: also where the chat system is not
//! configured, and where the body is too large or ends too early. What is signed is answered as the chat system wants it.

pub(crate) mod continuation;
pub(crate) mod dingtalk;
pub(crate) mod feishu;
pub(crate) mod slack;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use chat::{Incoming, Malformed, Reply, Said, Secrets, System, Unsigned};
use fc_runtime::invocation;
use http_api::{Callers, Problem, ProblemType};
use http_body_util::{BodyExt, Limited};
use kubeconfig::IntakeId;
use revocation::{ChatReceipt, Reaper, TimeBudget};
use serde_json::Value;

/// The most bytes of a request: a pasted file of 64 KiB, as the chat systems encode it.
const BODY_MAX: usize = 256 * 1024;

/// The longest that one command is worked on.
const WORK_MAX: Duration = Duration::from_secs(600);

/// Headers and body of a request to a chat system that is configured.
async fn read(request: Request, secrets: &Secrets) -> Result<(HeaderMap, Bytes), Problem> {
    if secrets.is_empty() {
        return Err(unsigned(&Unsigned::NotConfigured));
    }
    let (parts, body) = request.into_parts();
    match Limited::new(body, BODY_MAX).collect().await {
        Ok(body) => Ok((parts.headers, body.to_bytes())),
        Err(error) => Err(nobodys(error.to_string())),
    }
}

/// Why it is nobody's is for the log alone.
fn unsigned(why: &Unsigned) -> Problem {
    nobodys(why.to_string())
}

fn nobodys(why: String) -> Problem {
    Problem::new(
        ProblemType::Unauthenticated,
        "this route takes what a chat system that is configured here has signed",
    )
    .with_header(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Signature realm="reaper""#))
    .because(why)
}

fn malformed(error: &Malformed) -> Problem {
    Problem::new(ProblemType::InvalidBody, error.to_string())
}

/// Stores what came, and sees to it that somebody goes on with it. Of a person who sends too much nothing is stored.
async fn take(
    reaper: &Arc<Reaper>,
    callers: &Callers,
    system: System,
    incoming: Incoming,
) -> Result<ChatReceipt, Problem> {
    let chat = &reaper.config().chat;
    let app = chat.app(system);
    if let Some(Err(too_many)) = app.person(&incoming.user).map(|person| callers.admit_command(&person.name))
    {
        let (most, seconds) = (chat.commands_per_minute, too_many.wait.as_secs() + 1);
        let why = format!(
            "That was one too many: you may send {most} commands a minute. Nothing was done; try again in {seconds} seconds."
        );
        tracing::warn!(chat.system = %system, chat.user = incoming.user, "a chat command too many");
        // Slack shows the acknowledgement of a command. Everywhere else it takes a message.
        let is_shown = system == System::Slack && matches!(incoming.said, Said::Text(_));
        if too_many.is_to_be_told && !is_shown {
            reaper.tell_at_once(system, &incoming, &Reply::line(why.as_str())).await;
        }
        return Ok(ChatReceipt::Refused(why));
    }
    let receipt = reaper.receive_chat(system, incoming).await?;
    if let ChatReceipt::Stored(id) = receipt {
        go_on(reaper, id).await;
    }
    Ok(receipt)
}

/// Goes on with a command after the answer. On Function Compute nothing runs then: the function calls itself, and where
/// that is not configured or fails, the next sweep goes on.
async fn go_on(reaper: &Arc<Reaper>, id: IntakeId) {
    let invocation = invocation();
    let is_frozen = invocation.as_ref().is_some_and(|invocation| invocation.function_name.is_some());
    if is_frozen {
        if let Err(why) = continuation::call(reaper, id).await {
            tracing::warn!(intake = %id, why, "the next sweep has to go on with a chat command");
        }
        return;
    }
    let reaper = reaper.clone();
    let work = async move {
        let budget = TimeBudget::UNLIMITED.at_most(WORK_MAX);
        if let Err(error) = reaper.finish_chat_command(id, budget).await {
            tracing::error!(intake = %id, error = %error, "the next sweep has to go on with a chat command");
        }
    };
    match invocation {
        Some(invocation) => tokio::spawn(invocation.scope(work)),
        None => tokio::spawn(work),
    };
}

fn json(value: Value) -> Response {
    axum::Json(value).into_response()
}
