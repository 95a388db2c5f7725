//! Slack, as far as the demo needs it: signs what somebody says to it, takes the answers, and shows them as text.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// Signs the requests of the demo, on this machine, while it runs, and nothing else.
const SECRET: &str = "demo-signing-secret";

/// Who may say something, and what they may do. The names are those of the tokens.
const PEOPLE: &str = "auditor:auditor:viewer,olga:olga:operator,peter:peter:approver";

/// The one who decides on what waits for approval.
const APPROVER: &str = "peter";

/// The longest that somebody waits for the answer to a command.
const PATIENCE: Duration = Duration::from_secs(60);

/// It listens on this machine, and ends with this.
pub(crate) struct Slack {
    origin: String,
    desk: Arc<Desk>,
    server: JoinHandle<()>,
}

struct Desk {
    origin: String,
    http: reqwest::Client,
    revoke: OnceLock<String>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Value>>>,
    channel: Mutex<Vec<String>>,
}

impl Drop for Slack {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Slack {
    pub(crate) async fn start(http: reqwest::Client) -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let origin = format!("http://{}", listener.local_addr()?);
        let desk = Arc::new(Desk {
            origin: origin.clone(),
            http,
            revoke: OnceLock::new(),
            waiting: Mutex::default(),
            channel: Mutex::default(),
        });
        let router = Router::new()
            .route("/{who}", post(say))
            .route("/answers/{command}", post(take_answer))
            .route("/channel", post(hear))
            .route("/continuations", post(go_on))
            .with_state(desk.clone());
        let outside = fc_runtime::Environment::from_lookup(|_| None)
            .map_err(|error| Failure::new(crate::exit::Exit::Failed, error.to_string()))?;
        let runtime = fc_runtime::Runtime::new().http(router).platform_lines(false).environment(outside);
        let server = tokio::spawn(async move {
            if let Err(error) = runtime.serve(listener, std::future::pending()).await {
                tracing::error!(error = %error, "the demo's Slack has ended");
            }
        });
        Ok(Self { origin, desk, server })
    }

    /// What Reaper has to know of it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 6] {
        [
            ("REAPER_CHAT_SLACK_SIGNING_SECRETS", SECRET.to_owned()),
            ("REAPER_CHAT_SLACK_USERS", PEOPLE.to_owned()),
            ("REAPER_CHAT_ANSWER_HOSTS", self.origin.clone()),
            ("REAPER_NOTIFY_SLACK_URL", format!("{}/channel", self.origin)),
            ("REAPER_NOTIFY_PRIVATE_HOSTS", self.origin.clone()),
            // Function Compute freezes a function that has answered: it goes on when it is called again.
            ("REAPER_CHAT_CONTINUATION_URL", format!("{}/continuations", self.origin)),
        ]
    }

    /// Where commands go from now on.
    pub(crate) fn deliver_to(&self, revoke: String) {
        // Set once, before anybody is told the address.
        let _ = self.desk.revoke.set(revoke);
    }

    /// What the channel was told since it was asked last.
    pub(crate) fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.desk.channel.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The line that says something.
    pub(crate) fn line(&self, who: &str, words: &str) -> String {
        line(&self.origin, who, words)
    }
}

fn line(origin: &str, who: &str, words: &str) -> String {
    format!("curl -s {origin}/{who} -d '{words}'")
}

/// The channel is told something.
async fn hear(State(desk): State<Arc<Desk>>, axum::Json(message): axum::Json<Value>) -> StatusCode {
    let text = message["text"].as_str().unwrap_or("?").to_owned();
    desk.channel.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    StatusCode::OK
}

/// Somebody says something: it is signed as Slack signs it, and the answer comes back as text.
async fn say(State(desk): State<Arc<Desk>>, Path(who): Path<String>, words: String) -> (StatusCode, String) {
    match desk.ask(&who, &words).await {
        Ok(answer) => (StatusCode::OK, shown(&answer, &desk.origin, &who)),
        Err(why) => (StatusCode::BAD_GATEWAY, format!("{why}\n")),
    }
}

/// The address that an answer is posted to.
async fn take_answer(
    State(desk): State<Arc<Desk>>,
    Path(command): Path<String>,
    answer: String,
) -> &'static str {
    let waiting = desk.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&command);
    if let (Some(waiting), Ok(answer)) = (waiting, serde_json::from_str(&answer)) {
        // Whoever asked may have gone.
        let _ = waiting.send(answer);
    }
    "ok"
}

/// The function's call to itself, passed on after it is answered.
async fn go_on(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: String) -> StatusCode {
    let Some(revoke) = desk.revoke.get() else { return StatusCode::NOT_FOUND };
    let mut request = desk.http.post(format!("{revoke}/v1/chat/continuations")).body(body);
    for name in ["content-type", "x-reaper-timestamp", "x-reaper-signature"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    tokio::spawn(async move {
        if let Err(error) = request.send().await {
            tracing::error!(error = %error, "a function could not be called again");
        }
    });
    StatusCode::ACCEPTED
}

impl Desk {
    async fn ask(&self, who: &str, words: &str) -> Result<Value, String> {
        let revoke = self.revoke.get().ok_or("the demo is not ready yet")?;
        let command = format!("{:x}", rand::random::<u128>());
        let (sender, answer) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(command.clone(), sender);
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("user_id", who)
            .append_pair("channel_id", "demo")
            .append_pair("text", words)
            .append_pair("trigger_id", &command)
            .append_pair("response_url", &format!("{}/answers/{command}", self.origin))
            .finish();
        let at = Timestamp::now().as_second();
        let request = self
            .http
            .post(format!("{revoke}/v1/chat/slack/commands"))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("x-slack-request-timestamp", at)
            .header("x-slack-signature", signature(at, &form)?)
            .body(form);
        let taken = request.send().await.map_err(|error| error.to_string())?;
        let taken: Value =
            taken.text().await.ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        if taken["text"] != "Working on it." {
            return Ok(taken);
        }
        let waited = tokio::time::timeout(PATIENCE, answer).await;
        waited.ok().and_then(Result::ok).ok_or_else(|| "no answer has come".to_owned())
    }
}

/// Slack's signature of a form: `v0=` and the HMAC-SHA256 of `v0:{timestamp}:{body}` in hex.
fn signature(at: i64, form: &str) -> Result<String, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).map_err(|error| error.to_string())?;
    mac.update(format!("v0:{at}:{form}").as_bytes());
    Ok(format!("v0={}", hex::encode(mac.finalize().into_bytes())))
}

/// An answer in Block Kit as text, with a line to copy for each button.
fn shown(answer: &Value, origin: &str, who: &str) -> String {
    let mut text = String::new();
    let blocks = answer["blocks"].as_array().map_or(&[][..], Vec::as_slice);
    if blocks.is_empty() {
        text.push_str(answer["text"].as_str().unwrap_or("no answer that can be shown"));
        text.push('\n');
    }
    for block in blocks {
        if let Some(words) = block["text"]["text"].as_str() {
            let _ = writeln!(text, "{words}");
        }
        for button in block["elements"].as_array().into_iter().flatten() {
            let (label, value) = (button["text"]["text"].as_str(), button["value"].as_str());
            if let (Some(label), Some(value)) = (label, value) {
                // What others have to decide is shown to everybody, and peter is the one who may.
                let presses = if answer["response_type"] == "in_channel" { APPROVER } else { who };
                let _ = writeln!(text, "  [{label}]  {}", line(origin, presses, &format!("press {value}")));
            }
        }
        text.push('\n');
    }
    text
}
