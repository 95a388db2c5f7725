//! Who looked at what: stored by a process that may append, and left by one that may not, for the next sweep to take over.

use std::sync::Arc;
use std::time::Duration;

use cloud_emulator::{Emulator, Options, Scenario};
use event_store::contract::sample::{commit, pair, person};
use event_store::{Commit, EventStore, MemoryStore, Order};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::run::{self, RunEvent};
use kubeconfig::{Actor, EventId, NewEvent, Query, Recorded, RunId, StreamId};
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
        self.sweep_for(TimeBudget::UNLIMITED).await.unwrap()
    }

    async fn sweep_for(&self, budget: TimeBudget) -> Result<Swept, revocation::Error> {
        let store = tables(&self.emulator, false);
        let outbox = store.outbox();
        let reaper = Reaper::new(Arc::new(store), client(&self.emulator), Config::default());
        let timer = Cause::new(Actor::timer());
        reaper.relaying(outbox).sweep(&timer, budget).await
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
    history.search(&query(LOOKS), Order::Oldest, None, 1000).await.unwrap().events
}

fn query(text: &str) -> Query {
    text.parse().unwrap()
}

fn types(events: &[Recorded]) -> Vec<String> {
    events.iter().map(|event| event.event.to_stored().type_name).collect()
}

fn look(run: RunId) -> Commit {
    let event = RunEvent::HistoryQueried { query: "type:x".to_owned() };
    let new = NewEvent { event: event.into(), ..commit(&pair(1, 2), 0).events.remove(0) };
    Commit { stream: StreamId::Run(run), expected: 0, events: vec![new] }
}

fn any_run() -> RunId {
    RunId::new(Uuid::now_v7())
}

#[tokio::test]
async fn an_export_of_a_process_that_may_not_append_is_in_the_log_after_the_next_sweep() {
    let account = Account::new().await;
    account.sweep().await;
    let (reader, sweeps) = (account.reader(), query("type:SweepStarted"));
    let mut export = reader.export(&sweeps, ExportFormat::Csv, None, person("alice")).await.unwrap();
    while export.next().await.unwrap().is_some() {}
    assert_eq!(account.looks().await, [], "the log was not touched");
    let before = Timestamp::now();

    assert_eq!(account.sweep().await.report.errors, 0);
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
    // More than are read at once.
    for _ in 0..120 {
        account.leave(look(any_run())).await;
    }
    for _ in 0..3 {
        // Each reads again what was put within the last minutes.
        assert_eq!(account.sweep().await.report.errors, 0);
        assert_eq!(account.looks().await.len(), 120);
    }
}

#[tokio::test]
async fn a_sweep_without_time_takes_over_a_part_and_the_next_goes_on() {
    let account = Account::new().await;
    for _ in 0..120 {
        account.leave(look(any_run())).await;
    }
    // It ends in the middle of everything, and its report says where to go on.
    let _ = account.sweep_for(TimeBudget::UNLIMITED.at_most(Duration::ZERO)).await;
    assert_eq!(account.looks().await.len(), 100);
    account.sweep().await;
    assert_eq!(account.looks().await.len(), 120);
}

#[tokio::test]
async fn nothing_but_looks_is_taken_over_and_what_is_refused_holds_nothing_up() {
    let account = Account::new().await;
    let access = commit(&pair(1, 2), 0);
    account.leave(access.clone()).await;
    // Two at once, of which one is hidden behind the other.
    let mut two = look(any_run());
    two.events.push(NewEvent { id: EventId::new(Uuid::now_v7()), ..access.events[0].clone() });
    two.events[1].event = RunEvent::SweepStarted { resumed_from: None }.into();
    account.leave(two).await;
    account.leave(look(any_run())).await;

    let report = account.sweep().await.report;
    assert_eq!(report.errors, 2);
    assert_eq!(account.looks().await.len(), 1);
    let goes_on = report.outbox.unwrap().at().unwrap();
    assert!(
        goes_on > Timestamp::now() - SignedDuration::from_hours(1),
        "{goes_on}: what is refused is passed"
    );
    let store = tables(&account.emulator, true);
    assert_eq!(store.read_stream(&access.stream, 0, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_look_stands_in_no_run_of_others_and_under_no_id_of_others() {
    let account = Account::new().await;
    let swept = account.sweep().await;
    // It would take the place of the first seal, and of the next event of a sweep.
    let StreamId::Run(seals) = run::seals() else { panic!("seals are runs") };
    let store = tables(&account.emulator, true);
    let of_sweep = StreamId::Run(swept.run);
    let before = store.read_stream(&of_sweep, 0, 10).await.unwrap();
    let mut stolen = look(seals);
    stolen.events[0].id = before[0].id;
    account.leave(stolen).await;
    account.leave(Commit { expected: before.len() as u64, ..look(swept.run) }).await;
    // Two that claim to be the first of one run: both are kept.
    let run = any_run();
    account.leave(look(run)).await;
    account.leave(look(run)).await;

    assert_eq!(account.sweep().await.report.errors, 0);
    assert_eq!(account.looks().await.len(), 4);
    assert_eq!(store.read_stream(&run::seals(), 0, 10).await.unwrap(), []);
    assert_eq!(store.read_stream(&of_sweep, 0, 10).await.unwrap(), before);
}

#[tokio::test]
async fn what_waits_is_in_the_log_before_an_erasure_looks_for_names() {
    let account = Account::new().await;
    account.leave(look(any_run())).await;
    let store = tables(&account.emulator, false);
    let outbox = store.outbox();
    let reaper = Reaper::new(Arc::new(store), client(&account.emulator), Config::default()).relaying(outbox);
    assert_eq!(reaper.empty_outbox().await.unwrap(), 1);
    assert_eq!(account.looks().await.len(), 1);
    assert_eq!(reaper.empty_outbox().await.unwrap(), 0);
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
    assert_eq!((report.errors, report.outbox), (1, None));
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
    let found =
        history.asked_by(Actor::timer()).search(&query(LOOKS), Order::Oldest, None, 100).await.unwrap();
    assert_eq!(types(&found.events), ["ExportBegun", "ExportTaken"]);
}

#[tokio::test]
async fn a_question_does_not_answer_itself() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new());
    let history = History::recording(store).noting_searches(true).asked_by(person("alice"));
    let word = query("qwertzu");
    assert_eq!(history.search(&word, Order::Oldest, None, 10).await.unwrap().events, []);
    let mut export =
        history.export(&query("other"), ExportFormat::Ndjson, None, person("alice")).await.unwrap();
    while export.next().await.unwrap().is_some() {}
    assert_eq!(export.events(), 0);
    // It is part of the history from then on.
    let found = history.asked_by(person("bob")).search(&word, Order::Oldest, None, 10).await.unwrap();
    assert_eq!(types(&found.events), ["HistoryQueried"]);
}
