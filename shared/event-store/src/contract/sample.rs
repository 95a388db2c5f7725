//! Commits to try a store with.

use jiff::Timestamp;
use kubeconfig::access::{AccessEvent, Trigger};
use kubeconfig::cluster::ClusterEvent;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::reading::{AccountKind, AccountState};
use kubeconfig::run::RunEvent;
use kubeconfig::{
    Actor, Channel, Event, EventId, IntakeId, KubeconfigKey, NewEvent, RevocationId, RunId, SourceEvent,
    Stored, StreamId,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Commit;

/// `kubeconfig/c{cluster}/{uid}`.
pub fn pair(cluster: u32, uid: u32) -> StreamId {
    let cluster = format!("c{cluster}").parse().unwrap();
    StreamId::Kubeconfig(KubeconfigKey { cluster, uid: uid.to_string().parse().unwrap() })
}

/// `identity/{uid}`.
pub fn identity(uid: u32) -> StreamId {
    StreamId::Identity(uid.to_string().parse().unwrap())
}

/// `cluster/c{cluster}`.
pub fn cluster(cluster: u32) -> StreamId {
    StreamId::Cluster(format!("c{cluster}").parse().unwrap())
}

/// A stream of one run.
pub fn run() -> StreamId {
    StreamId::Run(RunId::new(Uuid::now_v7()))
}

/// A revocation that is the same for the same number.
pub fn revocation(number: u32) -> RevocationId {
    RevocationId::derived(&number.to_string())
}

/// A cause that is the same for the same number.
pub fn cause(number: u32) -> Uuid {
    Uuid::from_u128(u128::from(number) + 1)
}

/// A person with a bot.
pub fn person(name: &str) -> Actor {
    Actor { channel: Channel::Slack, principal: Some("bot".to_owned()), human: Some(name.to_owned()) }
}

/// An event with a new id, by the timer.
pub fn new(event: impl Into<Event>) -> NewEvent {
    NewEvent {
        id: EventId::new(Uuid::now_v7()),
        occurred_at: "2025-12-31T23:59:59.123456789Z".parse::<Timestamp>().unwrap(),
        actor: Actor::timer(),
        correlation: cause(0),
        causation: None,
        source: None,
        event: event.into(),
    }
}

/// An event that fits the stream.
pub fn fitting(stream: &StreamId) -> NewEvent {
    match stream {
        StreamId::Kubeconfig(_) => new(requested(0)),
        StreamId::Identity(_) => new(IdentityEvent::IdentityDeleted { intake: Some(IntakeId::derived("x")) }),
        StreamId::Cluster(_) => new(ClusterEvent::ClusterGone {}),
        StreamId::Run(_) => new(RunEvent::SweepStarted { resumed_from: None }),
        StreamId::Intake(_) => new(unknown("Something", json!({}))),
    }
}

/// A revocation begins.
pub fn requested(number: u32) -> AccessEvent {
    let reason = Some("überzählig \u{1f511}\n".to_owned());
    AccessEvent::RevocationRequested { revocation: revocation(number), trigger: Trigger::Requested, reason }
}

/// A revocation is approved.
pub fn approved(number: u32) -> AccessEvent {
    AccessEvent::RevocationApproved { revocation: revocation(number), note: None }
}

/// An event that this version does not know.
pub fn unknown(type_name: &str, data: Value) -> Event {
    Event::Unrecognised(Stored { type_name: type_name.to_owned(), schema: 7, data })
}

/// An event that says where it comes from.
pub fn rich(number: u32) -> NewEvent {
    NewEvent {
        actor: person("alice"),
        correlation: cause(number),
        causation: Some(EventId::derived("the one before")),
        source: Some(SourceEvent { source: "acs.ram".to_owned(), id: format!("e-{number}") }),
        ..new(requested(number))
    }
}

/// An identity is seen under a name.
pub fn named(name: &str) -> IdentityEvent {
    IdentityEvent::IdentityObserved {
        kind: AccountKind::RamUser,
        name: name.into(),
        state: AccountState::Active,
        created_at: None,
    }
}

/// A commit of one event that fits the stream.
pub fn commit(stream: &StreamId, expected: u64) -> Commit {
    several(stream, expected, 1)
}

/// A commit of several events that fit the stream.
pub fn several(stream: &StreamId, expected: u64, events: usize) -> Commit {
    let events = (0..events).map(|_| fitting(stream)).collect();
    Commit { stream: stream.clone(), expected, events }
}

/// A commit of one event.
pub fn of(stream: &StreamId, expected: u64, event: NewEvent) -> Commit {
    Commit { stream: stream.clone(), expected, events: vec![event] }
}
