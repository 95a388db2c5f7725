//! The pure core: events, decisions and the status of kubeconfigs.
//!
//! No I/O, no clock, no randomness, no async. The same events give the same status on any machine, for ever.

pub mod access;
pub mod actor;
pub mod chat;
mod cloud_event;
pub mod cluster;
pub mod directory;
pub mod event;
mod event_types;
mod fields;
pub mod guard;
pub mod id;
pub mod identity;
pub mod intake;
pub mod keyed;
pub mod notification;
pub mod personal;
pub mod policy;
pub mod projection;
pub mod query;
pub mod reading;
pub mod run;
pub mod scope;
pub mod stream;
mod upcast;
mod words;

pub use access::{Access, AccessEvent, Status};
pub use actor::{Actor, Channel};
pub use cloud_event::{CloudEvent, cloud_event};
pub use directory::{Bearer, Directory};
pub use event::{Event, NewEvent, Recorded, SourceEvent, Stored};
pub use event_types::{EVENT_TYPES, EventType};
pub use fields::Fields;
pub use id::{ClusterId, EventId, IdError, IntakeId, KubeconfigKey, RevocationId, RunId, Uid};
pub use personal::Name;
pub use projection::Projection;
pub use query::Query;
pub use scope::{Bound, Scope};
pub use stream::StreamId;
