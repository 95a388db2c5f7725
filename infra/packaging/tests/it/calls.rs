//! What the use cases call on the emulated cloud, which lets through what a function's policy allows and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate, Service};
use cloud_emulator::account::Kind;
use cloud_emulator::policy::Policy as Document;
use cloud_emulator::{Call, Emulator, Failure, Options, Outcome, Scenario, Service as Emulated};
use event_store::{Order, TablestoreStore};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::{Actor, Channel, Query};
use packaging::policy::Policy;
use revocation::config::StoreKind;
use revocation::{Cause, Clusters, Config, ExportFormat, History, Reaper, Request, TimeBudget};
use seal::KeyRing;
use serde_json::{Value, json};

use crate::description;

const ROOT: &str = "1000000000000001";
const ALICE: &str = "200000000000000101";
const BOB: &str = "200000000000000102";

/// The instance of the emulated Tablestore.
pub(crate) const INSTANCE: &str = "reaper-test";

/// An account in which a function works under its role, with its events in Tablestore.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    /// The id of the role.
    pub(crate) role: String,
    credentials: Credentials,
    config: Config,
    /// What did not work out.
    failures: Vec<String>,
}

impl World {
    /// The undocumented activity query is asked, or the audit log is.
    pub(crate) async fn new(policies: &[Value], activity_state: bool) -> Self {
        let mut world = Self::with(Scenario::believable(), policies, activity_state).await;
        let folder = tempfile::tempdir().unwrap();
        KeyRing::generate(&folder.path().join("key"), "example.com/reaper").unwrap();
        let key = std::fs::read_to_string(folder.path().join("key")).unwrap();
        world.config.seal.key = Some(key.try_into().unwrap());
        world.config.seal.checkpoint_path = "oss://reaper-example/seals/reaper.checkpoint".into();
        world
    }

    pub(crate) async fn with(scenario: Scenario, policies: &[Value], activity_state: bool) -> Self {
        let emulator = Emulator::start(scenario, Options::default()).await.unwrap();
        let mut config = Config { region: "cn-hangzhou".into(), ..Config::default() };
        config.cloud.activity_state = activity_state;
        // Few identities: one of them is a large share.
        config.guard.max_share = 1.0;
        config.store.kind = StoreKind::Tablestore;
        config.store.instance = Some(INSTANCE.into());
        config.store.endpoint = Some(emulator.endpoints().url(Emulated::Tablestore));
        // Tables are made by a person.
        let key = emulator.account(|account| account.access_keys()[0].clone());
        let person = Credentials::new(key.id, key.secret.expose());
        revocation::tablestore(&config, false, Arc::new(person)).unwrap().set_up().await.unwrap();

        let (role, credentials) = emulator.account(|account| {
            let now = Timestamp::now();
            let role = account.create(Kind::Role, "function", "", now).unwrap().id.clone();
            let policies = policies.iter().map(|policy| Document::parse(policy).unwrap());
            account.hold_to_policies(&role, policies.collect());
            let hour = SignedDuration::from_hours(1);
            let (key, _) = account.assume_role("function", "function", hour, now).unwrap();
            let given = Credentials::new(key.id, key.secret.expose());
            (role, given.with_security_token(key.token.expose()))
        });
        emulator.forget_calls();
        Self { emulator, role, credentials, config, failures: vec![] }
    }

    fn store(&self, read_only: bool) -> TablestoreStore {
        revocation::tablestore(&self.config, read_only, Arc::new(self.credentials.clone())).unwrap()
    }

    pub(crate) fn reaper(&self) -> Reaper {
        let store = self.store(false);
        let outbox = store.outbox();
        Reaper::new(Arc::new(store), self.client(), self.config.clone()).relaying(outbox)
    }

    fn client(&self) -> Client {
        let mut config = alibaba_cloud::Config::new("cn-hangzhou");
        let pairs = [
            (Service::Cs, Emulated::Cs),
            (Service::Ram, Emulated::Ram),
            (Service::Ims, Emulated::Ims),
            (Service::Sts, Emulated::Sts),
            (Service::Sls, Emulated::Sls),
            (Service::ActionTrail, Emulated::ActionTrail),
            (Service::Oss, Emulated::Oss),
        ];
        config.endpoints = pairs.into_iter().fold(Endpoints::default(), |endpoints, (service, emulated)| {
            let url = self.emulator.endpoints().url(emulated);
            endpoints.with(service, url.parse::<BaseUrl>().unwrap())
        });
        let per_second = 1000.try_into().unwrap();
        config.rate = Rate { per_second, burst: per_second };
        Client::new(config, self.credentials.clone()).unwrap()
    }

