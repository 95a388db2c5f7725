//! Events in the Open Cybersecurity Schema Framework, version 1.7.0 (github.com/ocsf/ocsf-schema, events/iam and
//! objects): what happens to users and roles is Account Change (3001), everything else Entity Management (3004).
//!
//! Numbers are those of the schema. What it has no attribute for stands in `unmapped`, as the schema asks.

use kubeconfig::access::AccessEvent;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::run::RunEvent;
use kubeconfig::{Event, Projection, Recorded, StreamId, Uid};
use serde_json::{Value, json};

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

/// One event.
pub(super) fn event(recorded: &Recorded, names: &Projection) -> Value {
    let stored = recorded.event.to_stored();
    let account = match &recorded.event {
        Event::Identity(event) => Some(account_activity(event)),
        _ => None,
    };
    let class = if account.is_some() { ACCOUNT_CHANGE } else { ENTITY_MANAGEMENT };
    let activity = account.unwrap_or_else(|| entity_activity(&recorded.event));
    let (severity, status) = outcome(&recorded.event);
    let mut event = json!({
        "category_uid": CATEGORY,
        "class_uid": class,
        "activity_id": activity,
        "activity_name": stored.type_name,
        "type_uid": class * 100 + activity,
        "severity_id": severity,
        "status_id": status,
        "time": recorded.occurred_at.as_millisecond(),
        "message": headline(recorded),
        "metadata": {
            "version": VERSION,
            "product": { "name": "Reaper", "vendor_name": "Reaper", "version": env!("CARGO_PKG_VERSION") },
            "uid": recorded.id,
            "event_code": stored.type_name,
            "correlation_uid": recorded.correlation,
            "logged_time": recorded.recorded_at.as_millisecond(),
            "log_name": recorded.stream.kind(),
        },
        "actor": { "user": { "name": recorded.actor.name() }, "app_name": recorded.actor.channel },
        "unmapped": {
            "stream": recorded.stream,
            "stream_version": recorded.version,
            "causation": recorded.causation,
            "source": recorded.source,
            "principal": recorded.actor.principal,
            "data": stored.data,
        },
    });
    match (&recorded.stream, class) {
        (StreamId::Identity(uid), ACCOUNT_CHANGE) => event["user"] = user(uid, names),
        (stream, _) => event["entity"] = entity(stream, names),
    }
    event
}

fn user(uid: &Uid, names: &Projection) -> Value {
    match names.identities.get(uid) {
        Some(identity) => json!({ "uid": uid, "name": identity.name, "type": identity.kind }),
        None => json!({ "uid": uid }),
    }
}

/// What the event is about.
fn entity(stream: &StreamId, names: &Projection) -> Value {
    let mut entity = json!({ "uid": stream, "type": stream.kind() });
    let cluster = stream.cluster().and_then(|id| names.clusters.get(id)).map(|cluster| cluster.name.as_str());
    let person = stream.uid().and_then(|uid| names.identities.get(uid)).map(|person| person.name.as_str());
    let name = [cluster, person].into_iter().flatten().collect::<Vec<_>>().join("/");
    if !name.is_empty() {
        entity["name"] = name.into();
    }
    entity
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
