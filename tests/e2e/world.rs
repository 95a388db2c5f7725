//! An emulated account with Reaper's functions as real processes, and ways to look at what they did.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use alibaba_cloud::Credentials;

use cloud_emulator::account::Kind;
use cloud_emulator::deployment::{Deployment, Program, endpoint_variables};
use cloud_emulator::event_bridge::Disorder;
use cloud_emulator::function_compute::InvokeError;
use cloud_emulator::{Options, Scenario, Service};
use event_store::TablestoreStore;
use kubeconfig::Status;
use revocation::{Config, History, connect_read_only};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::company::{DEV, Member, PROD, ROOT, company};
use crate::log::Log;

/// How long anything may take before a test gives up on it. Never waited for when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A token of each role.
pub(crate) const VIEWER: &str = "viewer-token-of-the-tests";
pub(crate) const OPERATOR: &str = "operator-token-of-the-tests";
pub(crate) const APPROVER: &str = "approver-token-of-the-tests";

/// No guard stands in the way.
pub(crate) const UNGUARDED: [(&str, &str); 2] =
    [("REAPER_GUARD_MAX_IDENTITIES", "100000"), ("REAPER_GUARD_MAX_SHARE", "1.0")];

/// An announced call of a dead process is taken over at once.
pub(crate) const NO_LEASE: (&str, &str) = ("REAPER_POLICY_CALL_LEASE_SECONDS", "0");

/// One thing after the other, so that calls come in the same order in every run.
pub(crate) const ONE_BY_ONE: (&str, &str) = ("REAPER_SWEEP_CONCURRENCY", "1");

/// The events go to tables.
pub(crate) const ON_TABLESTORE: (&str, &str) = ("REAPER_STORE_KIND", "tablestore");

/// The session of Reaper's role.
const SESSION: [(&str, &str); 3] = [
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.EmulatedReaper"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "EmulatedReaperSecret"),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "EmulatedReaperSecurityToken"),
];

/// A command that ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) struct World {
    pub(crate) deployment: Deployment,
    http: reqwest::Client,
    on_tablestore: bool,
    folder: TempDir,
}

impl World {
    pub(crate) async fn new(scenario: Scenario, env: &[(&str, &str)]) -> Self {
        Self::with(scenario, env, |_| {}).await
    }

    pub(crate) async fn with(
        scenario: Scenario,
        env: &[(&str, &str)],
        change: impl FnOnce(&mut Program),
    ) -> Self {
        // An error means that there is a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let mut program = Program::new(env!("CARGO_BIN_EXE_reaper"), folder.path().join("events.sqlite"))
            .env("REAPER_API_TOKENS", tokens())
            .env("REAPER_CLOUD_CALLS_PER_SECOND", "10000")
            .env("RUST_LOG", "info");
        for (name, value) in env {
            program = program.env(*name, *value);
        }
        change(&mut program);
        let deployment = Deployment::start(scenario, Options::default(), &program).await.unwrap();
        let on_tablestore = env.contains(&ON_TABLESTORE);
        let world = Self { deployment, http: reqwest::Client::new(), on_tablestore, folder };
        if on_tablestore {
            world.tablestore().set_up().await.unwrap();
            world.deployment.emulator.forget_calls();
        }
        world
    }

    /// The company with [`Member::leaver`] in it. Only what the test itself hands over arrives.
    pub(crate) async fn with_a_leaver(env: &[(&str, &str)]) -> Self {
        let world = Self::new(company(&[Member::leaver(), Member::user(102, &[PROD])]), env).await;
        world.lose_events();
        world
    }

    /// The tables on the emulated Tablestore.
    pub(crate) fn tablestore(&self) -> TablestoreStore {
        let emulator = &self.deployment.emulator;
        let mut config = Config::default();
        config.store.instance = Some(emulator.tablestore_instance());
        config.store.endpoint = Some(emulator.endpoints().url(Service::Tablestore));
        let [(_, id), (_, secret), (_, token)] = SESSION;
        let credentials = Credentials::new(id, secret).with_security_token(token);
        revocation::tablestore(&config, false, Arc::new(credentials)).unwrap()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("events.sqlite")
    }

    /// The read side, on the functions' own store.
    pub(crate) fn history(&self) -> History {
        if self.on_tablestore {
            return History::new(Arc::new(self.tablestore()));
        }
        let mut config = Config::default();
        config.store.path = self.store();
        connect_read_only(&config).unwrap()
    }

    /// The whole log, found to be consistent.
    pub(crate) async fn log(&self) -> Log {
        let log = Log::read(&self.history()).await;
        log.check();
        log
    }

    /// A sweep that only looks.
    pub(crate) async fn look(&self) -> Value {
        within("a look", self.deployment.sweep("look")).await.unwrap()
    }

    pub(crate) async fn sweep(&self) -> Value {
        within("a sweep", self.deployment.sweep("")).await.unwrap()
    }

    /// Everything that was published is delivered and dealt with.
    pub(crate) async fn idle(&self) {
        within("quiet", self.deployment.idle()).await;
    }

    /// No event arrives any more.
    pub(crate) fn lose_events(&self) {
        self.deployment.bus.set_disorder(Disorder { loss: 1.0, ..Disorder::default() });
    }

    /// Deletes somebody as the console would, and answers the event that tells of it.
    pub(crate) fn delete(&self, member: &Member) -> Value {
        let (operation, parameter) = match member.kind {
            Kind::Role => ("DeleteRole", "RoleName"),
            _ => ("DeleteUser", "UserName"),
        };
        self.perform(operation, &[(parameter, &member.name)])
    }

