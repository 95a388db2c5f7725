//! The whole log of a store: whether it is consistent, and what it adds up to.

use std::collections::{BTreeMap, BTreeSet};

use event_store::{Filter, Order};
use jiff::Timestamp;
use kubeconfig::access::{AccessEvent, Ending, Phase};
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::IntakeEvent;
use kubeconfig::{Access, Event, KubeconfigKey, Projection, Recorded, RevocationId, Status, StreamId};
use revocation::History;

pub(crate) struct Log {
    pub(crate) events: Vec<Recorded>,
    pub(crate) projection: Projection,
}

/// What counts in the end about a pair: the same whichever way events took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairState {
    pub(crate) status: Status,
    /// The phase of the open revocation.
    pub(crate) open: Option<&'static str>,
    /// How the revocations before it ended.
    pub(crate) endings: Vec<String>,
}

/// By cluster and uid.
pub(crate) type States = BTreeMap<(String, String), PairState>;

impl Log {
    pub(crate) async fn read(history: &History) -> Self {
        let (mut events, mut cursor) = (vec![], None);
        loop {
            let (page, end, more) =
                history.recorded(&Filter::default(), Order::Oldest, cursor.as_ref(), 1000).await.unwrap();
            events.extend(page);
            cursor = Some(end);
            if !more {
                break;
            }
        }
        let projection = Projection::replay(&events);
        Self { events, projection }
    }

    /// Everything that must hold of a log, whatever crashed and whoever wrote at the same time.
    pub(crate) fn check(&self) {
        assert!(self.projection.unrecognised.is_empty());
        let ids: BTreeSet<_> = self.events.iter().map(|event| event.id).collect();
        assert_eq!(ids.len(), self.events.len(), "an event is stored twice");
        let mut streams: BTreeMap<&StreamId, Vec<&Recorded>> = BTreeMap::new();
        for event in &self.events {
            streams.entry(&event.stream).or_default().push(event);
        }
        for (stream, events) in &streams {
            let versions: Vec<u64> = events.iter().map(|event| event.version).collect();
            assert_eq!(versions, (1..=events.len() as u64).collect::<Vec<_>>(), "{stream}: versions");
            for pair in events.windows(2) {
                assert_ne!(pair[0].event, pair[1].event, "{stream}: the same fact twice in a row");
            }
            match stream {
                StreamId::Kubeconfig(key) => check_pair(key, events),
                StreamId::Intake(_) => check_intake(stream, events),
                StreamId::Identity(_) => check_identity(stream, events),
                StreamId::Cluster(_) | StreamId::Run(_) => {}
            }
        }
    }

    pub(crate) fn access(&self, cluster: &str, uid: &str) -> Access {
        self.projection.accesses.get(&key(cluster, uid)).cloned().unwrap_or_default()
    }

    pub(crate) fn status(&self, cluster: &str, uid: &str) -> Status {
        self.access(cluster, uid).status(Timestamp::now())
    }

    /// The phase of the pair's open revocation.
    pub(crate) fn phase(&self, cluster: &str, uid: &str) -> Option<&'static str> {
        self.access(cluster, uid).open.map(|open| open.phase.as_str())
    }

    /// How many calls for the pair were announced.
    pub(crate) fn announced(&self, cluster: &str, uid: &str) -> u64 {
        let stream = StreamId::from(key(cluster, uid));
        let submitted = |event: &&Recorded| {
            event.stream == stream
                && matches!(event.event, Event::Access(AccessEvent::RevocationSubmitted { .. }))
        };
        self.events.iter().filter(submitted).count() as u64
    }

    pub(crate) fn count(&self, type_name: &str) -> usize {
        self.events.iter().filter(|event| event.event.type_name() == type_name).count()
    }

    pub(crate) fn states(&self) -> States {
        let now = Timestamp::now();
        let state = |access: &Access| PairState {
            status: access.status(now),
            open: access.open.as_ref().map(|open| open.phase.as_str()),
            endings: sorted(access.closed.values().map(|closed| ending(&closed.ending)).collect()),
        };
        let pairs = self.projection.accesses.iter();
        pairs.map(|(key, access)| ((key.cluster.to_string(), key.uid.to_string()), state(access))).collect()
    }
}

