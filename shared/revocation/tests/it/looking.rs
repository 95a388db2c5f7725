//! Who looked at what: stored by a process that may append, and left by one that may not, for the next sweep to take over.

use std::sync::Arc;

use cloud_emulator::{Emulator, Options, Scenario};
use event_store::contract::sample::{commit, pair, person};
use event_store::{Commit, EventStore, MemoryStore, Order};
use jiff::Timestamp;
use kubeconfig::run::{self, RunEvent};
use kubeconfig::{Actor, NewEvent, Query, Recorded, RunId, StreamId};
use revocation::{Cause, Config, ExportFormat, History, Reaper, Swept, TimeBudget};
use uuid::Uuid;

use crate::world::{client, tables};

/// Every kind of look.
const LOOKS: &str = "type:ExportBegun type:ExportTaken type:HistoryQueried";

/// An account with the history in tables.
struct Account {
    emulator: Emulator,
}

impl Account {
    async fn new() -> Self {
        let emulator = Emulator::start(Scenario::believable(), Options::default()).await.unwrap();
        tables(&emulator, false).set_up().await.unwrap();
        Self { emulator }
    }

    /// A process that may read the log and not append to it.
    fn reader(&self) -> History {
        let store = tables(&self.emulator, true);
        let outbox = store.outbox();
        History::leaving(Arc::new(store), outbox)
    }

    /// The sweep of a new process.
    async fn sweep(&self) -> Swept {
        let store = tables(&self.emulator, false);
        let outbox = store.outbox();
        let reaper = Reaper::new(Arc::new(store), client(&self.emulator), Config::default());
        let timer = Cause::new(Actor::timer());
        reaper.relaying(outbox).sweep(&timer, TimeBudget::UNLIMITED).await.unwrap()
    }

    async fn looks(&self) -> Vec<Recorded> {
        looks(&self.reader()).await
    }

    /// What only somebody puts there who has taken hold of such a process.
    async fn leave(&self, commit: Commit) {
        tables(&self.emulator, true).outbox().put(commit).await.unwrap();
    }
}

async fn looks(history: &History) -> Vec<Recorded> {
    history.search(&query(LOOKS), Order::Oldest, None, 100).await.unwrap().events
}

fn query(text: &str) -> Query {
    text.parse().unwrap()
}

fn types(events: &[Recorded]) -> Vec<String> {
    events.iter().map(|event| event.event.to_stored().type_name).collect()
}

fn look(run: RunId) -> Commit {
    let event = RunEvent::HistoryQueried { query: "type:x".to_owned() };
    let now = Timestamp::now();
    let new = NewEvent { occurred_at: now, event: event.into(), ..commit(&pair(1, 2), 0).events.remove(0) };
    Commit { stream: StreamId::Run(run), expected: 0, events: vec![new] }
}

#[tokio::test]
async fn an_export_of_a_process_that_may_not_append_is_in_the_log_after_the_next_sweep() {
    let account = Account::new().await;
    account.sweep().await;
    let mut export = account
        .reader()
        .export(&query("type:SweepStarted"), ExportFormat::Csv, None, person("alice"))
        .await
        .unwrap();
    while export.next().await.unwrap().is_some() {}
    assert_eq!(account.looks().await, [], "the log was not touched");
    let before = Timestamp::now();

    let swept = account.sweep().await;
    assert_eq!(swept.report.errors, 0);
    assert!(swept.report.outbox_until.is_some_and(|until| until >= before));
    let looks = account.looks().await;
    assert_eq!(types(&looks), ["ExportBegun", "ExportTaken"]);
    assert_eq!(looks[0].stream, looks[1].stream);
    for look in &looks {
        assert_eq!(look.actor, person("alice"));
        assert!(look.occurred_at <= before && look.recorded_at >= before, "{look:?}");
    }
    assert_eq!(looks[1].event.to_stored().data["events"], 1);
}

