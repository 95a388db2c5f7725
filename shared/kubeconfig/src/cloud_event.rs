//! Stored events as CloudEvents 1.0 in the JSON format: what histories and exports show.

use serde_json::{Value, json};

use crate::event::Recorded;

/// One event. What CloudEvents has no attribute for stands in extension attributes (lower case, no separators, as the
/// specification asks): `recordedtime`, `streamversion`, `actor…`, `correlationid`, `causationid`, `cause…`.
pub fn cloud_event(recorded: &Recorded) -> Value {
    let stored = recorded.event.to_stored();
    let mut event = json!({
        "specversion": "1.0",
        "id": recorded.id,
        "source": "/reaper",
        "type": stored.type_name,
        "subject": recorded.stream,
        "time": recorded.occurred_at,
        "datacontenttype": "application/json",
        "dataschema": format!("/schemas/{}/{}", stored.type_name, stored.schema),
        "recordedtime": recorded.recorded_at,
        "streamversion": recorded.version,
        "actorchannel": recorded.actor.channel,
        "correlationid": recorded.correlation,
        "data": stored.data,
    });
    let optional = [
        ("actorprincipal", recorded.actor.principal.clone()),
        ("actorhuman", recorded.actor.human.clone()),
        ("causationid", recorded.causation.map(|id| id.to_string())),
        ("causesource", recorded.source.as_ref().map(|source| source.source.clone())),
        ("causeid", recorded.source.as_ref().map(|source| source.id.clone())),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            event[name] = value.into();
        }
    }
    event
}