    /// Carries out an operation as somebody else, and answers the event that tells of it.
    fn perform(&self, operation: &str, name: (&str, &str)) -> Value {
        self.emulator.perform(Emulated::Ram, operation, &[name], ROOT).unwrap();
        let record = self.emulator.trail().records().pop().unwrap();
        json!({
            "specversion": "1.0", "id": record["eventId"], "source": "acs.ram",
            "type": "ram:ActionTrail:ApiCall", "time": record["eventTime"], "data": record,
        })
    }

    fn note<T, E: std::fmt::Debug>(&mut self, result: Result<T, E>) {
        self.failures.extend(result.err().map(|error| format!("{error:?}")));
    }

    async fn receive(&mut self, reaper: &Reaper, event: &Value) {
        let cause = Cause::new(Actor::event_bridge());
        let received = reaper.receive(event.to_string().as_bytes(), &cause, TimeBudget::UNLIMITED).await;
        self.note(received);
    }

    /// What a process does once, when it starts: it reads its configuration, as `Config::load` does with the credentials of its environment.
    async fn start(&mut self) {
        let settings = "oss://reaper-example/settings/reaper.toml".parse().unwrap();
        let read = self.client().oss().get_text(&settings, 1 << 10).await;
        self.note(read);
    }

    async fn identity_deleted(&mut self) {
        let reaper = self.reaper();
        // On an empty history, so that names have to be looked up wherever that can be done.
        let (user, role) = (("UserName", "alice"), ("RoleName", "ci-deployer"));
        let deletion = self.perform("DeleteUser", user);
        self.receive(&reaper, &deletion).await;
        let deletion = self.perform("DeleteRole", role);
        self.receive(&reaper, &deletion).await;
    }

    async fn expiry_sweep(&mut self) {
        let reaper = self.reaper();
        // A name that could not be looked up when the message came is looked up by the sweep.
        let created = self.perform("CreateUser", ("UserName", "zoe"));
        let uid = created["data"]["responseElements"]["User"]["UserId"].as_str().unwrap();
        let event = self.perform("DeleteUser", ("UserName", "zoe"));
        let purge = [("UserId", uid)];
        self.emulator.perform(Emulated::Ims, "DeleteUserInRecycleBin", &purge, ROOT).unwrap();
        self.emulator.fail_next(Failure {
            operation: "LookupEvents".into(),
            times: 1,
            outcome: Outcome::Error { status: 403, code: "Forbidden".into() },
        });
        self.receive(&reaper, &event).await;
        self.emulator.forget_calls();

        let cause = Cause::new(Actor::timer());
        let swept = reaper.sweep(&cause, TimeBudget::UNLIMITED).await;
        self.note(swept);
        self.perform("DeleteRole", ("RoleName", "ci-deployer"));
        // In a process that starts cold.
        let swept = self.reaper().sweep(&cause, TimeBudget::UNLIMITED).await;
        self.note(swept);
    }

    async fn revoke(&mut self) {
        let reaper = self.reaper();
        let cause =
            Cause::new(Actor { channel: Channel::Http, principal: Some("chatops".into()), human: None });
        for uid in [ALICE, BOB] {
            let request = Request {
                uid: uid.parse().unwrap(),
                clusters: Clusters::All,
                reason: Some("left".into()),
                dry_run: false,
                idempotency_key: None,
            };
            let requested = reaper.request(&request, &cause, TimeBudget::UNLIMITED).await;
            self.note(requested);
        }
        // Messages can be sent by hand, too.
        let deletion = self.perform("DeleteUser", ("UserName", "carol"));
        self.receive(&reaper, &deletion).await;
        let deletion = self.perform("DeleteRole", ("RoleName", "ci-deployer"));
        self.receive(&reaper, &deletion).await;
    }

