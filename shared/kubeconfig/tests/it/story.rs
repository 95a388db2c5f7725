//! The language of these specifications: `given([facts]).by(actor).at(time).when(command).then([facts])`.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::{
    Command, Context, DeletionPermit, Denied, Phase, Protections, Revocation, Step, decide,
};
use kubeconfig::policy::Policy;
use kubeconfig::{
    Access, AccessEvent, Actor, Channel, Event, EventId, KubeconfigKey, Recorded, RevocationId, Status,
    StreamId, Uid,
};
use uuid::Uuid;

/// The revocation that a story is about, unless it says otherwise.
pub(crate) const FIRST: RevocationId = RevocationId::new(Uuid::from_u128(1));
/// Another one.
pub(crate) const SECOND: RevocationId = RevocationId::new(Uuid::from_u128(2));

/// Noon of the n-th day of the story.
pub(crate) fn day(n: i64) -> Timestamp {
    let first: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    first + SignedDuration::from_hours(24 * n)
}

/// The pair that a story is about.
pub(crate) fn key() -> KubeconfigKey {
    KubeconfigKey { cluster: "c1".parse().unwrap(), uid: uid("200000000000000001") }
}

pub(crate) fn uid(digits: &str) -> Uid {
    digits.parse().unwrap()
}

/// A person who comes through a door under a name.
pub(crate) fn person(channel: Channel, name: &str) -> Actor {
    Actor { channel, principal: None, human: Some(name.into()) }
}

pub(crate) fn alice() -> Actor {
    person(Channel::Cli, "alice")
}

pub(crate) fn bob() -> Actor {
    person(Channel::Http, "bob")
}

/// An event, who caused it, and when.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) event: AccessEvent,
    actor: Actor,
    at: Timestamp,
}

impl Fact {
    pub(crate) fn by(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    pub(crate) fn at(self, at: Timestamp) -> Self {
        Self { at, ..self }
    }
}

impl From<AccessEvent> for Fact {
    fn from(event: AccessEvent) -> Self {
        Self { event, actor: Actor::timer(), at: day(0) }
    }
}

/// The n-th event of a stream, as a store gives it back.
pub(crate) fn recorded(
    stream: &StreamId,
    version: u64,
    event: Event,
    actor: Actor,
    at: Timestamp,
) -> Recorded {
    Recorded {
        id: EventId::derived(&format!("{stream}@{version}")),
        stream: stream.clone(),
        version,
        occurred_at: at,
        recorded_at: at,
        actor,
        correlation: Uuid::from_u128(7),
        causation: None,
        source: None,
        event,
    }
}

/// What happened, the circumstances, and what came of the latest command.
#[derive(Debug, Clone)]
pub(crate) struct Story {
    pub(crate) history: Vec<Recorded>,
    pub(crate) access: Access,
    key: KubeconfigKey,
    actor: Actor,
    now: Timestamp,
    policy: Policy,
    protections: Protections,
    outcome: Option<Result<Vec<AccessEvent>, Denied>>,
}

/// A pair with this history; the present is the first day, and the sweep is at work.
pub(crate) fn given(facts: impl IntoIterator<Item = Fact>) -> Story {
    let mut story = Story {
        history: vec![],
        access: Access::default(),
        key: key(),
        actor: Actor::timer(),
        now: day(0),
        policy: Policy::default(),
        protections: Protections::default(),
        outcome: None,
    };
    facts.into_iter().for_each(|fact| story.record(fact.event.into(), fact.actor, fact.at));
    story
}

/// A pair that nobody has ever looked at.
pub(crate) fn given_nothing() -> Story {
    given([])
}

impl Story {
    fn record(&mut self, event: Event, actor: Actor, at: Timestamp) {
        let version = self.access.version + 1;
        let recorded = recorded(&self.key.clone().into(), version, event, actor, at);
        self.access = std::mem::take(&mut self.access).evolve(&recorded);
        self.history.push(recorded);
    }

