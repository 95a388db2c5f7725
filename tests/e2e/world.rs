//! An emulated account with Reaper's functions as real processes, and ways to look at what they did.

use std::path::PathBuf;
use std::time::Duration;

use cloud_emulator::account::Kind;
use cloud_emulator::deployment::{Deployment, Program};
use cloud_emulator::event_bridge::Disorder;
use cloud_emulator::{Options, Scenario, Service};
use revocation::{Config, History, connect_read_only};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::company::{Member, ROOT};
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

pub(crate) struct World {
    pub(crate) deployment: Deployment,
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
        let mut program =
            Program::new(env!("CARGO_BIN_EXE_reaper"), folder.path().join("events.sqlite"))
                .env("REAPER_API_TOKENS", tokens())
                .env("REAPER_CLOUD_CALLS_PER_SECOND", "10000")
                .env("RUST_LOG", "info");
        for (name, value) in env {
            program = program.env(*name, *value);
        }
        change(&mut program);
        let deployment = Deployment::start(scenario, Options::default(), &program).await.unwrap();
        Self { deployment, folder }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("events.sqlite")
    }

    /// The read side, on the functions' own store.
    pub(crate) fn history(&self) -> History {
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

    /// A function's process writes of no panic.
    pub(crate) fn assert_no_panic(&self) {
        for name in self.deployment.functions.names() {
            let output = self.deployment.functions.output(&name).unwrap();
            let panicked = output.iter().find(|line| line.text.contains("panic"));
            assert!(panicked.is_none(), "{name}: {panicked:?}");
        }
    }
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
