//! A query whose names and times are definite: what each event is held to.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::condition::Kind;
use crate::access::{AccessEvent, Status};
use crate::actor::Channel;
use crate::event::{Event, Recorded};
use crate::id::{ClusterId, EventId, RevocationId, Uid};
use crate::stream::StreamId;

/// What an event must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The query as written, in its canonical form.
    pub question: String,
    /// One of each group must hold.
    pub any: Vec<Vec<Test>>,
    /// None of these may hold.
    pub none: Vec<Test>,
}

/// Something that holds for an event or does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The stream is about this cluster.
    Cluster(ClusterId),
    /// The stream is about this identity.
    Uid(Uid),
    /// [`crate::Actor::name`] is this.
    Actor(String),
    /// The type is this.
    Type(String),
    /// The event holds a reading of this status, as of when it happened.
    Status(Status),
    /// The actor's channel is this.
    Channel(Channel),
    /// The stream is of this kind.
    Kind(Kind),
    /// The event belongs to this revocation.
    Revocation(RevocationId),
    /// The event follows from this cause.
    Correlation(Uuid),
    /// This event led to it.
    Causation(EventId),
    /// It is this event.
    Id(EventId),
    /// It is in this stream.
    Stream(StreamId),
    /// The actor's principal is this.
    Principal(String),
    /// The source of the outside event, or `source/id`, is this.
    Source(String),
    /// It was stored within.
    Recorded(Interval),
    /// It happened within.
    Occurred(Interval),
    /// It says this somewhere, whatever the case, or is about one whose name does.
    Text {
        /// In lower case.
        text: String,
        /// Clusters whose name has it.
        clusters: Vec<ClusterId>,
        /// Identities whose name has it.
        uids: Vec<Uid>,
    },
}

/// A stretch of time; an end that is left out is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Interval {
    /// Its beginning, included.
    pub from: Option<Timestamp>,
    /// Its end, not included.
    pub until: Option<Timestamp>,
}

/// The types of events that hold a reading, and with it a status.
pub const TYPES_WITH_READING: [&str; 4] =
    ["KubeconfigObserved", "KubeconfigRestored", "ResidualRbacFound", "RevocationConfirmed"];

impl Search {
    /// Whether the event is asked for.
    pub fn passes(&self, recorded: &Recorded) -> bool {
        if self.any.is_empty() && self.none.is_empty() {
            return true;
        }
        let look = Look { recorded };
        self.any.iter().all(|group| group.iter().any(|test| look.holds(test)))
            && !self.none.iter().any(|test| look.holds(test))
    }
}

impl Interval {
    /// Whether the instant is within.
    pub fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// An event under examination.
struct Look<'a> {
    recorded: &'a Recorded,
}

impl Look<'_> {
    fn holds(&self, test: &Test) -> bool {
        let recorded = self.recorded;
        match test {
            Test::Cluster(id) => recorded.stream.cluster() == Some(id),
            Test::Uid(uid) => recorded.stream.uid() == Some(uid),
            Test::Actor(name) => recorded.actor.name() == name,
            Test::Type(name) => recorded.event.type_name() == *name,
            Test::Status(status) => self.status() == Some(*status),
            Test::Channel(channel) => recorded.actor.channel == *channel,
            Test::Kind(kind) => recorded.stream.kind() == kind.as_str(),
            Test::Revocation(id) => recorded.event.revocation() == Some(*id),
            Test::Correlation(id) => recorded.correlation == *id,
            Test::Causation(id) => recorded.causation == Some(*id),
            Test::Id(id) => recorded.id == *id,
            Test::Stream(stream) => recorded.stream == *stream,
            Test::Principal(name) => recorded.actor.principal.as_deref() == Some(name),
            Test::Source(source) => self.is_from(source),
            Test::Recorded(interval) => interval.has(recorded.recorded_at),
            Test::Occurred(interval) => interval.has(recorded.occurred_at),
            Test::Text { text, clusters, uids } => {
                recorded.stream.cluster().is_some_and(|id| clusters.contains(id))
                    || recorded.stream.uid().is_some_and(|uid| uids.contains(uid))
                    || self.says(text)
            }
        }
    }

    fn status(&self) -> Option<Status> {
        let Event::Access(event) = &self.recorded.event else { return None };
        event.reading().map(|reading| Status::of(reading, true, self.recorded.occurred_at))
    }

    fn is_from(&self, wanted: &str) -> bool {
        self.recorded.source.as_ref().is_some_and(|source| {
            source.source == wanted
                || wanted.strip_prefix(&source.source).and_then(|rest| rest.strip_prefix('/'))
                    == Some(&source.id)
        })
    }

    fn says(&self, text: &str) -> bool {
        if !may_say(self.recorded, text) {
            return false;
        }
        let has = |place: &str| contains(place, text);
        let Recorded { stream, actor, source, event, .. } = self.recorded;
        has(&stream.to_string())
            || has(actor.channel.as_str())
            || [&actor.principal, &actor.human].into_iter().flatten().any(|name| has(name))
            || source.as_ref().is_some_and(|source| has(&source.source) || has(&source.id))
            || has(&event.type_name())
            || in_value(&event.to_stored().data, text)
    }
}

/// Whether the event can have the text: whether it stands in its JSON at all, with the names of its fields. Most do not, and
/// need not be taken apart.
fn may_say(Recorded { stream, actor, source, event, .. }: &Recorded, text: &str) -> bool {
    let escaped = |byte: u8| !byte.is_ascii() || byte.is_ascii_control() || matches!(byte, b'"' | b'\\');
    match serde_json::to_string(&(format_args!("{stream}"), actor, source, event)) {
        Ok(mut json) if json.is_ascii() && !text.bytes().any(escaped) => {
            json.make_ascii_lowercase();
            json.contains(text)
        }
        _ => true,
    }
}

impl Event {
    /// The revocation that the event belongs to, if it belongs to one. An event of a newer version is found by its
    /// revocation as well, if it names it where all events do.
    pub fn revocation(&self) -> Option<RevocationId> {
        match self {
            Self::Access(event) => event.revocation(),
            Self::Unrecognised(stored) => stored.data.get("revocation")?.as_str()?.parse().ok(),
            Self::Identity(_) | Self::Cluster(_) | Self::Intake(_) | Self::Run(_) => None,
        }
    }
}

impl AccessEvent {
    /// What was read, in the events that hold a reading.
    pub const fn reading(&self) -> Option<&crate::reading::Reading> {
        match self {
            Self::KubeconfigObserved { reading }
            | Self::KubeconfigRestored { reading }
            | Self::ResidualRbacFound { reading }
            | Self::RevocationConfirmed { reading, .. } => Some(reading),
            _ => None,
        }
    }
}

/// Any text or number of the fields, however deep.
fn in_value(value: &Value, text: &str) -> bool {
    match value {
        Value::String(field) => contains(field, text),
        Value::Number(number) => number.to_string().contains(text),
        Value::Array(items) => items.iter().any(|item| in_value(item, text)),
        Value::Object(fields) => fields.values().any(|field| in_value(field, text)),
        Value::Null | Value::Bool(_) => false,
    }
}

/// Whether a text has another, which is in lower case.
fn contains(place: &str, text: &str) -> bool {
    place.to_lowercase().contains(text)
}
