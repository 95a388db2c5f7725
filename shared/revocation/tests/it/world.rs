//! An emulated account, a store in a temporary folder, and the use cases between them.

use std::sync::Arc;

use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate, Retry, Service};
use cloud_emulator::{Emulator, Options, Scenario, Service as Emulated};
use event_store::{Clock, EventStore, Filter, Order, SqliteStore, TablestoreStore};
use jiff::Timestamp;
use kubeconfig::{Access, Actor, Channel, KubeconfigKey, Status};
use revocation::config::StoreKind;
use revocation::views::RevocationOutcome;
use revocation::{Cause, Clusters, Config, Reaper, Receipt, Request, TimeBudget};
use serde_json::{Value, json};

pub(crate) use cloud_emulator::scenario::believable::{
    ALICE, BATCH, BOB, CAROL, CI_DEPLOYER, DAVE, DEV, LEGACY_CI, PROD, REAPER, ROOT,
};

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) reaper: Arc<Reaper>,
    pub(crate) store: Arc<dyn EventStore>,
    pub(crate) folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn believable() -> Self {
        Self::new(Scenario::believable(), Config::default()).await
    }

    pub(crate) async fn new(scenario: Scenario, config: Config) -> Self {
        Self::with_clock(scenario, config, Clock::system()).await
    }

    /// The same, with a store whose clock is another one.
    pub(crate) async fn with_clock(scenario: Scenario, mut config: Config, clock: Clock) -> Self {
        let emulator = Emulator::start(scenario, Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.sqlite");
        let options = event_store::Options { clock, ..Default::default() };
        let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(&path, options).unwrap());
        config.store.path = path;
        let reaper = Arc::new(Reaper::new(store.clone(), client(&emulator), config));
        Self { emulator, reaper, store, folder }
    }

    /// The same account and store under another configuration.
    pub(crate) fn with_config(&self, config: Config) -> Reaper {
        Reaper::new(self.store.clone(), client(&self.emulator), config)
    }

    /// The same account, with a store that refuses to write.
    pub(crate) fn with_read_only_store(&self) -> Reaper {
        let path = self.folder.path().join("events.sqlite");
        let options = event_store::Options { read_only: true, ..Default::default() };
        let store = Arc::new(SqliteStore::open(path, options).unwrap());
        Reaper::new(store, client(&self.emulator), Config::default())
    }

    /// The status of a pair as the history tells it.
    pub(crate) async fn status(&self, cluster: &str, uid: &str) -> Status {
        self.access(cluster, uid).await.status(Timestamp::now())
    }

    pub(crate) async fn access(&self, cluster: &str, uid: &str) -> Access {
        let projection = self.reaper.history().projection().await.unwrap();
        projection.accesses.get(&key(cluster, uid)).cloned().unwrap_or_default()
    }

    pub(crate) async fn look(&self) -> revocation::Swept {
        self.reaper.look(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap()
    }

    pub(crate) async fn sweep(&self) -> revocation::Swept {
        self.reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await.unwrap()
    }

    /// Deletes a user as somebody in the console would, and answers the event that tells of it.
    pub(crate) fn delete_user(&self, name: &str) -> Value {
        self.perform("DeleteUser", &[("UserName", name)])
    }

    /// Carries out a RAM operation, and answers the event that tells of it.
    pub(crate) fn perform(&self, operation: &str, parameters: &[(&str, &str)]) -> Value {
        self.emulator.perform(Emulated::Ram, operation, parameters, ROOT).unwrap();
        self.last_event("ram")
    }

    /// The same for identity management, which the console uses.
    pub(crate) fn perform_ims(&self, operation: &str, parameters: &[(&str, &str)]) -> Value {
        self.emulator.perform(Emulated::Ims, operation, parameters, ROOT).unwrap();
        self.last_event("ims")
    }

    fn last_event(&self, product: &str) -> Value {
        let record = self.emulator.trail().records().pop().unwrap();
        json!({
            "specversion": "1.0", "id": record["eventId"], "source": format!("acs.{product}"),
            "type": format!("{product}:ActionTrail:ApiCall"), "time": record["eventTime"], "data": record,
        })
    }

    /// Issues a kubeconfig that is valid for a year.
    pub(crate) fn issue(&self, cluster: &str, uid: &str) {
        let now = self.emulator.now();
        let year = jiff::SignedDuration::from_hours(365 * 24);
        self.emulator.account(|account| account.issue(cluster, uid, now, now + year, false)).unwrap();
    }

    /// A second after an event.
    pub(crate) fn second_later(&self, event: &Value) -> String {
        let time: Timestamp = event["time"].as_str().unwrap().parse().unwrap();
        (time + jiff::SignedDuration::from_secs(1)).to_string()
    }

    /// A person's request that is not a dry run.
    pub(crate) async fn request(&self, uid: &str, clusters: &[&str], by: &str) -> Vec<RevocationOutcome> {
        let request = request(uid, clusters);
        self.reaper.request(&request, &person(by), TimeBudget::UNLIMITED).await.unwrap()
    }

    /// How many events the log has.
    pub(crate) async fn log_length(&self) -> usize {
        let mut length = 0;
        let mut cursor = None;
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

    pub(crate) async fn receive(&self, event: &Value) -> Vec<Receipt> {
        let cause = Cause::new(Actor::event_bridge());
        self.reaper.receive(event.to_string().as_bytes(), &cause, TimeBudget::UNLIMITED).await.unwrap()
    }
}

/// A request for some clusters, or, without any, for all.
pub(crate) fn request(uid: &str, clusters: &[&str]) -> Request {
    let these = clusters.iter().map(|cluster| cluster.parse().unwrap()).collect();
    Request {
        uid: uid.parse().unwrap(),
        clusters: if clusters.is_empty() { Clusters::All } else { Clusters::These(these) },
        reason: Some("a test".into()),
        dry_run: false,
        idempotency_key: None,
    }
}

pub(crate) fn key(cluster: &str, uid: &str) -> KubeconfigKey {
    KubeconfigKey { cluster: cluster.parse().unwrap(), uid: uid.parse().unwrap() }
}

pub(crate) fn person(name: &str) -> Cause {
    Cause::new(Actor { channel: Channel::Http, principal: Some(name.into()), human: None })
}

pub(crate) fn client(emulator: &Emulator) -> Client {
    let at = emulator.endpoints();
    let url = |service| at.url(service).parse::<BaseUrl>().unwrap();
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
    Client::new(config, role()).unwrap()
}

/// The tables of an emulated account, with a client of its own, as a process has it.
pub(crate) fn tables(emulator: &Emulator, read_only: bool) -> TablestoreStore {
    let mut config = Config::default();
    config.store.kind = StoreKind::Tablestore;
    config.store.instance = Some(emulator.tablestore_instance());
    config.store.endpoint = Some(emulator.endpoints().url(Emulated::Tablestore));
    revocation::tablestore(&config, read_only, Arc::new(role())).unwrap()
}

fn role() -> Credentials {
    Credentials::new("STS.EmulatedReaper", "EmulatedReaperSecret")
        .with_security_token("EmulatedReaperSecurityToken")
}