    async fn history(&mut self) {
        // Somebody else has written something.
        let root = self.emulator.account(|account| account.access_keys()[0].clone());
        let own = std::mem::replace(&mut self.credentials, Credentials::new(root.id, root.secret.expose()));
        let swept = self.reaper().look(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED).await;
        self.note(swept);
        self.credentials = own;
        self.emulator.forget_calls();

        let store = self.store(true);
        let outbox = store.outbox();
        let history = History::leaving(Arc::new(store), outbox);
        let panel = history.identity(&ALICE.parse().unwrap()).await;
        self.note(panel);
        let query: Query = format!("uid:{ALICE}").parse().unwrap();
        let page = history.search(&query, Order::Newest, None, 1).await;
        if let Ok(found) = &page {
            let next = history.events(&query, Order::Newest, Some(&found.end), 1).await;
            self.note(next);
        }
        self.note(page);
        let exported = match history.export(&query, ExportFormat::Csv, None, Actor::timer()).await {
            Ok(mut export) => export.next().await.map(drop),
            Err(error) => Err(error),
        };
        self.note(exported);
    }
}

/// The policy of a function, as it is in the emulated account.
pub(crate) fn document(policy: &Policy) -> Value {
    let text = serde_json::to_string(policy).unwrap();
    let filled = [
        ("account", ROOT),
        ("region", "cn-hangzhou"),
        ("instance", INSTANCE),
        ("bucket", "reaper-example"),
        ("settings", "settings/reaper.toml"),
        ("checkpoint", "seals/reaper.checkpoint"),
    ];
    let filled = filled.iter().fold(text, |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
    serde_json::from_str(&filled).unwrap()
}

pub(crate) fn policy(function: &str) -> Policy {
    let description = description();
    Policy::of(&description, &description.functions[function]).unwrap()
}

/// What became of a function's work.
pub(crate) struct Told {
    pub(crate) calls: Vec<Call>,
    pub(crate) failures: Vec<String>,
}

impl Told {
    /// The calls that a policy did not let through.
    pub(crate) fn refused(&self) -> Vec<(&str, &str)> {
        const CODES: [&str; 5] =
            ["Forbidden.RAM", "NoPermission", "Unauthorized", "OTSNoPermissionAccess", "AccessDenied"];
        let calls = self.calls.iter().map(|call| (call.action.as_str(), call.code.as_deref()));
        calls.filter_map(|(action, code)| Some((action, code.filter(|c| CODES.contains(c))?))).collect()
    }
}

/// Lets a function do everything that it does, under these policies.
pub(crate) async fn play(function: &str, policies: &[Value], activity_state: bool) -> Told {
    let mut world = World::new(policies, activity_state).await;
    match function {
        "identity-deleted" => world.identity_deleted().await,
        "expiry-sweep" => world.expiry_sweep().await,
        "revoke" => world.revoke().await,
        "history" => world.history().await,
        other => panic!("nothing is known of {other}"),
    }
    world.start().await;
    Told { calls: world.emulator.calls(), failures: world.failures }
}

/// Called beyond what is allowed: nothing. Allowed and not called: what the platform does in the name of the role.
async fn everything_is_allowed_and_used(function: &str, demanded: &[&str]) {
    let policy = policy(function);
    let mut called = BTreeSet::new();
    for activity_state in [true, false] {
        let told = play(function, &[document(&policy)], activity_state).await;
        assert_eq!((told.refused(), &told.failures), (vec![], &vec![]), "{function}");
        called.extend(told.calls.into_iter().map(|call| call.action));
    }
    let unused: Vec<_> = policy.allowed().into_iter().filter(|action| !called.contains(*action)).collect();
    let platform = ["log:PostLogStoreLogs", "mns:SendMessage"];
    let (of_platform, unused): (Vec<_>, Vec<_>) = unused.into_iter().partition(|a| platform.contains(a));
    assert_eq!(of_platform, platform);
    assert_eq!(unused, demanded, "{function} is allowed what it does not call");
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_deleted_calls_what_its_policy_allows_and_all_of_it() {
    // ListClusterKubeconfigStates demands ListUsers of its caller.
    everything_is_allowed_and_used("identity-deleted", &["ram:ListUsers"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_sweep_calls_what_its_policy_allows_and_all_of_it() {
    everything_is_allowed_and_used("expiry-sweep", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_calls_what_its_policy_allows_and_all_of_it() {
    everything_is_allowed_and_used("revoke", &["ram:ListUsers"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_calls_what_its_policy_allows_and_all_of_it() {
    everything_is_allowed_and_used("history", &[]).await;
}