#[tokio::test]
async fn what_is_left_is_taken_over_once_however_often_it_is_read() {
    let account = Account::new().await;
    for _ in 0..3 {
        account.leave(look(RunId::new(Uuid::now_v7()))).await;
    }
    for _ in 0..3 {
        // Each reads again what was put within the last minutes.
        assert_eq!(account.sweep().await.report.errors, 0);
        assert_eq!(account.looks().await.len(), 3);
    }
}

#[tokio::test]
async fn nothing_but_looks_is_taken_over_and_what_is_refused_holds_nothing_up() {
    let account = Account::new().await;
    let put = Timestamp::now();
    let access = commit(&pair(1, 2), 0);
    account.leave(access.clone()).await;
    // It would take the place of the first seal.
    let StreamId::Run(seals) = run::seals() else { panic!("seals are runs") };
    account.leave(look(seals)).await;
    account.leave(look(RunId::new(Uuid::now_v7()))).await;

    for _ in 0..2 {
        let report = account.sweep().await.report;
        assert_eq!(report.errors, 2, "named by every sweep");
        let until = report.outbox_until.unwrap();
        assert!(until.as_second() <= put.as_second() + 1, "{until}: not beyond what is still there");
        assert_eq!(account.looks().await.len(), 1);
    }
    let store = tables(&account.emulator, true);
    for stream in [&access.stream, &run::seals()] {
        assert_eq!(store.read_stream(stream, 0, 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_sweep_without_the_table_says_so_and_does_its_work() {
    let account = Account::new().await;
    let mut config = tablestore_rs::Config::builder();
    config = config.endpoint_url(account.emulator.endpoints().url(cloud_emulator::Service::Tablestore));
    config = config.instance_name(account.emulator.tablestore_instance());
    let role = tablestore_rs::credentials::Credentials::new("STS.EmulatedReaper", "EmulatedReaperSecret");
    config = config.credentials_provider(role.with_security_token("EmulatedReaperSecurityToken"));
    let client = tablestore_rs::Client::new(&config.build().unwrap());
    client.delete_table().table_name("reaper_outbox").send().await.unwrap();
    let report = account.sweep().await.report;
    assert_eq!((report.errors, report.outbox_until), (1, None));
    assert!(report.pairs > 0);
}

#[tokio::test]
async fn a_search_is_stored_where_that_is_wanted_once_for_each_who_asks_and_before_it_is_answered() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let silent = History::recording(store.clone());
    silent.asked_by(person("alice")).search(&query("type:x"), Order::Newest, None, 1).await.unwrap();
    assert_eq!(looks(&silent).await, [], "nobody wanted it");

    let noting = History::recording(store).noting_searches(true);
    for (name, text) in [("alice", "type:x"), ("alice", "type:x"), ("bob", "type:x"), ("alice", "type:y")] {
        let asked = noting.asked_by(person(name));
        let found = asked.search(&query(text), Order::Newest, None, 1).await.unwrap();
        assert_eq!(found.events, []);
    }
    // Nobody in particular asks.
    noting.search(&query("type:z"), Order::Newest, None, 1).await.unwrap();
    let told: Vec<_> = looks(&noting)
        .await
        .into_iter()
        .map(|look| (look.actor.name().to_owned(), look.event.to_stored().data["query"].clone()))
        .collect();
    let expected = [("alice", "type:x"), ("bob", "type:x"), ("alice", "type:y")];
    assert_eq!(told, expected.map(|(name, text)| (name.to_owned(), text.into())));
}

#[tokio::test]
async fn an_export_is_not_stored_as_a_search_too() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    store.append(commit(&pair(1, 2), 0)).await.unwrap();
    let history = History::recording(store).noting_searches(true).asked_by(person("alice"));
    let everything = Query::default();
    let mut export = history.export(&everything, ExportFormat::Csv, None, person("alice")).await.unwrap();
    while export.next().await.unwrap().is_some() {}
    let stored = history.asked_by(Actor::timer());
    let found = stored.search(&query(LOOKS), Order::Oldest, None, 100).await.unwrap().events;
    let of_alice: Vec<_> = found.into_iter().filter(|event| event.actor == person("alice")).collect();
    assert_eq!(types(&of_alice), ["ExportBegun", "ExportTaken"]);
}
