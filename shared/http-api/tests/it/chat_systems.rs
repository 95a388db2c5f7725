//! The three chat systems as far as they matter here: they sign what they send, and take answers.

use std::time::Duration;

use aes::Aes256;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use event_store::{Filter, Order};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use revocation::Config;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::world::{Answer, World};

pub(crate) const SLACK_SECRET: &str = "slack-signing-secret";
pub(crate) const DINGTALK_SECRET: &str = "dingtalk-app-secret";
pub(crate) const FEISHU_KEY: &str = "feishu-encrypt-key";
pub(crate) const FEISHU_TOKEN: &str = "feishu-verification-token";

/// People: the same in every system, under ids of the form `U-olga`.
const PEOPLE: [(&str, &str); 4] =
    [("vera", "viewer"), ("olga", "operator"), ("anna", "approver"), ("arno", "approver")];

/// Takes answers, and says to each what is in `refusals`, or that it is fine.
pub(crate) struct Chats {
    pub(crate) origin: String,
    answers: mpsc::UnboundedReceiver<(String, Value)>,
    refusals: mpsc::UnboundedSender<StatusCode>,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Chats {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Desk {
    answers: mpsc::UnboundedSender<(String, Value)>,
    refusals: tokio::sync::Mutex<mpsc::UnboundedReceiver<StatusCode>>,
}

async fn take(State(desk): State<std::sync::Arc<Desk>>, uri: Uri, body: String) -> (StatusCode, String) {
    if let Ok(status) = desk.refusals.lock().await.try_recv() {
        return (status, "no".into());
    }
    if uri.path().ends_with("tenant_access_token/internal") {
        return (StatusCode::OK, json!({ "code": 0, "tenant_access_token": "t-1" }).to_string());
    }
    desk.answers.send((uri.path().to_owned(), serde_json::from_str(&body).unwrap())).unwrap();
    (StatusCode::OK, json!({ "code": 0, "errcode": 0 }).to_string())
}

impl Chats {
    pub(crate) async fn start() -> Self {
        let (sender, answers) = mpsc::unbounded_channel();
        let (refusals, refused) = mpsc::unbounded_channel();
        let desk = std::sync::Arc::new(Desk { answers: sender, refusals: refused.into() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(desk);
        let server = tokio::spawn(async move {
            let service = hyper_serve(listener, router);
            service.await;
        });
        Self { origin, answers, refusals, server }
    }

    /// The next answer, and where it went.
    pub(crate) async fn next(&mut self) -> (String, Value) {
        tokio::time::timeout(Duration::from_secs(30), self.answers.recv()).await.unwrap().unwrap()
    }

    /// The next answer is not taken, with this status.
    pub(crate) fn refuse(&self, status: StatusCode) {
        self.refusals.send(status).unwrap();
    }

    pub(crate) fn is_silent(&mut self) -> bool {
        self.answers.try_recv().is_err()
    }
}

pub(crate) async fn hyper_serve(listener: tokio::net::TcpListener, router: Router) {
    let runtime = fc_runtime::Runtime::new().http(router).platform_lines(false);
    let outside = fc_runtime::Environment::from_lookup(|_| None).unwrap();
    runtime.environment(outside).serve(listener, std::future::pending()).await.unwrap();
}

/// All three systems, with the same people.
pub(crate) fn config(chats: &Chats) -> Config {
    let users = |of: &str| {
        let entry = |(name, role): (&str, &str)| format!("{of}-{name}:{name}:{role}");
        PEOPLE.map(entry).join(",")
    };
    let variables = [
        ("REAPER_CHAT_ANSWER_HOSTS", chats.origin.clone()),
        ("REAPER_CHAT_SLACK_SIGNING_SECRETS", format!("a-new-slack-secret,{SLACK_SECRET}")),
        ("REAPER_CHAT_SLACK_USERS", users("U")),
        ("REAPER_CHAT_DINGTALK_APP_SECRETS", DINGTALK_SECRET.into()),
        ("REAPER_CHAT_DINGTALK_USERS", users("D")),
        ("REAPER_CHAT_DINGTALK_CONVERSATIONS", "cid1".into()),
        ("REAPER_CHAT_FEISHU_ENCRYPT_KEYS", FEISHU_KEY.into()),
        ("REAPER_CHAT_FEISHU_VERIFICATION_TOKENS", FEISHU_TOKEN.into()),
        ("REAPER_CHAT_FEISHU_USERS", users("F")),
        ("REAPER_CHAT_FEISHU_APP_ID", "cli_1".into()),
        ("REAPER_CHAT_FEISHU_APP_SECRET", "feishu-app-secret".into()),
        ("REAPER_CHAT_FEISHU_API", chats.origin.clone()),
        ("REAPER_POLICY_CALL_LEASE_SECONDS", "0".into()),
        ("REAPER_CHAT_COMMANDS_PER_MINUTE", "100000".into()),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value));
    futures::executor::block_on(Config::load(variables)).unwrap()
}

/// A world that has been looked at, with all three chat systems.
pub(crate) async fn world() -> (World, Chats) {
    let chats = Chats::start().await;
    let world = World::with_config(config(&chats)).await;
    world.look().await;
    (world, chats)
}

fn hmac(secret: &str, text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub(crate) fn seconds() -> i64 {
    Timestamp::now().as_second()
}

pub(crate) fn slack_request(path: &str, body: &str, secret: &str, at: i64) -> Request<Body> {
    let signature = hmac(secret, format!("v0:{at}:{body}").as_bytes());
    Request::post(format!("/v1/chat/slack/{path}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .header("x-slack-request-timestamp", at.to_string())
        .header("x-slack-signature", format!("v0={}", hex::encode(signature)))
        .body(Body::from(body.to_owned()))
        .unwrap()
}

/// The form of a slash command.
pub(crate) fn slack_form(chats: &Chats, who: &str, text: &str, trigger: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("user_id", &format!("U-{who}"))
        .append_pair("channel_id", "C1")
        .append_pair("text", text)
        .append_pair("trigger_id", trigger)
        .append_pair("response_url", &format!("{}/commands/{trigger}", chats.origin))
        .finish()
}

/// The form of a button.
pub(crate) fn slack_press(chats: &Chats, who: &str, value: &str, at: &str) -> String {
    let payload = json!({
        "type": "block_actions", "user": { "id": format!("U-{who}") }, "channel": { "id": "C1" },
        "actions": [{ "action_id": "press-0", "value": value, "action_ts": at }],
        "response_url": format!("{}/actions/{at}", chats.origin),
    });
    form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish()
}

pub(crate) fn dingtalk_request(body: &Value, secret: &str, at: i64) -> Request<Body> {
    let sign = BASE64.encode(hmac(secret, format!("{at}\n{secret}").as_bytes()));
    Request::post("/v1/chat/dingtalk")
        .header("content-type", "application/json")
        .header("timestamp", at.to_string())
        .header("sign", sign)
        .body(Body::from(body.to_string()))
        .unwrap()
}

pub(crate) fn dingtalk_body(chats: &Chats, who: &str, text: &str, message: &str) -> Value {
    json!({
        "msgtype": "text", "text": { "content": text }, "senderStaffId": format!("D-{who}"),
        "conversationId": "cid1", "msgId": message,
        "sessionWebhook": format!("{}/robot/sendBySession?session={message}", chats.origin),
        "sessionWebhookExpiredTime": Timestamp::now().as_millisecond() + 3_600_000,
    })
}

pub(crate) fn encrypted(plain: &Value) -> String {
    let iv = [7; 16];
    let key = Sha256::digest(FEISHU_KEY.as_bytes());
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(&key, &iv).unwrap();
    let text = cipher.encrypt_padded_vec::<Pkcs7>(plain.to_string().as_bytes());
    json!({ "encrypt": BASE64.encode([&iv[..], &text].concat()) }).to_string()
}

pub(crate) fn feishu_request(plain: &Value, at: i64) -> Request<Body> {
    let body = encrypted(plain);
    let signature = Sha256::digest(format!("{at}nonce{FEISHU_KEY}{body}"));
    Request::post("/v1/chat/feishu")
        .header("content-type", "application/json")
        .header("x-lark-request-timestamp", at.to_string())
        .header("x-lark-request-nonce", "nonce")
        .header("x-lark-signature", hex::encode(signature))
        .body(Body::from(body))
        .unwrap()
}

/// The values of all buttons of an answer, by what stands on them.
pub(crate) fn slack_buttons(answer: &Value) -> Vec<(String, String)> {
    let blocks = answer["blocks"].as_array().unwrap().iter();
    let elements = blocks.filter_map(|block| block["elements"].as_array()).flatten();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    elements.map(|element| (text(&element["text"]["text"]), text(&element["value"]))).collect()
}

impl World {
    /// Until so many commands are over. An answer is given before the log says so.
    pub(crate) async fn answered(&self, number: usize) {
        let filter = Filter { types: vec!["ChatCommandAnswered".into()], ..Filter::default() };
        let all = async {
            while self.store.query(&filter, Order::Oldest, None, 1000).await.unwrap().events.len() < number {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all).await.unwrap();
    }

    /// A slash command, signed now.
    pub(crate) async fn slash(&self, chats: &Chats, who: &str, text: &str) -> Answer {
        let trigger = format!("t-{}", uuid::Uuid::now_v7());
        let form = slack_form(chats, who, text, &trigger);
        self.send(slack_request("commands", &form, SLACK_SECRET, seconds())).await
    }

    /// A slash command and the answer that follows.
    pub(crate) async fn ask(&self, chats: &mut Chats, who: &str, text: &str) -> Value {
        let taken = self.slash(chats, who, text).await;
        assert_eq!((taken.status, &taken.body["text"]), (StatusCode::OK, &"Working on it.".into()));
        chats.next().await.1
    }

    /// A button and the answer that follows.
    pub(crate) async fn press(&self, chats: &mut Chats, who: &str, value: &str) -> Value {
        let at = uuid::Uuid::now_v7().to_string();
        let form = slack_press(chats, who, value, &at);
        let taken = self.send(slack_request("actions", &form, SLACK_SECRET, seconds())).await;
        assert_eq!((taken.status, taken.body), (StatusCode::OK, json!({})));
        chats.next().await.1
    }
}