    /// Something that no decision of this version would have stored.
    pub(crate) fn and_stored(mut self, event: Event) -> Self {
        let (actor, now) = (self.actor.clone(), self.now);
        self.record(event, actor, now);
        self
    }

    pub(crate) fn of(self, uid: Uid) -> Self {
        assert!(self.history.is_empty(), "whose access it is has to be said first");
        Self { key: KubeconfigKey { uid, ..self.key }, ..self }
    }

    pub(crate) fn by(self, actor: Actor) -> Self {
        Self { actor, ..self }
    }

    pub(crate) fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    pub(crate) fn under(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    pub(crate) fn protecting(self, protections: Protections) -> Self {
        Self { protections, ..self }
    }

    /// Gives a command; what follows from it is stored.
    pub(crate) fn when(mut self, command: Command) -> Self {
        let context = Context {
            key: &self.key,
            now: self.now,
            actor: &self.actor,
            policy: &self.policy,
            protections: &self.protections,
        };
        let outcome = decide(&self.access, &command, &context);
        for event in outcome.iter().flatten() {
            let (actor, now) = (self.actor.clone(), self.now);
            self.record(event.clone().into(), actor, now);
        }
        Self { outcome: Some(outcome), ..self }
    }

    fn outcome(&self) -> &Result<Vec<AccessEvent>, Denied> {
        self.outcome.as_ref().expect("a command was given")
    }

    /// What the latest command led to.
    pub(crate) fn events(&self) -> &[AccessEvent] {
        self.outcome().as_ref().expect("the command was not denied")
    }

    #[track_caller]
    pub(crate) fn then(self, facts: impl IntoIterator<Item = Fact>) -> Self {
        let expected: Vec<AccessEvent> = facts.into_iter().map(|fact| fact.event).collect();
        assert_eq!(self.outcome(), &Ok(expected));
        self
    }

    #[track_caller]
    pub(crate) fn then_nothing_happens(self) -> Self {
        self.then([])
    }

    #[track_caller]
    pub(crate) fn then_denied(self, denied: Denied) -> Self {
        assert_eq!(self.outcome(), &Err(denied));
        self
    }

    /// The latest command ended in a refusal, and this is the name of the rule that the history keeps.
    #[track_caller]
    pub(crate) fn then_refused(self, rule: &str) -> Self {
        let stored = self.history.last().expect("something was stored").event.to_stored();
        assert_eq!(stored.type_name, "RevocationRefused");
        assert_eq!(stored.data["refusal"]["rule"], rule);
        assert!(self.access.open.is_none(), "a refusal ends the revocation");
        assert_eq!(self.access.standing_refusal.as_ref().map(|(_, refusal)| refusal.rule()), Some(rule));
        self
    }

    #[track_caller]
    pub(crate) fn then_status(self, status: Status) -> Self {
        assert_eq!(self.access.status(self.now), status);
        self
    }

    #[track_caller]
    pub(crate) fn then_step(self, step: Step) -> Self {
        assert_eq!(self.access.next_step(self.now, self.policy.call_lease()), step);
        self
    }

    #[track_caller]
    pub(crate) fn then_phase(self, phase: Phase) -> Self {
        assert_eq!(self.open().phase, phase);
        self
    }

    #[track_caller]
    pub(crate) fn then_nothing_is_open(self) -> Self {
        assert_eq!(self.access.open, None);
        self
    }

    #[track_caller]
    pub(crate) fn open(&self) -> &Revocation {
        self.access.open.as_ref().expect("a revocation is open")
    }

    /// The right to call that the latest stored event gives.
    pub(crate) fn permit(&self) -> Option<DeletionPermit> {
        DeletionPermit::from_stored(self.history.last()?)
    }
}

pub(crate) fn uids<const N: usize>(digits: [&str; N]) -> BTreeSet<Uid> {
    digits.into_iter().map(uid).collect()
}
