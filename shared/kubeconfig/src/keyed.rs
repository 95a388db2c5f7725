//! A request that came with an idempotency key: the key belongs to one request until it expires, and a repeat gets the
//! same answer.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Event, Recorded};
use crate::intake::IntakeEvent;

/// How long a key belongs to its request.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// That a request came with a key. Who sent it stands in the envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedRequest {
    /// The key as the client chose it.
    pub key: String,
    /// SHA-256 over what the request is, hexadecimal: another request under the same key is a mistake.
    pub fingerprint: String,
    /// Until when the key belongs to it.
    pub until: Timestamp,
}

/// What a request with a key was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

/// What the events of one key add up to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyed {
    /// The latest request.
    pub request: KeyedRequest,
    /// How many requests the key has belonged to, one after the other: at least 1.
    pub uses: u32,
    /// What the latest was answered, once that is stored.
    pub answer: Option<KeyedAnswer>,
}

/// What to do with a request that brings a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody has used the key, or its time is over: store this first.
    Store(KeyedRequest),
    /// The same request came before and has no answer yet: it is under way, or what carried it out has died.
    Again(Keyed),
    /// It was answered.
    Answered(KeyedAnswer),
    /// The key belongs to another request.
    Another,
}

impl Keyed {
    /// Reads the stream of a key.
    pub fn replay(history: &[Recorded]) -> Option<Self> {
        history.iter().fold(None, |state, recorded| match &recorded.event {
            Event::Intake(event) => Self::evolve(state, event),
            _ => state,
        })
    }

    fn evolve(state: Option<Self>, event: &IntakeEvent) -> Option<Self> {
        match (state, event) {
            (state, IntakeEvent::KeyedRequestReceived(request)) => Some(Self {
                request: request.clone(),
                uses: state.map_or(0, |state| state.uses).saturating_add(1),
                answer: None,
            }),
            (Some(state), IntakeEvent::KeyedRequestAnswered(answer)) if state.answer.is_none() => {
                Some(Self { answer: Some(answer.clone()), ..state })
            }
            (state, _) => state,
        }
    }
}

/// Decides on a request that brings a key.
pub fn claim(known: Option<Keyed>, key: &str, fingerprint: &str, now: Timestamp) -> Claim {
    let fresh = || KeyedRequest {
        key: key.to_owned(),
        fingerprint: fingerprint.to_owned(),
        until: now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX),
    };
    match known {
        None => Claim::Store(fresh()),
        Some(known) if known.request.until <= now => Claim::Store(fresh()),
        Some(known) if known.request.fingerprint != fingerprint => Claim::Another,
        Some(Keyed { answer: Some(answer), .. }) => Claim::Answered(answer),
        Some(known) => Claim::Again(known),
    }
}
