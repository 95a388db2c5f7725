//! The bytes of a commit. They are what is stored, and later hashed and sealed: written once, never rewritten, and
//! complete, so that everything else can be made from them.
//!
//! Form 1 is JSON: `{"format":1,"stream":…,"version":…,"recorded_at":…,"events":[{"id":…,"type":…,"schema":…,
//! "occurred_at":…,"actor":…,"correlation":…,"causation":…,"source":…,"data":…},…]}`, where `version` is that of the
//! first event. A new type of event or a new form of one is no new form of the commit: older readers show it as
//! unrecognised. A new kind of stream or channel is, as older readers have no way to name it.

use std::collections::HashSet;

use jiff::Timestamp;
use kubeconfig::{Actor, Event, EventId, NewEvent, Recorded, SourceEvent, Stored, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::clock::Clock;
use crate::error::{AppendError, Invalid, StoreError};
use crate::keys::Keys;
use crate::store::{Commit, MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, MAX_INDEXED_BYTES, StoredCommit};

/// The form that is written.
const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Body<E> {
    format: u32,
    stream: StreamId,
    version: u64,
    recorded_at: Timestamp,
    events: E,
}

#[derive(Serialize, Deserialize)]
struct Entry<D> {
    id: EventId,
    #[serde(rename = "type")]
    type_name: String,
    schema: u16,
    occurred_at: Timestamp,
    actor: Actor,
    correlation: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    causation: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<SourceEvent>,
    data: D,
}

/// A commit that was found to be valid, written down as far as it can be before its time is known.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) stream: StreamId,
    pub(crate) expected: u64,
    /// One for each event.
    pub(crate) keys: Vec<Keys>,
    content: Content,
}

/// What a commit says.
#[derive(Debug)]
enum Content {
    /// Its events; time and place are still to come.
    New(Box<RawValue>),
    /// All of it, as another store had it.
    Stored { number: u64, recorded_at: i64, bytes: Vec<u8> },
}

impl Prepared {
    pub(crate) fn new(commit: Commit) -> Result<Self, Invalid> {
        let Commit { stream, expected, events } = commit;
        match events.len() {
            0 => return Err(Invalid::Empty),
            1..=MAX_EVENTS => {}
            more => return Err(Invalid::TooManyEvents(more)),
        }
        let mut ids = HashSet::new();
        let mut keys = Vec::with_capacity(events.len());
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            if !ids.insert(event.id) {
                return Err(Invalid::RepeatedId(event.id));
            }
            let stored = event.event.to_stored();
            if !belongs(&stream, &event.event) {
                return Err(Invalid::WrongStream { stream, type_name: stored.type_name });
            }
            let key = Keys::of(&event, &stored);
            entries.push(entry(event, stored)?);
            keys.push(key);
        }
        let unencodable = |_| Invalid::Unencodable(entries[0].id);
        let events = serde_json::value::to_raw_value(&entries).map_err(unencodable)?;
        if events.get().len() > MAX_COMMIT_BYTES {
            return Err(Invalid::CommitTooLarge(events.get().len()));
        }
        Ok(Self { stream, expected, keys, content: Content::New(events) })
    }

    /// The same of a commit that another store had.
    pub(crate) fn stored(commit: StoredCommit) -> Result<Self, StoreError> {
        let StoredCommit { position: number, bytes } = commit;
        let opened = Opened::new(number, &bytes)?;
        if opened.first_version() == 0 || !(1..=MAX_EVENTS).contains(&opened.len()) {
            return Err(StoreError::Damaged(format!("commit {number}: no store writes such a one")));
        }
        let (stream, expected) = (opened.stream().clone(), opened.first_version() - 1);
        let keys = (0..opened.len()).map(|ordinal| opened.keys(ordinal)).collect::<Result<_, _>>()?;
        let recorded_at = opened.recorded_at();
        Ok(Self { stream, expected, keys, content: Content::Stored { number, recorded_at, bytes } })
    }

    /// The version of the stream after the commit.
    pub(crate) const fn version(&self) -> u64 {
        self.expected + self.keys.len() as u64
    }

    /// The bytes to store as the next commit of the log, and the time of storing that they say, in microseconds since
    /// 1970. `last` is that of the commit before.
    pub(crate) fn written(&self, next: u64, last: i64, clock: &Clock) -> Result<(i64, Vec<u8>), AppendError> {
        let events = match &self.content {
            Content::New(events) => events,
            Content::Stored { number, .. } if *number != next => {
                return Err(AppendError::NotNext { position: *number, next });
            }
            Content::Stored { number, recorded_at, .. } if *recorded_at < last => {
                let what = format!("commit {number} says that it was stored before the one before it");
                return Err(StoreError::Damaged(what).into());
            }
            Content::Stored { recorded_at, bytes, .. } => return Ok((*recorded_at, bytes.clone())),
        };
        let recorded_at = clock.not_before(last);
        let body = Body {
            format: FORMAT,
            stream: self.stream.clone(),
            version: self.expected + 1,
            recorded_at: Timestamp::from_microsecond(recorded_at)
                .map_err(|error| StoreError::Backend(Box::new(error)))?,
            events,
        };
        let bytes = serde_json::to_vec(&body).map_err(|error| StoreError::Backend(Box::new(error)))?;
        Ok((recorded_at, bytes))
    }
}

