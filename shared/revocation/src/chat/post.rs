//! Giving the answer: the one place from which something is sent to a chat system.

use std::time::Duration;

use ::chat::incoming::{AnswerTo, Incoming};
use ::chat::{Address, Reply, System, dingtalk, feishu, slack};
use jiff::Timestamp;
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use super::Task;
use crate::outbound;
use crate::reaper::Reaper;

/// The longest that one call may take.
const CALL_MAX: Duration = Duration::from_secs(10);

/// The longest that somebody is told something in before the request itself is acknowledged.
const AT_ONCE_MAX: Duration = Duration::from_millis(1500);

/// What became of an answer.
#[derive(Debug)]
pub(super) enum Posted {
    /// The chat system took it.
    Given,
    /// It will not be taken, however often it is tried.
    Lost(String),
    /// It may be taken later.
    Later(String),
}

/// The address, if answers may go there: TLS and an allowed host, or exactly an allowed origin without TLS.
pub(super) fn allowed(address: &str, hosts: &[String]) -> Option<Url> {
    let url: Url = address.parse().ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str()?;
    let fits = |entry: &String| match (url.scheme(), entry.strip_prefix("*.")) {
        ("https", Some(domain)) => host.strip_suffix(domain).is_some_and(|below| below.ends_with('.')),
        ("https", None) => host == entry,
        ("http", None) => url.origin().ascii_serialization() == *entry,
        _ => false,
    };
    let default_port = url.scheme() == "http" || url.port().is_none();
    (default_port && hosts.iter().any(fits)).then_some(url)
}

impl Reaper {
    pub(super) async fn post_answer(&self, task: &Task, reply: &Reply) -> Posted {
        let command = &task.chat.command;
        if command.answer_until <= Timestamp::now() {
            return Posted::Lost("the time to answer was over".into());
        }
        match task.system {
            System::Feishu => self.post_to_feishu(&command.answer_to, &task.id.to_string(), reply).await,
            system => {
                let secrets = self.config.chat.app(system).secrets;
                let url = Address::open(&command.answer_to, secrets, &task.id.to_string());
                let Some(url) = url else { return Posted::Lost("its address cannot be opened".into()) };
                // The list may have become shorter since.
                let Some(url) = allowed(url.expose(), &self.config.chat.answer_hosts) else {
                    return Posted::Lost("its address is not allowed".into());
                };
                post_to_webhook(system, &url, reply).await
            }
        }
    }

    /// Tells something to somebody whose command was not stored. If the chat system does not take it soon, nobody is told.
    pub async fn tell_at_once(&self, system: System, incoming: &Incoming, reply: &Reply) {
        let sent = async {
            match &incoming.answer {
                AnswerTo::Webhook { url, .. } => {
                    match allowed(url.expose(), &self.config.chat.answer_hosts) {
                        Some(url) => post_to_webhook(system, &url, reply).await,
                        None => Posted::Lost("its address is not allowed".into()),
                    }
                }
                AnswerTo::Message { id, .. } => {
                    self.post_to_feishu(id, &uuid::Uuid::now_v7().to_string(), reply).await
                }
            }
        };
        match tokio::time::timeout(AT_ONCE_MAX, sent).await {
            Ok(Posted::Given) => {}
            Ok(Posted::Lost(why) | Posted::Later(why)) => {
                tracing::warn!(chat.system = %system, why, "somebody was not told that nothing was done");
            }
            Err(_) => {
                tracing::warn!(chat.system = %system, why = "too slow", "somebody was not told that nothing was done");
            }
        }
    }

    async fn post_to_feishu(&self, message: &str, uuid: &str, reply: &Reply) -> Posted {
        let config = &self.config.chat.feishu;
        let (Some(id), Some(secret)) = (&config.app_id, &config.app_secret) else {
            return Posted::Lost("chat.feishu.app_id and chat.feishu.app_secret are not set".into());
        };
        let Ok(base) = config.api.parse::<Url>() else {
            return Posted::Lost("chat.feishu.api is no address".into());
        };
        let path = |segments: &[&str]| {
            let mut url = base.clone();
            url.path_segments_mut().ok()?.pop_if_empty().extend(segments);
            allowed(url.as_str(), &self.config.chat.answer_hosts)
        };
        let token = path(&["open-apis", "auth", "v3", "tenant_access_token", "internal"]);
        let answer = path(&["open-apis", "im", "v1", "messages", message, "reply"]);
        let (Some(token), Some(answer)) = (token, answer) else {
            return Posted::Lost("chat.feishu.api is not among chat.answer_hosts".into());
        };
        let credentials = json!({ "app_id": id, "app_secret": secret.expose() });
        let token = match post(&token, None, &credentials).await {
            Ok(told) => match told["tenant_access_token"].as_str() {
                Some(token) => token.to_owned(),
                None => return Posted::Later(format!("no token: {}", said(&told))),
            },
            Err(posted) => return posted,
        };
        let body = feishu::reply_body(reply, uuid);
        post(&answer, Some(&token), &body)
            .await
            .map_or_else(|posted| posted, |answer| judged(&answer, "code"))
    }

