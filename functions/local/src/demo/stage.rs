//! The stage: the emulated cloud with Reaper deployed on it, and ways to look at it.

use std::sync::Arc;

use cloud_emulator::deployment::{Deployment, Program};
use cloud_emulator::{Options, Scenario};
use event_store::EventStore;
use rand::Rng as _;
use revocation::config::StoreKind;
use revocation::{Config, History};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::slack::Slack;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::host::emulated;

/// The tokens of the stage. They open the demo on this machine, while it runs, and nothing else.
const TOKENS: [(&str, &str, &str); 3] = [
    ("auditor", "viewer", "demo-viewer-token"),
    ("olga", "operator", "demo-operator-token"),
    ("peter", "approver", "demo-approver-token"),
];

/// The emulated cloud may be asked more often than the real one.
const CALLS_PER_SECOND: &str = "1000";

pub(crate) struct Stage {
    pub(crate) deployment: Deployment,
    /// Slack, which commands come from.
    pub(crate) slack: Slack,
    http: reqwest::Client,
    kind: StoreKind,
    folder: TempDir,
}

impl Stage {
    /// Starts everything. The functions start when they are called.
    pub(crate) async fn set(kind: StoreKind) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let http = plain_http()?;
        let slack = Slack::start(http.clone()).await?;
        let entry = |(name, role, token): &(&str, &str, &str)| {
            format!("{name}:{role}:{}", hex::encode(Sha256::digest(token)))
        };
        let tokens: Vec<String> = TOKENS.iter().map(entry).collect();
        let mut program = Program::new(std::env::current_exe()?, folder.path().join("events.sqlite"))
            .env("REAPER_API_TOKENS", tokens.join(","))
            .env("REAPER_CLOUD_CALLS_PER_SECOND", CALLS_PER_SECOND)
            .env("REAPER_CONSOLE_SESSION_KEY", session_key())
            .env("RUST_LOG", "warn");
        for (name, value) in slack.variables() {
            program = program.env(name, value);
        }
        if kind == StoreKind::Tablestore {
            program = program.env("REAPER_STORE_KIND", "tablestore");
        }
        let deployment =
            Deployment::start(Scenario::believable(), Options::default(), &program).await.map_err(
                |error| Failure::new(Exit::Failed, chain(&error)).not_done("the demo was not started"),
            )?;
        if kind == StoreKind::Tablestore {
            emulated::tablestore(&deployment.emulator, &mut Config::default())?.set_up().await?;
        }
        slack.deliver_to(deployment.revoke_url());
        Ok(Self { deployment, slack, http, kind, folder })
    }

    /// The read side, on the functions' own store.
    pub(crate) fn history(&self) -> Result<History, Failure> {
        let mut config = Config::default();
        config.store.path = self.folder.path().join("events.sqlite");
        let store: Arc<dyn EventStore> = match self.kind {
            StoreKind::Sqlite => revocation::open_read_only(&config)?,
            StoreKind::Tablestore => Arc::new(emulated::tablestore(&self.deployment.emulator, &mut config)?),
        };
        Ok(History::new(store))
    }

    /// Asks the HTTP interface for something, as the auditor.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.deployment.history_url());
        self.answered(self.http.get(url).bearer_auth(token("viewer"))).await
    }

    /// Sends something to the HTTP interface in a role.
    pub(crate) async fn post(&self, path: &str, role: &str, body: &Value) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.deployment.revoke_url());
        self.answered(self.http.post(url).bearer_auth(token(role)).json(body)).await
    }

    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<Value, Failure> {
        let failed = |error: reqwest::Error| Failure::new(Exit::Failed, chain(&error));
        let response = request.send().await.map_err(failed)?;
        let (status, body) = (response.status(), response.text().await.map_err(failed)?);
        if !status.is_success() {
            return Err(Failure::new(Exit::Failed, format!("the HTTP interface answered {status}: {body}")));
        }
        serde_json::from_str(&body).map_err(|error| Failure::new(Exit::Failed, error.to_string()))
    }
}

/// What both functions sign sessions with, for as long as the demo runs.
fn session_key() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// The token of a role.
pub(crate) fn token(role: &str) -> &'static str {
    TOKENS.iter().find(|(_, of, _)| *of == role).map_or("", |(_, _, token)| token)
}

/// Only loopback is called. reqwest wants a TLS provider all the same.
fn plain_http() -> Result<reqwest::Client, Failure> {
    // An error means that there is a provider already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().build().map_err(|error| Failure::new(Exit::Failed, chain(&error)))
}
