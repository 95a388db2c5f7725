//! Sending one message to one target.

use std::time::Duration;

use ::chat::{dingtalk, feishu, slack, webhook};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::Value;

use super::message::Message;
use super::target::{Target, Way};
use crate::outbound;

/// The longest that one message may take, from looking its host up to the answer.
const CALL_MAX: Duration = Duration::from_secs(10);

/// What became of a message.
#[derive(Debug)]
pub(super) enum Sent {
    /// The target took it.
    Taken,
    /// It did not, or nobody knows.
    NotTaken {
        /// Why, without anything of the address.
        why: String,
        /// How long it wants to be left alone.
        asked: SignedDuration,
    },
}

impl Sent {
    pub(super) fn not_taken(why: impl Into<String>) -> Self {
        Self::NotTaken { why: why.into(), asked: SignedDuration::ZERO }
    }
}

/// Sends it, and waits for the answer.
pub(super) async fn send(target: &Target<'_>, message: &Message, private_hosts: &[String]) -> Sent {
    match tokio::time::timeout(CALL_MAX, attempt(target, message, private_hosts)).await {
        Ok(sent) => sent,
        Err(_) => Sent::not_taken("it did not answer in time"),
    }
}

async fn attempt(target: &Target<'_>, message: &Message, private_hosts: &[String]) -> Sent {
    let destination = match outbound::destination(target.url.expose(), private_hosts).await {
        Ok(destination) => destination,
        Err(why) => return Sent::not_taken(why.to_string()),
    };
    let Some(client) = destination.client() else { return Sent::not_taken("no client") };
    let request = request(&client, destination.url, target, message, Timestamp::now());
    match request.send().await {
        Ok(response) => judged(target, response).await,
        Err(error) => Sent::not_taken(error.without_url().to_string()),
    }
}

fn request(
    client: &Client,
    mut url: Url,
    target: &Target<'_>,
    message: &Message,
    now: Timestamp,
) -> RequestBuilder {
    match &target.way {
        Way::Slack => client.post(url).json(&slack::message(&message.reply)),
        Way::DingTalk(secret) => {
            if let Some(secret) = secret {
                url.query_pairs_mut().extend_pairs(dingtalk::sign(secret, now));
            }
            client.post(url).json(&dingtalk::answer(&message.reply))
        }
        Way::Feishu(secret) => client.post(url).json(&feishu::robot_message(&message.reply, *secret, now)),
        Way::Webhook(keys) => {
            let body = message.body.to_string();
            let signed = webhook::sign(&message.id, now, body.as_bytes(), keys);
            let request = client.post(url).header(CONTENT_TYPE, "application/json");
            signed.into_iter().fold(request, |request, (name, value)| request.header(name, value)).body(body)
        }
    }
}

async fn judged(target: &Target<'_>, response: Response) -> Sent {
    let status = response.status();
    let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let asked = SignedDuration::from_secs(asked.map_or(0, |seconds: u32| seconds.into()));
    if !status.is_success() {
        return Sent::NotTaken { why: format!("HTTP {status}"), asked };
    }
    // These two say in the body what went wrong, with 200.
    let code = match target.way {
        Way::Slack | Way::Webhook(_) => return Sent::Taken,
        Way::DingTalk(_) => "errcode",
        Way::Feishu(_) => "code",
    };
    let answer: Value = serde_json::from_slice(&outbound::read(response).await).unwrap_or_default();
    match answer.get(code).and_then(Value::as_i64) {
        None | Some(0) => Sent::Taken,
        Some(code) => Sent::not_taken(format!("{code}: {}", said(&answer))),
    }
}

/// The words behind a code, without what could steer a terminal.
fn said(answer: &Value) -> String {
    let text = answer.get("errmsg").or_else(|| answer.get("msg")).and_then(Value::as_str).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