    /// Carries out an operation of RAM, and answers the event that tells of it.
    pub(crate) fn perform(&self, operation: &str, parameters: &[(&str, &str)]) -> Value {
        let emulator = &self.deployment.emulator;
        emulator.perform(Service::Ram, operation, parameters, ROOT).unwrap();
        let record = emulator.trail().records().pop().unwrap();
        json!({
            "specversion": "1.0", "id": record["eventId"], "source": "acs.ram",
            "type": "ram:ActionTrail:ApiCall", "time": record["eventTime"], "data": record,
        })
    }

    /// The command line, on the functions' own store and account.
    pub(crate) fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reaper"));
        command.args(args).env_clear().env("HOME", self.folder.path()).current_dir(self.folder.path());
        // Where coverage is measured, the binary says where to.
        command.envs(std::env::var_os("LLVM_PROFILE_FILE").map(|file| ("LLVM_PROFILE_FILE", file)));
        command
            .envs(endpoint_variables(&self.deployment.emulator))
            .envs(SESSION)
            .env("REAPER_STORE_PATH", self.store())
            .env("REAPER_API_TOKENS", tokens())
            .env("REAPER_CLOUD_CALLS_PER_SECOND", "10000")
            .envs(env.iter().copied())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) async fn run(&self, args: &[&str], env: &[(&str, &str)]) -> Ended {
        let mut command = self.command(args, env);
        let ended = tokio::task::spawn_blocking(move || command.output().unwrap());
        let output = within("the end of a command", ended).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Sends something to the function `revoke`.
    pub(crate) async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.deployment.revoke_url());
        answered(self.http.post(url).bearer_auth(token).json(body)).await
    }

    /// Asks the function `history`.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("{}{path}", self.deployment.history_url());
        answered(self.http.get(url).bearer_auth(VIEWER)).await
    }

    /// Hands an event over, as EventBridge does, and answers what became of it.
    pub(crate) async fn deliver(&self, event: &Value) -> Result<Value, InvokeError> {
        self.deliver_bytes(event.to_string().into_bytes()).await
    }

    pub(crate) async fn deliver_bytes(&self, event: Vec<u8>) -> Result<Value, InvokeError> {
        let invoked = self.deployment.functions.invoke("identity-deleted", event);
        let invoked = within("an answer", invoked).await?;
        Ok(serde_json::from_slice(&invoked.body).unwrap())
    }

    /// How many processes a function had so far.
    pub(crate) fn starts(&self, function: &str) -> usize {
        let output = self.deployment.functions.output(function).unwrap();
        output.iter().filter(|line| line.text.contains(r#""message":"listening""#)).count()
    }

    /// Nothing of the pair is left, and one call of no more than announced took it away.
    pub(crate) fn assert_cleaned_once(&self, log: &Log, cluster: &str, uid: &str) {
        let emulator = &self.deployment.emulator;
        let (rows, permitted) = emulator.account(|account| {
            let permitted = account.permissions(uid).any(|p| p.scope.cluster().is_none_or(|c| c == cluster));
            (account.rows(cluster, uid, true, jiff::Timestamp::now()), permitted)
        });
        assert!(!permitted && rows.iter().all(|row| row.state == "Removed"), "{cluster}/{uid}: {rows:?}");
        let cleans = emulator.cleans(cluster, uid);
        assert_eq!(cleans.effective, 1, "{cluster}/{uid}: {cleans:?}");
        let announced = log.announced(cluster, uid);
        assert!(cleans.received <= announced, "{cluster}/{uid}: {cleans:?}, announced {announced}");
    }

    /// The leaver's access has ended wherever it was audited, by one call each; what was not audited is held.
    pub(crate) async fn assert_the_leaver_is_done(&self) {
        let (leaver, log) = (Member::leaver(), self.log().await);
        for (cluster, uid) in leaver.audited() {
            assert_eq!(log.status(cluster, uid), Status::Deleted, "{cluster}");
            self.assert_cleaned_once(&log, cluster, uid);
        }
        assert_eq!(log.phase(DEV, &leaver.uid), Some("Held"));
        assert_eq!(log.count("RevocationConfirmed"), 2);
        self.assert_no_panic();
    }

    /// A function's process writes of no panic.
    pub(crate) fn assert_no_panic(&self) {
        for name in self.deployment.functions.names() {
            let output = self.deployment.functions.output(&name).unwrap();
            let panicked = output.iter().find(|line| line.text.contains("panic"));
            assert!(panicked.is_none(), "{name}: {panicked:?}");
        }
    }
}

/// The status, and the body as JSON; null if there is none. Status 0: no answer.
pub(crate) async fn answered(request: reqwest::RequestBuilder) -> (u16, Value) {
    let Ok(response) = within("an answer", request.send()).await else { return (0, Value::Null) };
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap_or_default();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

/// The entries of the configuration that let the tokens in.
pub(crate) fn tokens() -> String {
    let entry = |role: &str, token: &str| format!("{role}:{role}:{}", hex::encode(Sha256::digest(token)));
    let tokens = [("viewer", VIEWER), ("operator", OPERATOR), ("approver", APPROVER)];
    tokens.map(|(role, token)| entry(role, token)).join(",")
}

/// Waits for something that has to come.
pub(crate) async fn within<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("{what} did not come within {PATIENCE:?}"))
}
