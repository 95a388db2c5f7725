//! What events are found by. All of it can be read off a commit's bytes again.

use kubeconfig::{Actor, Event, EventId, NewEvent, RevocationId, Stored, StreamId};
use uuid::Uuid;

use crate::filter::Filter;

/// What one event is found by, beside what its stream says.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: Uuid,
    pub(crate) type_name: String,
    pub(crate) actor: String,
    pub(crate) channel: String,
    pub(crate) revocation: Option<RevocationId>,
    pub(crate) correlation: Uuid,
}

impl Keys {
    pub(crate) fn of(event: &NewEvent, stored: &Stored) -> Self {
        Self {
            id: *event.id.as_uuid(),
            type_name: stored.type_name.clone(),
            actor: event.actor.name().to_owned(),
            channel: event.actor.channel.as_str().to_owned(),
            revocation: event.event.revocation(),
            correlation: event.correlation,
        }
    }

    /// The same of an event that was stored before.
    pub(crate) fn stored(
        id: &EventId,
        actor: &Actor,
        correlation: Uuid,
        type_name: String,
        event: &Event,
    ) -> Self {
        Self {
            id: *id.as_uuid(),
            type_name,
            actor: actor.name().to_owned(),
            channel: actor.channel.as_str().to_owned(),
            revocation: event.revocation(),
            correlation,
        }
    }

    /// Whether the filter lets the event through, its times aside.
    pub(crate) fn pass(&self, stream: &StreamId, filter: &Filter) -> bool {
        let any =
            |values: &[String], value: &str| values.is_empty() || values.iter().any(|name| name == value);
        one_of(&filter.clusters, stream.cluster())
            && one_of(&filter.uids, stream.uid())
            && any(&filter.kinds, stream.kind())
            && any(&filter.actors, &self.actor)
            && any(&filter.channels, &self.channel)
            && any(&filter.types, &self.type_name)
            && one_of(&filter.revocations, self.revocation.as_ref())
            && one_of(&filter.correlations, Some(&self.correlation))
            && one_of(&filter.ids, Some(&EventId::new(self.id)))
    }
}

/// Whether a condition holds.
fn one_of<T: PartialEq>(values: &[T], value: Option<&T>) -> bool {
    values.is_empty() || value.is_some_and(|value| values.contains(value))
}
