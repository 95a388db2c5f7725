//! The right to call for a deletion, as a store that has the announcement would give it.

use jiff::Timestamp;
use kubeconfig::access::DeletionPermit;
use kubeconfig::{AccessEvent, Actor, Event, EventId, KubeconfigKey, Recorded, RevocationId};

pub(crate) fn permit(key: KubeconfigKey, force: bool) -> DeletionPermit {
    let revocation = RevocationId::derived("test");
    let event = AccessEvent::RevocationSubmitted { revocation, attempt: 1, force };
    DeletionPermit::from_stored(&Recorded {
        id: EventId::derived("test"),
        stream: key.into(),
        version: 1,
        occurred_at: Timestamp::UNIX_EPOCH,
        recorded_at: Timestamp::UNIX_EPOCH,
        actor: Actor::timer(),
        correlation: *revocation.as_uuid(),
        causation: None,
        source: None,
        event: Event::Access(event),
    })
    .unwrap()
}