/// Whether the event will be read as what it is: a stream's name decides how its events are parsed.
const fn belongs(stream: &StreamId, event: &Event) -> bool {
    matches!(
        (stream, event),
        (StreamId::Kubeconfig(_), Event::Access(_))
            | (StreamId::Identity(_), Event::Identity(_))
            | (StreamId::Cluster(_), Event::Cluster(_))
            | (StreamId::Intake(_), Event::Intake(_))
            | (StreamId::Run(_), Event::Run(_))
            | (_, Event::Unrecognised(_))
    )
}

fn entry(event: NewEvent, stored: Stored) -> Result<Entry<Box<RawValue>>, Invalid> {
    let id = event.id;
    let data = serde_json::value::to_raw_value(&stored.data).map_err(|_| Invalid::Unencodable(id))?;
    if stored.type_name.is_empty() {
        return Err(Invalid::Unencodable(id));
    }
    if data.get().len() > MAX_EVENT_BYTES {
        return Err(Invalid::EventTooLarge { id, bytes: data.get().len() });
    }
    for (what, text) in [("actor", event.actor.name()), ("type", &stored.type_name)] {
        if text.len() > MAX_INDEXED_BYTES {
            return Err(Invalid::NameTooLong { id, what, bytes: text.len() });
        }
    }
    Ok(Entry {
        id,
        type_name: stored.type_name,
        schema: stored.schema,
        occurred_at: event.occurred_at,
        actor: event.actor,
        correlation: event.correlation,
        causation: event.causation,
        source: event.source,
        data,
    })
}

/// A stored commit, its events not yet read.
pub(crate) struct Opened<'a> {
    /// Its place in the log, for messages.
    number: u64,
    body: Body<Vec<&'a RawValue>>,
}

impl<'a> Opened<'a> {
    pub(crate) fn new(number: u64, bytes: &'a [u8]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let damaged = |error| StoreError::Damaged(format!("commit {number}: {error}"));
        match serde_json::from_slice(bytes) {
            Ok(body) => {
                let body: Body<_> = body;
                check_form(number, body.format)?;
                Ok(Self { number, body })
            }
            Err(error) => {
                // What a newer version wrote may not even parse here: its form is the better answer.
                if let Ok(Form { format }) = serde_json::from_slice(bytes) {
                    check_form(number, format)?;
                }
                Err(damaged(error))
            }
        }
    }

    /// How many events it holds.
    pub(crate) fn len(&self) -> usize {
        self.body.events.len()
    }

    /// Its stream.
    pub(crate) const fn stream(&self) -> &StreamId {
        &self.body.stream
    }

    /// When it was stored, in microseconds since 1970.
    pub(crate) fn recorded_at(&self) -> i64 {
        self.body.recorded_at.as_microsecond()
    }

    /// The version of its last event.
    pub(crate) fn last_version(&self) -> u64 {
        self.body.version.saturating_add(self.len() as u64).saturating_sub(1)
    }

