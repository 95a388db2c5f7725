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
    pub(crate) revocation: Option<RevocationId>,
    pub(crate) correlation: Uuid,
}

impl Keys {
    pub(crate) fn of(event: &NewEvent, stored: &Stored) -> Self {
        Self {
            id: *event.id.as_uuid(),
            type_name: stored.type_name.clone(),
            actor: event.actor.name().to_owned(),
            revocation: revocation(&event.event),
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
        let (id, actor, revocation) = (*id.as_uuid(), actor.name().to_owned(), revocation(event));
        Self { id, type_name, actor, revocation, correlation }
    }

    /// Whether the filter lets the event through, its times aside.
    pub(crate) fn pass(&self, stream: &StreamId, filter: &Filter) -> bool {
        filter.cluster.as_ref().is_none_or(|cluster| stream.cluster() == Some(cluster))
            && filter.uid.as_ref().is_none_or(|uid| stream.uid() == Some(uid))
            && filter.kind.as_ref().is_none_or(|kind| stream.kind() == kind)
            && filter.actor.as_ref().is_none_or(|actor| self.actor == *actor)
            && (filter.types.is_empty() || filter.types.contains(&self.type_name))
            && filter.revocation.is_none_or(|revocation| self.revocation == Some(revocation))
            && filter.correlation.is_none_or(|correlation| self.correlation == correlation)
    }
}

/// The revocation that an event belongs to. An event of a newer version is found by its revocation as well, if it
/// names it where all events do.
fn revocation(event: &Event) -> Option<RevocationId> {
    match event {
        Event::Access(event) => event.revocation(),
        Event::Unrecognised(stored) => stored.data.get("revocation")?.as_str()?.parse().ok(),
        Event::Identity(_) | Event::Cluster(_) | Event::Intake(_) | Event::Run(_) => None,
    }
}
