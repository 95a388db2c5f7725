//! An emulated account, a store in a temporary folder, and both functions behind one router.

use std::sync::Arc;

use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate, Retry, Service};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use cloud_emulator::{Emulator, Options, Scenario, Service as Emulated};
use console::Console;
use event_store::{EventStore, Filter, Order, SqliteStore};
use history::Archive;
use http_api::{Callers, Role};
use http_body_util::BodyExt;
use kubeconfig::Actor;
use revocation::{Cause, Config, Reaper, TimeBudget};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::schema::Schema;

pub(crate) use cloud_emulator::scenario::believable::{
    ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DAVE, DEV, PROD, REAPER, ROOT,
};

/// Tokens, named after who bears them.
pub(crate) const VERA: &str = "token-of-vera-a-viewer";
pub(crate) const OLGA: &str = "token-of-olga-an-operator";
pub(crate) const ANNA: &str = "token-of-anna-an-approver";
pub(crate) const ARNO: &str = "token-of-arno-an-approver";

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) reaper: Arc<Reaper>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) router: Router,
    schema: Schema,
    pub(crate) folder: tempfile::TempDir,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// Those of the configuration, with the tokens of this file. They may call as often as tests do.
pub(crate) fn callers(config: &Config) -> Callers {
    let mut config = config.clone();
    config.api.tokens.extend(entries());
    (config.api.requests_per_minute, config.api.unauthenticated_per_minute) = (u32::MAX, u32::MAX);
    Callers::of(&config).unwrap()
}

/// The same as they stand in a configuration.
pub(crate) fn entries() -> Vec<String> {
    let all = [
        ("vera", Role::Viewer, VERA),
        ("olga", Role::Operator, OLGA),
        ("anna", Role::Approver, ANNA),
        ("arno", Role::Approver, ARNO),
    ];
    all.map(|(name, role, token)| format!("{name}:{role}:{}", hex::encode(Sha256::digest(token)))).to_vec()
}

/// Pages whose sessions are signed by a key of their own.
pub(crate) fn console(config: &Config) -> Console {
    Console::of_one_process(config)
}

impl World {
    /// The believable account, not looked at yet.
    pub(crate) async fn new() -> Self {
        Self::with_config(Config::default()).await
    }

    pub(crate) async fn with_config(config: Config) -> Self {
        Self::start(Scenario::believable(), config).await
    }

    /// Another account, after a first look at everything.
    pub(crate) async fn of(scenario: Scenario) -> Self {
        let world = Self::start(scenario, Config::default()).await;
        world.look().await;
        world
    }

    async fn start(scenario: Scenario, mut config: Config) -> Self {
        let emulator = Emulator::start(scenario, Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        config.store.path = folder.path().join("events.sqlite");
        let options =
            event_store::Options { synchronous: event_store::Synchronous::Normal, ..Default::default() };
        let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(&config.store.path, options).unwrap());
        let (callers, console) = (callers(&config), console(&config));
        let reaper = Arc::new(Reaper::new(store.clone(), client(&emulator), config));
        let archive = Archive::of(reaper.history().clone());
        let api = revoke::api(reaper.clone(), &console).merge(history::api(archive, &console));
        let schema = Schema::new(api.document());
        Self { emulator, reaper, store, router: api.router(callers), schema, folder }
    }

    /// The same, after a first look at everything.
    pub(crate) async fn seen() -> Self {
        let world = Self::new().await;
        world.look().await;
        world
    }

    pub(crate) async fn look(&self) {
        self.reaper.look(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    }

    pub(crate) async fn sweep(&self) {
        self.reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap();
    }

    /// Reads as a viewer.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, Some(VERA), None)).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(request(Method::POST, path, Some(token), Some(body.to_string()))).await
    }

    /// Asks for revocations as olga.
    pub(crate) async fn revoke(&self, uid: &str, clusters: &[&str]) -> Answer {
        self.post("/v1/revocations", OLGA, &json!({ "uid": uid, "clusters": clusters })).await
    }

    /// Sends a request, and holds the answer to the document.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = send(&self.router, request).await;
        self.schema.check(&method, &path, &answer);
        answer
    }

    /// Deletes a user as somebody in the console would, and answers the event that tells of it.
    pub(crate) fn delete_user(&self, name: &str) -> Value {
        self.emulator.perform(Emulated::Ram, "DeleteUser", &[("UserName", name)], ROOT).unwrap();
        let record = self.emulator.trail().records().pop().unwrap();
        json!({
            "specversion": "1.0", "id": record["eventId"], "source": "acs.ram",
            "type": "ram:ActionTrail:ApiCall", "time": record["eventTime"], "data": record,
        })
    }

    /// A client of the same account.
    pub(crate) fn cloud(&self) -> Client {
        client(&self.emulator)
    }

    /// How many events the log has.
    pub(crate) async fn log_length(&self) -> usize {
        let (mut length, mut cursor) = (0, None);
        loop {
            let page =
                self.store.query(&Filter::default(), Order::Oldest, cursor.as_ref(), 1000).await.unwrap();
            length += page.events.len();
            if !page.more {
                return length;
            }
            cursor = Some(page.end);
        }
    }
}

impl Answer {
    /// The words of all outcomes.
    pub(crate) fn outcomes(&self) -> Vec<&str> {
        let outcomes = self.body["outcomes"].as_array().unwrap();
        outcomes.iter().map(|outcome| outcome["outcome"].as_str().unwrap()).collect()
    }

    /// The name of the problem's type.
    pub(crate) fn problem(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().trim_start_matches("/problems/")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) fn request(
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<String>,
) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    request.body(body.map_or_else(Body::empty, Body::from)).unwrap()
}

pub(crate) async fn send(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status: parts.status, headers: parts.headers, body }
}

fn client(emulator: &Emulator) -> Client {
    let url = |service| emulator.endpoints().url(service).parse::<BaseUrl>().unwrap();
    let endpoints = Endpoints::default()
        .with(Service::Cs, url(Emulated::Cs))
        .with(Service::Ram, url(Emulated::Ram))
        .with(Service::Ims, url(Emulated::Ims))
        .with(Service::Sts, url(Emulated::Sts))
        .with(Service::Sls, url(Emulated::Sls))
        .with(Service::ActionTrail, url(Emulated::ActionTrail))
        .with(Service::Oss, url(Emulated::Oss));
    let fast = std::num::NonZeroU32::new(100_000).unwrap();
    let config = alibaba_cloud::Config {
        endpoints,
        rate: Rate { per_second: fast, burst: fast },
        retry: Retry { base: std::time::Duration::from_millis(1), ..Retry::default() },
        ..alibaba_cloud::Config::new("cn-hangzhou")
    };
    let role = Credentials::new("STS.EmulatedReaper", "EmulatedReaperSecret")
        .with_security_token("EmulatedReaperSecurityToken");
    Client::new(config, role).unwrap()
}
