//! What the use cases really call, on the emulated cloud, is what the policies allow.

use std::collections::BTreeSet;
use std::sync::Arc;

use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate, Service};
use cloud_emulator::{Emulator, Failure, Options, Outcome, Scenario, Service as Emulated};
use event_store::SqliteStore;
use kubeconfig::{Actor, Channel};
use packaging::policy::Policy;
use revocation::{Cause, Clusters, Config, Reaper, Request, TimeBudget};
use serde_json::{Value, json};

use crate::description;

const ROOT: &str = "1000000000000001";
const ALICE: &str = "200000000000000101";
const BOB: &str = "200000000000000102";

struct World {
    emulator: Emulator,
    reaper: Reaper,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new(activity_state: bool) -> Self {
        let emulator = Emulator::start(Scenario::believable(), Options::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.sqlite");
        let store = Arc::new(SqliteStore::open(&path, Default::default()).unwrap());
        let mut config = Config::default();
        config.cloud.activity_state = activity_state;
        // Few identities: one of them is a large share.
        config.guard.max_share = 1.0;
        let reaper = Reaper::new(store, client(&emulator), config);
        Self { emulator, reaper, _folder: folder }
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

    async fn receive(&self, event: &Value) {
        let cause = Cause::new(Actor::event_bridge());
        self.reaper.receive(event.to_string().as_bytes(), &cause, TimeBudget::UNLIMITED).await.unwrap();
    }

    /// The actions of every call since the last time.
    fn actions(&self) -> BTreeSet<String> {
        let actions = self.emulator.calls().into_iter().map(|call| call.action).collect();
        self.emulator.forget_calls();
        actions
    }
}

fn client(emulator: &Emulator) -> Client {
    let (key, secret) = emulator.account(|account| {
        let (key, _) = account
            .assume_role("reaper", "test", jiff::SignedDuration::from_hours(1), jiff::Timestamp::now())
            .unwrap();
        let credentials = Credentials::new(key.id, key.secret.expose());
        (credentials, key.token.expose().to_owned())
    });
    let mut config = alibaba_cloud::Config::new("cn-hangzhou");
    let pairs = [
        (Service::Cs, Emulated::Cs),
        (Service::Ram, Emulated::Ram),
        (Service::Ims, Emulated::Ims),
        (Service::Sts, Emulated::Sts),
        (Service::Sls, Emulated::Sls),
        (Service::ActionTrail, Emulated::ActionTrail),
    ];
    config.endpoints = pairs.into_iter().fold(Endpoints::default(), |endpoints, (service, emulated)| {
        endpoints.with(service, emulator.endpoints().url(emulated).parse::<BaseUrl>().unwrap())
    });
    let per_second = 1000.try_into().unwrap();
    config.rate = Rate { per_second, burst: per_second };
    Client::new(config, key.with_security_token(secret)).unwrap()
}

fn allowed(function: &str) -> BTreeSet<String> {
    let description = description();
    let policy = Policy::of(&description, &description.functions[function]).unwrap();
    policy.allowed().into_iter().map(str::to_owned).collect()
}

/// Called beyond what is allowed: nothing. Allowed and not called: what others demand, and nothing else.
fn holds(function: &str, called: &BTreeSet<String>, not_called_here: &[&str]) {
    let allowed = allowed(function);
    let beyond: Vec<_> = called.difference(&allowed).collect();
    assert!(beyond.is_empty(), "{function} calls what its policy does not allow: {beyond:?}");
    let elsewhere = |action: &&String| {
        !action.starts_with("ots:") && *action != "log:PostLogStoreLogs" && *action != "mns:SendMessage"
    };
    let unused: Vec<_> = allowed.difference(called).filter(elsewhere).map(String::as_str).collect();
    assert_eq!(unused, not_called_here, "{function} is allowed what it does not call");
}

/// With the undocumented activity query, and without it: then the audit log is asked.
async fn both_ways(act: impl AsyncFn(&World)) -> BTreeSet<String> {
    let mut called = BTreeSet::new();
    for activity_state in [true, false] {
        let world = World::new(activity_state).await;
        act(&world).await;
        called.extend(world.actions());
    }
    called
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_deleted_calls_what_its_policy_allows() {
    let called = both_ways(async |world| {
        // On an empty history, so that names have to be looked up wherever that can be done.
        world.receive(&world.perform("DeleteUser", ("UserName", "alice"))).await;
        world.receive(&world.perform("DeleteRole", ("RoleName", "ci-deployer"))).await;
    })
    .await;
    holds("identity-deleted", &called, &["ram:ListUsers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_sweep_calls_what_its_policy_allows() {
    let called = both_ways(async |world| {
        // A name that could not be looked up when the message came is looked up by the sweep.
        let created = world.perform("CreateUser", ("UserName", "zoe"));
        let uid = created["data"]["responseElements"]["User"]["UserId"].as_str().unwrap();
        let event = world.perform("DeleteUser", ("UserName", "zoe"));
        let purge = [("UserId", uid)];
        world.emulator.perform(Emulated::Ims, "DeleteUserInRecycleBin", &purge, ROOT).unwrap();
        world.emulator.fail_next(Failure {
            operation: "LookupEvents".into(),
            times: 1,
            outcome: Outcome::Error { status: 403, code: "Forbidden".into() },
        });
        world.receive(&event).await;
        world.emulator.forget_calls();

        let cause = Cause::new(Actor::timer());
        world.reaper.sweep(&cause, TimeBudget::UNLIMITED).await.unwrap();
        world.perform("DeleteRole", ("RoleName", "ci-deployer"));
        world.reaper.sweep(&cause, TimeBudget::UNLIMITED).await.unwrap();
    })
    .await;
    holds("expiry-sweep", &called, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_calls_what_its_policy_allows() {
    let called = both_ways(async |world| {
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
            world.reaper.request(&request, &cause, TimeBudget::UNLIMITED).await.unwrap();
        }
        // Messages can be sent by hand, too.
        world.receive(&world.perform("DeleteUser", ("UserName", "carol"))).await;
        world.receive(&world.perform("DeleteRole", ("RoleName", "ci-deployer"))).await;
    })
    .await;
    holds("revoke", &called, &["ram:ListUsers"]);
}
