//! Events in the Open Cybersecurity Schema Framework, version 1.7.0 (github.com/ocsf/ocsf-schema, events/iam and
//! objects): what happens to users and roles is Account Change (3001), everything else Entity Management (3004).
//!
//! Numbers are those of the schema. What it has no attribute for stands in `unmapped`, as the schema asks.

use kubeconfig::access::AccessEvent;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::run::RunEvent;
use kubeconfig::{Event, EventId, Fields, Projection, Recorded, SourceEvent, StreamId, Uid};
use serde::Serialize;
use uuid::Uuid;

use crate::words::headline;

/// The version of the schema, stated in every event.
const VERSION: &str = "1.7.0";

/// Identity & Access Management.
const CATEGORY: u32 = 3;
const ACCOUNT_CHANGE: u32 = 3001;
const ENTITY_MANAGEMENT: u32 = 3004;

/// `activity_id` of Entity Management.
const CREATE: u32 = 1;
const READ: u32 = 2;
const UPDATE: u32 = 3;
const DELETE: u32 = 4;
/// `activity_id` of Account Change, where they differ.
const ACCOUNT_ENABLE: u32 = 2;
const ACCOUNT_DELETE: u32 = 6;
/// Not one that the schema has.
const OTHER: u32 = 99;

/// `severity_id`: Informational, Medium.
const INFORMATIONAL: u32 = 1;
const MEDIUM: u32 = 3;

/// `status_id`: Unknown, Success, Failure.
const UNKNOWN: u32 = 0;
const SUCCESS: u32 = 1;
const FAILURE: u32 = 2;

/// One event. It borrows what it can: of a long history each is written and forgotten.
#[derive(Serialize)]
pub(super) struct OcsfEvent<'a> {
    category_uid: u32,
    class_uid: u32,
    activity_id: u32,
    activity_name: &'a str,
    type_uid: u32,
    severity_id: u32,
    status_id: u32,
    /// Milliseconds since 1970, as all times of the schema.
    time: i64,
    message: String,
    metadata: Metadata<'a>,
    actor: Actor<'a>,
    unmapped: Unmapped<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Entity<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    version: &'static str,
    product: Product,
    uid: EventId,
    event_code: &'a str,
    correlation_uid: Uuid,
    logged_time: i64,
    log_name: &'static str,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Actor<'a> {
    user: Name<'a>,
    app_name: &'a str,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct User<'a> {
    uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
}

#[derive(Serialize)]
struct Entity<'a> {
    uid: &'a StreamId,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[derive(Serialize)]
struct Unmapped<'a> {
    stream: &'a StreamId,
    stream_version: u64,
    causation: Option<EventId>,
    source: Option<&'a SourceEvent>,
    principal: Option<&'a str>,
    data: Fields<'a>,
}

impl<'a> OcsfEvent<'a> {
    /// An event whose type is known, so that it is read off once.
    pub(super) fn new(recorded: &'a Recorded, type_name: &'a str, names: &'a Projection) -> Self {
        let account = match &recorded.event {
            Event::Identity(event) => Some(account_activity(event)),
            _ => None,
        };
        let class = if account.is_some() { ACCOUNT_CHANGE } else { ENTITY_MANAGEMENT };
        let activity = account.unwrap_or_else(|| entity_activity(&recorded.event));
        let (severity, status) = outcome(&recorded.event);
        let (user, entity) = match (&recorded.stream, class) {
            (StreamId::Identity(uid), ACCOUNT_CHANGE) => (Some(User::new(uid, names)), None),
            (stream, _) => (None, Some(Entity::new(stream, names))),
        };
        Self {
            category_uid: CATEGORY,
            class_uid: class,
            activity_id: activity,
            activity_name: caption(class, activity).unwrap_or(type_name),
            type_uid: class * 100 + activity,
            severity_id: severity,
            status_id: status,
            time: recorded.occurred_at.as_millisecond(),
            message: headline(recorded),
            metadata: Metadata {
                version: VERSION,
                product: Product {
                    name: "Reaper",
                    vendor_name: "Reaper",
                    version: env!("CARGO_PKG_VERSION"),
                },
                uid: recorded.id,
                event_code: type_name,
                correlation_uid: recorded.correlation,
                logged_time: recorded.recorded_at.as_millisecond(),
                log_name: recorded.stream.kind(),
            },
            actor: Actor {
                user: Name { name: recorded.actor.name() },
                app_name: recorded.actor.channel.as_str(),
            },
            unmapped: Unmapped {
                stream: &recorded.stream,
                stream_version: recorded.version,
                causation: recorded.causation,
                source: recorded.source.as_ref(),
                principal: recorded.actor.principal.as_deref(),
                data: Fields(&recorded.event),
            },
            user,
            entity,
        }
    }
}