    /// What an event is found by.
    pub(crate) fn keys(&self, ordinal: usize) -> Result<Keys, StoreError> {
        let damaged = |what: &dyn std::fmt::Display| {
            StoreError::Damaged(format!("commit {}, event {ordinal}: {what}", self.number))
        };
        let raw = self.body.events.get(ordinal).ok_or_else(|| damaged(&"it is not there"))?;
        let entry: Entry<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| damaged(&error))?;
        let type_name = entry.type_name.clone();
        let event = Event::from_text(&self.body.stream, type_name, entry.schema, entry.data);
        let event = event.map_err(|error| damaged(&error))?;
        Ok(Keys::stored(&entry.id, &entry.actor, entry.correlation, entry.type_name, &event))
    }

    /// The version of its first event.
    pub(crate) const fn first_version(&self) -> u64 {
        self.body.version
    }

    /// The event at a place from 0.
    pub(crate) fn event(&self, ordinal: usize) -> Result<Recorded, StoreError> {
        let damaged = |what: &dyn std::fmt::Display| {
            StoreError::Damaged(format!("commit {}, event {ordinal}: {what}", self.number))
        };
        let raw = self.body.events.get(ordinal).ok_or_else(|| damaged(&"it is not there"))?;
        let entry: Entry<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| damaged(&error))?;
        let event = Event::from_text(&self.body.stream, entry.type_name, entry.schema, entry.data);
        Ok(Recorded {
            id: entry.id,
            stream: self.body.stream.clone(),
            version: self.body.version + ordinal as u64,
            occurred_at: entry.occurred_at,
            recorded_at: self.body.recorded_at,
            actor: entry.actor,
            correlation: entry.correlation,
            causation: entry.causation,
            source: entry.source,
            event: event.map_err(|error| damaged(&error))?,
        })
    }

    /// Whether it is this commit: the same ids in the same order in the same stream.
    pub(crate) fn is(&self, prepared: &Prepared) -> Result<bool, StoreError> {
        #[derive(Deserialize)]
        struct Id {
            id: Uuid,
        }
        if self.body.stream != prepared.stream || self.len() != prepared.keys.len() {
            return Ok(false);
        }
        for (raw, keys) in self.body.events.iter().zip(&prepared.keys) {
            let found: Id = serde_json::from_str(raw.get())
                .map_err(|error| StoreError::Damaged(format!("commit {}: {error}", self.number)))?;
            if found.id != keys.id {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// All its events.
    pub(crate) fn events(&self) -> Result<Vec<Recorded>, StoreError> {
        (0..self.len()).map(|ordinal| self.event(ordinal)).collect()
    }
}

fn check_form(number: u64, found: u32) -> Result<(), StoreError> {
    if found <= FORMAT {
        return Ok(());
    }
    Err(StoreError::Newer { what: format!("commit {number}"), found, known: FORMAT })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::contract::sample;

    #[test]
    fn the_bytes_of_a_commit_are_these() {
        let event = NewEvent {
            id: EventId::new(Uuid::from_u128(1)),
            causation: Some(EventId::new(Uuid::from_u128(2))),
            ..sample::rich(3)
        };
        let plain = NewEvent {
            id: EventId::new(Uuid::from_u128(4)),
            ..sample::new(sample::unknown("Unheard", json!({ "a": 1.5 })))
        };
        let commit = Commit { stream: sample::pair(1, 2), expected: 4, events: vec![event, plain] };
        let clock = Clock::new(|| Timestamp::from_microsecond(1_767_225_600_000_001).unwrap());
        let (_, body) = Prepared::new(commit).unwrap().written(1, 0, &clock).unwrap();
        let expected = concat!(
            r#"{"format":1,"stream":"kubeconfig/c1/2","version":5,"recorded_at":"2026-01-01T00:00:00.000001Z","events":["#,
            r#"{"id":"00000000-0000-0000-0000-000000000001","type":"RevocationRequested","schema":1,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","#,
            r#""actor":{"channel":"slack","principal":"bot","human":"alice"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000004","#,
            r#""causation":"00000000-0000-0000-0000-000000000002","source":{"source":"acs.ram","id":"e-3"},"#,
            r#""data":{"reason":"überzählig 🔑\n","revocation":"b413b2d1-b57d-5942-8439-bc1b1dec6089","trigger":{"why":"requested"}}},"#,
            r#"{"id":"00000000-0000-0000-0000-000000000004","type":"Unheard","schema":7,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","actor":{"channel":"timer"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000001","data":{"a":1.5}}]}"#,
        );
        // The order of fields within `data` depends on how serde_json was built: all else is fixed.
        let (body, expected) = (String::from_utf8(body).unwrap(), expected.to_owned());
        let envelope = |text: &str| text.split(r#""data":"#).next().map(ToOwned::to_owned);
        assert_eq!(envelope(&body), envelope(&expected));
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            serde_json::from_str::<Value>(&expected).unwrap()
        );
    }

    #[test]
    fn what_does_not_parse_is_damaged_and_says_where() {
        for (bytes, problem) in [
            ("", "the store is damaged: commit 7: EOF while parsing"),
            (r#"{"format":1}"#, "the store is damaged: commit 7: missing field `stream`"),
            (r#"{"format":9}"#, "commit 7 has form 9, this version reads up to 1: use a newer version"),
            (
                r#"{"format":1,"stream":"pod/x","version":1,"recorded_at":"2026-01-01T00:00:00Z","events":[]}"#,
                "the store is damaged: commit 7: `pod/x` does not name a stream",
            ),
        ] {
            let error = Opened::new(7, bytes.as_bytes()).err().unwrap().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