pub(crate) fn key(cluster: &str, uid: &str) -> KubeconfigKey {
    KubeconfigKey { cluster: cluster.parse().unwrap(), uid: uid.parse().unwrap() }
}

fn sorted(mut words: Vec<String>) -> Vec<String> {
    words.sort();
    words
}

fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Confirmed => "confirmed".to_owned(),
        Ending::Refused(refusal) => format!("refused: {}", refusal.rule()),
        Ending::Rejected => "rejected".to_owned(),
        Ending::Lapsed => "lapsed".to_owned(),
    }
}

/// One revocation at a time, each asked for once and ended at most once; calls are announced once each, one after the
/// other, and nothing is told of a revocation that has ended.
fn check_pair(key: &KubeconfigKey, events: &[&Recorded]) {
    let mut open: Option<RevocationId> = None;
    let mut seen = BTreeSet::new();
    let mut calls = 0;
    let mut access = Access::default();
    for recorded in events {
        access = access.evolve(recorded);
        let Event::Access(event) = &recorded.event else { panic!("{key}: {recorded:?}") };
        let Some(revocation) = event.revocation() else { continue };
        if matches!(event, AccessEvent::RevocationRequested { .. }) {
            assert!(open.is_none(), "{key}: two revocations at once");
            assert!(seen.insert(revocation), "{key}: {revocation} was asked for twice");
            (open, calls) = (Some(revocation), 0);
        }
        match event {
            AccessEvent::RevocationRefused { .. } if open.is_none() => {
                assert!(seen.insert(revocation), "{key}: {revocation} was refused twice");
                continue;
            }
            AccessEvent::RevocationSubmitted { attempt, .. } => {
                calls += 1;
                assert_eq!(*attempt, calls, "{key}: calls are numbered");
            }
            _ => {}
        }
        assert_eq!(open, Some(revocation), "{key}: {event:?} belongs to no open revocation");
        if matches!(
            event,
            AccessEvent::RevocationConfirmed { .. }
                | AccessEvent::RevocationRefused { .. }
                | AccessEvent::RevocationRejected { .. }
                | AccessEvent::RevocationLapsed { .. }
        ) {
            open = None;
        }
        assert_eq!(access.open.as_ref().map(|open| open.id), open, "{key}: replay and log differ");
    }
    let calling = access.open.as_ref().is_some_and(|open| matches!(open.phase, Phase::Submitted { .. }));
    assert!(!calling || calls > 0, "{key}: a call without its announcement");
}

fn check_intake(stream: &StreamId, events: &[&Recorded]) {
    let first = events.iter().filter(|event| {
        matches!(
            event.event,
            Event::Intake(IntakeEvent::DeletionReceived(_) | IntakeEvent::MessageNotUnderstood { .. })
        )
    });
    assert_eq!(first.count(), 1, "{stream}: a message is received once");
    let resolved = events
        .iter()
        .filter(|event| matches!(event.event, Event::Intake(IntakeEvent::DeletionResolved { .. })));
    assert!(resolved.count() <= 1, "{stream}: a message is resolved once");
}

fn check_identity(stream: &StreamId, events: &[&Recorded]) {
    let deleted = events
        .iter()
        .filter(|event| matches!(event.event, Event::Identity(IdentityEvent::IdentityDeleted { .. })));
    let restored = events
        .iter()
        .filter(|event| matches!(event.event, Event::Identity(IdentityEvent::IdentityRestored { .. })));
    assert!(deleted.count() <= restored.count() + 1, "{stream}: deleted once");
}