impl<'a> User<'a> {
    fn new(uid: &'a Uid, names: &'a Projection) -> Self {
        let known = names.identities.get(uid);
        Self {
            uid: uid.as_str(),
            name: known.map(|identity| identity.name.as_str()),
            kind: known.map(|identity| identity.kind.as_str()),
        }
    }
}

impl<'a> Entity<'a> {
    /// What the event is about.
    fn new(stream: &'a StreamId, names: &Projection) -> Self {
        let cluster =
            stream.cluster().and_then(|id| names.clusters.get(id)).map(|cluster| cluster.name.as_str());
        let person =
            stream.uid().and_then(|uid| names.identities.get(uid)).map(|person| person.name.as_str());
        let name = match (cluster, person) {
            (Some(cluster), Some(person)) => Some(format!("{cluster}/{person}")),
            (one, other) => one.or(other).map(ToOwned::to_owned),
        };
        Self { uid: stream, kind: stream.kind(), name }
    }
}

const fn account_activity(event: &IdentityEvent) -> u32 {
    match event {
        IdentityEvent::IdentityDeleted { .. } => ACCOUNT_DELETE,
        IdentityEvent::IdentityRestored { .. } => ACCOUNT_ENABLE,
        // The schema calls a rename a change of the account, and has no number for it; to see is not to create.
        _ => OTHER,
    }
}

fn entity_activity(event: &Event) -> u32 {
    match event {
        Event::Access(AccessEvent::RevocationConfirmed { .. }) => DELETE,
        Event::Access(AccessEvent::KubeconfigRestored { .. } | AccessEvent::RevocationRequested { .. }) => {
            CREATE
        }
        Event::Access(
            AccessEvent::KubeconfigObserved { .. }
            | AccessEvent::ResidualRbacFound { .. }
            | AccessEvent::AccessChecked { .. }
            | AccessEvent::PermissionsBackedUp { .. },
        )
        | Event::Cluster(_)
        | Event::Run(
            RunEvent::ExportTaken { .. } | RunEvent::ExportBegun { .. } | RunEvent::HistoryQueried { .. },
        ) => READ,
        Event::Access(_) | Event::Intake(_) => UPDATE,
        _ => OTHER,
    }
}

/// The schema's word for an activity; of another one, what the event is called says more.
const fn caption(class: u32, activity: u32) -> Option<&'static str> {
    match (class, activity) {
        (ENTITY_MANAGEMENT, CREATE) => Some("Create"),
        (ENTITY_MANAGEMENT, READ) => Some("Read"),
        (ENTITY_MANAGEMENT, UPDATE) => Some("Update"),
        (ENTITY_MANAGEMENT, DELETE) | (ACCOUNT_CHANGE, ACCOUNT_DELETE) => Some("Delete"),
        (ACCOUNT_CHANGE, ACCOUNT_ENABLE) => Some("Enable"),
        _ => None,
    }
}

/// Severity and status.
const fn outcome(event: &Event) -> (u32, u32) {
    match event {
        Event::Access(
            AccessEvent::RevocationFailed { .. }
            | AccessEvent::RevocationRefused { .. }
            | AccessEvent::RevocationRejected { .. },
        ) => (MEDIUM, FAILURE),
        Event::Access(AccessEvent::RevocationHeld { .. } | AccessEvent::RevocationOutcomeUnknown { .. })
        | Event::Run(RunEvent::GuardTripped(_))
        | Event::Unrecognised(_) => (MEDIUM, UNKNOWN),
        _ => (INFORMATIONAL, SUCCESS),
    }
}
