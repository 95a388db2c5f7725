//! Events and their envelope. Type names and field names are the storage format: they are never changed, only added
//! to, and every older form is read by [`crate::upcast`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::cluster::ClusterEvent;
use crate::id::EventId;
use crate::identity::IdentityEvent;
use crate::intake::IntakeEvent;
use crate::run::RunEvent;
use crate::stream::StreamId;

/// Any fact of this project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Of a stream `kubeconfig/…`.
    Access(AccessEvent),
    /// Of a stream `identity/…`.
    Identity(IdentityEvent),
    /// Of a stream `cluster/…`.
    Cluster(ClusterEvent),
    /// Of a stream `intake/…`.
    Intake(IntakeEvent),
    /// Of a stream `run/…`.
    Run(RunEvent),
    /// Stored by a newer version, or damaged: kept, shown, and without effect on any status.
    Unrecognised(Stored),
}

macro_rules! from_part {
    ($($part:ident => $variant:ident),+) => {
        $(impl From<$part> for Event {
            fn from(event: $part) -> Self {
                Self::$variant(event)
            }
        })+
    };
}
from_part!(AccessEvent => Access, IdentityEvent => Identity, ClusterEvent => Cluster, IntakeEvent => Intake, RunEvent => Run);

/// The form in which a store keeps an event: three columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The name of the type, in the past tense.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The version of its form, from 1.
    pub schema: u16,
    /// The fields.
    pub data: Value,
}

/// Ties a fact to the outside event that caused it. CloudEvents: `source` and `id` together identify an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SourceEvent {
    /// Where it came from, e.g. `acs.ram`.
    pub source: String,
    /// Its id there.
    pub id: String,
}

/// A fact that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Its id. Appending the same id again changes nothing.
    pub id: EventId,
    /// When it happened, by the clock of its source.
    pub occurred_at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The same for all that follows from one cause.
    pub correlation: Uuid,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// The outside event that led to it.
    pub source: Option<SourceEvent>,
    /// The fact.
    pub event: Event,
}

/// A fact that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in the stream, from 1 without gaps.
    pub version: u64,
    /// When it happened, by the clock of its source.
    pub occurred_at: Timestamp,
    /// When it was stored, by the clock of the store.
    pub recorded_at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The same for all that follows from one cause.
    pub correlation: Uuid,
    /// The event that led to it.
    pub causation: Option<EventId>,
    /// The outside event that led to it.
    pub source: Option<SourceEvent>,
    /// The fact.
    pub event: Event,
}

/// For storing it in another log, under its own id.
impl From<Recorded> for NewEvent {
    fn from(recorded: Recorded) -> Self {
        let Recorded { id, occurred_at, actor, correlation, causation, source, event, .. } = recorded;
        Self { id, occurred_at, actor, correlation, causation, source, event }
    }
}
