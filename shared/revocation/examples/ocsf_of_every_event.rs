//! Prints one record of every event that may be stored, as an export has it in OCSF: what `tests/conformance` validates.
//!
//! `cargo run -p revocation --example ocsf_of_every_event`

#![allow(clippy::unwrap_used, reason = "a program for tests")]

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use event_store::contract::sample::{cause, person};
use event_store::{Commit, EventStore, MemoryStore};
use jiff::Timestamp;
use kubeconfig::{Actor, Event, EventId, NewEvent, Query, SourceEvent, Stored, StreamId};
use revocation::{ExportFormat, History};

/// One event of every type, in every form that was ever stored and with every variant of its parts.
const EVENTS: &str = include_str!("../../kubeconfig/tests/golden/events.jsonl");

#[derive(serde::Deserialize)]
struct Line {
    stream: StreamId,
    #[serde(flatten)]
    stored: Stored,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let store = Arc::new(MemoryStore::new());
    let mut versions: HashMap<StreamId, u64> = HashMap::new();
    for (number, line) in (0..).zip(EVENTS.lines()) {
        let Line { stream, stored } = serde_json::from_str(line).unwrap();
        let version = versions.entry(stream.clone()).or_default();
        let commit = Commit { expected: *version, events: vec![event(number, &stream, stored)], stream };
        *version += 1;
        store.append(commit).await.unwrap();
    }
    let history = History::recording(store);
    let mut export =
        history.export(&Query::default(), ExportFormat::Ocsf, None, Actor::timer()).await.unwrap();
    while let Some(part) = export.next().await.unwrap() {
        std::io::stdout().write_all(&part).unwrap();
    }
}

/// By people and by rules, with and without what led to it.
fn event(number: u32, stream: &StreamId, stored: Stored) -> NewEvent {
    let caused = number.is_multiple_of(3);
    NewEvent {
        id: EventId::derived(&number.to_string()),
        occurred_at: Timestamp::from_second(1_767_225_600 + i64::from(number)).unwrap(),
        actor: if caused { person("alice") } else { Actor::event_bridge() },
        correlation: cause(number),
        causation: caused.then(|| EventId::derived("before")),
        source: caused.then(|| SourceEvent { source: "acs.ram".to_owned(), id: number.to_string() }),
        event: Event::from_stored(stream, stored),
    }
}
