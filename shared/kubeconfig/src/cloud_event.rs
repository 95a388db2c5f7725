//! Stored events as CloudEvents 1.0 in the JSON format: what histories and exports show.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::actor::Channel;
use crate::event::Recorded;
use crate::fields::Fields;
use crate::id::EventId;
use crate::stream::StreamId;

/// One event, borrowed: it is written without being copied. What CloudEvents has no attribute for stands in extension
/// attributes (lower case, no separators, as the specification asks): `recordedtime`, `streamversion`, `actor…`,
/// `correlationid`, `causationid`, `cause…`.
#[derive(Debug, Serialize)]
pub struct CloudEvent<'a> {
    specversion: &'static str,
    id: EventId,
    source: &'static str,
    #[serde(rename = "type")]
    type_name: String,
    subject: &'a StreamId,
    time: Timestamp,
    datacontenttype: &'static str,
    dataschema: String,
    recordedtime: Timestamp,
    streamversion: u64,
    actorchannel: &'a Channel,
    #[serde(skip_serializing_if = "Option::is_none")]
    actorprincipal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actorhuman: Option<&'a str>,
    correlationid: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    causationid: Option<EventId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causesource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causeid: Option<&'a str>,
    data: Fields<'a>,
}

impl<'a> From<&'a Recorded> for CloudEvent<'a> {
    fn from(recorded: &'a Recorded) -> Self {
        let type_name = recorded.event.type_name();
        let source = recorded.source.as_ref();
        Self {
            specversion: "1.0",
            id: recorded.id,
            source: "/reaper",
            subject: &recorded.stream,
            time: recorded.occurred_at,
            datacontenttype: "application/json",
            dataschema: format!("/schemas/{type_name}/{}", recorded.event.schema()),
            type_name,
            recordedtime: recorded.recorded_at,
            streamversion: recorded.version,
            actorchannel: &recorded.actor.channel,
            actorprincipal: recorded.actor.principal.as_deref(),
            actorhuman: recorded.actor.human.as_deref(),
            correlationid: recorded.correlation,
            causationid: recorded.causation,
            causesource: source.map(|source| source.source.as_str()),
            causeid: source.map(|source| source.id.as_str()),
            data: Fields(&recorded.event),
        }
    }
}

/// One event as a document of its own.
pub fn cloud_event(recorded: &Recorded) -> Value {
    // As with `Event::to_stored`: texts, numbers and our own enumerations always have a JSON form.
    serde_json::to_value(CloudEvent::from(recorded)).unwrap_or_default()
}
