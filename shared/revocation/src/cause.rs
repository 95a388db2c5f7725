//! Why something is stored: who asked, and what it belongs to.

use jiff::Timestamp;
use kubeconfig::{Actor, Event, EventId, NewEvent, Recorded, Scope, SourceEvent};
use uuid::Uuid;

/// What all events of one decision have in common.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Who.
    pub actor: Actor,
    /// The same for all that follows from one cause.
    pub correlation: Uuid,
    /// The event that led here.
    pub causation: Option<EventId>,
    /// The outside event that led here.
    pub source: Option<SourceEvent>,
    /// What the actor may act upon. It is not stored.
    pub scope: Scope,
}

impl Cause {
    /// The beginning of something new.
    pub fn new(actor: Actor) -> Self {
        Self { actor, correlation: Uuid::now_v7(), causation: None, source: None, scope: Scope::EVERYTHING }
    }

    /// The same of an actor who has bounds.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { scope, ..self }
    }

    /// What follows from a stored event, in the same correlation.
    pub fn following(&self, event: &Recorded) -> Self {
        Self { causation: Some(event.id), ..self.clone() }
    }

    /// Wraps facts for storing. Their ids are new: a fact that must collapse with its repeat is kept apart by the
    /// state that it is decided from.
    pub(crate) fn wrap(&self, events: Vec<Event>, occurred_at: Timestamp) -> Vec<NewEvent> {
        events
            .into_iter()
            .map(|event| NewEvent {
                id: EventId::new(Uuid::now_v7()),
                occurred_at,
                actor: self.actor.clone(),
                correlation: self.correlation,
                causation: self.causation,
                source: self.source.clone(),
                event,
            })
            .collect()
    }
}