    /// Calls the function itself, so that it goes on with a command after it has answered.
    ///
    /// # Errors
    /// It could not be called; the next sweep goes on.
    pub async fn call_continuation(
        &self,
        url: &str,
        body: String,
        signature: (String, String),
    ) -> Result<(), String> {
        let client = client().ok_or("no client")?;
        let request = client
            .post(url)
            .timeout(Duration::from_millis(1500))
            .header("content-type", "application/json")
            // An HTTP trigger that is called so answers at once and runs afterwards.
            .header("x-fc-invocation-type", "Async")
            .header("x-reaper-timestamp", signature.0)
            .header("x-reaper-signature", signature.1)
            .body(body);
        let response = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("HTTP {status}")) }
    }
}

async fn post_to_webhook(system: System, url: &Url, reply: &Reply) -> Posted {
    let body = if system == System::Slack { slack::answer(reply) } else { dingtalk::answer(reply) };
    post(url, None, &body).await.map_or_else(|posted| posted, |answer| judged(&answer, "errcode"))
}

/// Posts JSON and answers the JSON that comes back, or null. Neither address nor token reaches an error.
async fn post(url: &Url, token: Option<&str>, body: &Value) -> Result<Value, Posted> {
    let client = client().ok_or_else(|| Posted::Later("no client".into()))?;
    let mut request = client.post(url.clone()).timeout(CALL_MAX).json(body);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let sent = request.send().await;
    let response = sent.map_err(|error| Posted::Later(error.without_url().to_string()))?;
    let status = response.status();
    let read = outbound::read(response).await;
    let is_passing = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    match status {
        status if status.is_success() => Ok(serde_json::from_slice(&read).unwrap_or_default()),
        status if is_passing => Err(Posted::Later(format!("HTTP {status}"))),
        status => Err(Posted::Lost(format!("HTTP {status}"))),
    }
}

/// DingTalk and Feishu say in the body what went wrong, with 200; Slack says it with the status.
fn judged(answer: &Value, code: &str) -> Posted {
    match answer.get(code).and_then(Value::as_i64) {
        None | Some(0) => Posted::Given,
        Some(code) => Posted::Lost(format!("{code}: {}", said(answer))),
    }
}

fn said(answer: &Value) -> String {
    let text = answer.get("errmsg").or_else(|| answer.get("msg")).and_then(Value::as_str).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn client() -> Option<reqwest::Client> {
    alibaba_cloud::http_builder().ok()?.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(address: &str) -> bool {
        let hosts = ["hooks.slack.com", "*.dingtalk.com", "http://127.0.0.1:9"].map(str::to_owned);
        allowed(address, &hosts).is_some()
    }

    #[test]
    fn answers_go_to_the_chat_systems() {
        for good in [
            "https://hooks.slack.com/commands/T1/2",
            "https://oapi.dingtalk.com/robot/sendBySession?session=x",
            "http://127.0.0.1:9/x",
        ] {
            assert!(fits(good), "{good}");
        }
    }

    #[test]
    fn and_nowhere_else() {
        for bad in [
            "http://hooks.slack.com/x",
            "https://hooks.slack.com:8443/x",
            "https://hooks.slack.com@evil.example/x",
            "https://user@hooks.slack.com/x",
            "https://hooks.slack.com.evil.example/x",
            "https://evil.example/hooks.slack.com",
            "https://dingtalk.com/x",
            "https://evildingtalk.com/x",
            "https://*.dingtalk.com.evil.example/",
            "http://127.0.0.1:10/x",
            "http://127.0.0.1:9.evil.example/",
            "https://127.0.0.1:9/x",
            "file:///etc/passwd",
            "http://100.100.100.200/latest/meta-data",
            "javascript:alert(1)",
            "",
        ] {
            assert!(!fits(bad), "{bad}");
        }
    }
}
