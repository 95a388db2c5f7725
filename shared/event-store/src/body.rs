//! The bytes of a commit. They are what is stored, and later hashed and sealed: written once, never rewritten, and
//! complete, so that everything else can be made from them.
//!
//! Form 2 is JSON: `{"format":2,"stream":…,"version":…,"recorded_at":…,"beside":…,"events":[{"id":…,"type":…,"schema":…,
//! "occurred_at":…,"actor":…,"correlation":…,"causation":…,"source":…,"data":…,"personal":[…]},…]}`, where `version` is that
//! of the first event. `personal` names the places in an event, as JSON pointers, at which a digest stands for a value that
//! is kept beside the bytes (`disclosure.rs`); `beside` says how many KiB these values had when they were written, rounded
//! up, so that not even the length of a name is left. Both are absent where nothing is personal. Form 1 had neither, and all
//! values in the bytes; it is read for ever.
//!
//! A new type of event or a new form of one is no new form of the commit: older readers show it as unrecognised. A new kind
//! of stream or channel is, as older readers have no way to name it.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use kubeconfig::personal::{ERASED, Part};
use kubeconfig::{Actor, Event, EventId, NewEvent, Recorded, SourceEvent, Stored, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::clock::Clock;
use crate::disclosure::{Digest, Disclosure};
use crate::error::{AppendError, Invalid, StoreError};
use crate::keys::Keys;
use crate::store::{Commit, MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, MAX_INDEXED_BYTES, StoredCommit};

/// The form that is written.
const FORMAT: u32 = 2;

/// Where the person behind an event stands in it.
pub(crate) const HUMAN: &str = "/actor/human";

/// What the places of an event's own fields begin with.
const DATA: &str = "/data";

/// What `beside` counts in.
const KIB: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Body<E> {
    format: u32,
    stream: StreamId,
    version: u64,
    recorded_at: Timestamp,
    /// KiB of personal values beside it, as they were written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    beside: Option<u32>,
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
    /// Where digests stand for values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    personal: Vec<String>,
}

/// A commit that was found to be valid, written down as far as it can be before its time is known.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) stream: StreamId,
    pub(crate) expected: u64,
    /// One for each event.
    pub(crate) keys: Vec<Keys>,
    /// Personal values, to be kept beside the bytes.
    pub(crate) disclosures: Vec<Disclosure>,
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
        let mut disclosures = Vec::new();
        for event in events {
            if !ids.insert(event.id) {
                return Err(Invalid::RepeatedId(event.id));
            }
            let stored = event.event.to_stored();
            if !belongs(&stream, &event.event) {
                return Err(Invalid::WrongStream { stream, type_name: stored.type_name });
            }
            let key = Keys::of(&event, &stored);
            entries.push(entry(event, stored, &mut disclosures)?);
            keys.push(key);
        }
        let unencodable = |_| Invalid::Unencodable(entries[0].id);
        let events = serde_json::value::to_raw_value(&entries).map_err(unencodable)?;
        let bytes = events.get().len() + beside(&disclosures);
        if bytes > MAX_COMMIT_BYTES {
            return Err(Invalid::CommitTooLarge(bytes));
        }
        Ok(Self { stream, expected, keys, disclosures, content: Content::New(events) })
    }

    /// The same of a commit that another store had.
    pub(crate) fn stored(commit: StoredCommit) -> Result<Self, StoreError> {
        let StoredCommit { position: number, bytes, disclosures } = commit;
        let opened = Opened::new(number, &bytes, || Ok(disclosures.clone()))?;
        if opened.first_version() == 0 || !(1..=MAX_EVENTS).contains(&opened.len()) {
            return Err(StoreError::Damaged(format!("commit {number}: no store writes such a one")));
        }
        if let Some(what) = opened.misfit(&disclosures)? {
            return Err(StoreError::Damaged(format!("commit {number}: {what}")));
        }
        let (stream, expected) = (opened.stream().clone(), opened.first_version() - 1);
        let keys = (0..opened.len()).map(|ordinal| opened.keys(ordinal)).collect::<Result<_, _>>()?;
        let recorded_at = opened.recorded_at();
        Ok(Self {
            stream,
            expected,
            keys,
            disclosures,
            content: Content::Stored { number, recorded_at, bytes },
        })
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
            beside: (!self.disclosures.is_empty()).then(|| kib(beside(&self.disclosures))),
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

/// Bytes of values.
fn beside(disclosures: &[Disclosure]) -> usize {
    disclosures.iter().map(|disclosure| disclosure.as_json().len()).sum()
}

fn kib(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(KIB)).unwrap_or(u32::MAX)
}

/// An event as it stands in the bytes: personal values go to `disclosures`, and their digests in their places.
fn entry(
    mut event: NewEvent,
    mut stored: Stored,
    disclosures: &mut Vec<Disclosure>,
) -> Result<Entry<Box<RawValue>>, Invalid> {
    let id = event.id;
    let encoded = |data: &Value| serde_json::value::to_raw_value(data).map_err(|_| Invalid::Unencodable(id));
    let mut data = encoded(&stored.data)?;
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
    let mut personal = hide(event.event.personal(), &mut stored.data, disclosures);
    if !personal.is_empty() {
        data = encoded(&stored.data)?;
    }
    if let Some(human) = event.actor.human.as_mut().filter(|name| !name.is_empty()) {
        let disclosure = Disclosure::new(field(HUMAN), &Value::String(std::mem::take(human)));
        *human = disclosure.digest().to_string();
        disclosures.push(disclosure);
        personal.push(HUMAN.to_owned());
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
        personal,
    })
}

/// Takes the personal values out of an event's fields, and says where they stood.
fn hide(parts: &[Part], data: &mut Value, disclosures: &mut Vec<Disclosure>) -> Vec<String> {
    let mut hidden = Vec::new();
    for part in parts {
        // What is not said hides nobody.
        let said = |value: &&mut Value| !value.is_null() && value.as_str() != Some("");
        let Some(value) = data.pointer_mut(part.at).filter(said) else { continue };
        let disclosure = Disclosure::new(field(part.at), value);
        *value = Value::String(disclosure.digest().to_string());
        disclosures.push(disclosure);
        hidden.push(format!("{DATA}{}", part.at));
    }
    hidden
}

/// The name of the field that a pointer leads to.
fn field(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or(pointer)
}

/// A stored commit, its events not yet read.
pub(crate) struct Opened<'a> {
    /// Its place in the log, for messages.
    number: u64,
    body: Body<Vec<&'a RawValue>>,
    /// The values beside it: by their digests, with the names of their fields.
    beside: HashMap<String, (String, Value)>,
}

impl<'a> Opened<'a> {
    /// With the values beside it, which are asked for where it has any.
    pub(crate) fn new(
        number: u64,
        bytes: &'a [u8],
        disclosures: impl FnOnce() -> Result<Vec<Disclosure>, StoreError>,
    ) -> Result<Self, StoreError> {
        let mut opened = Self::envelope(number, bytes)?;
        if opened.is_personal() {
            let values = disclosures()?.into_iter().filter_map(|value| Some((value.digest(), value.open()?)));
            opened.beside = values.map(|(digest, value)| (digest.to_string(), value)).collect();
        }
        Ok(opened)
    }

    /// What it says of itself and of its stream: its events read as if all that is personal in them had been erased.
    pub(crate) fn envelope(number: u64, bytes: &'a [u8]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let damaged = |error| StoreError::Damaged(format!("commit {number}: {error}"));
        match serde_json::from_slice(bytes) {
            Ok(body) => {
                let body: Body<_> = body;
                check_form(number, body.format)?;
                Ok(Self { number, body, beside: HashMap::new() })
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

    /// Whether values were put beside it.
    pub(crate) const fn is_personal(&self) -> bool {
        self.body.beside.is_some()
    }

    /// Bytes of the values beside it when they were written, rounded up.
    #[cfg(feature = "tablestore")]
    pub(crate) fn beside_bytes(&self) -> u64 {
        u64::from(self.body.beside.unwrap_or(0)) * KIB as u64
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
        let (entry, event) = self.read(entry).map_err(|what| damaged(&what))?;
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
        let (entry, event) = self.read(entry).map_err(|what| damaged(&what))?;
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
            event,
        })
    }

    /// The event of an entry, and the person who caused it in its envelope.
    fn read<'e>(&self, mut entry: Entry<&'e RawValue>) -> Result<(Entry<&'e RawValue>, Event), String> {
        let (stream, type_name, schema) = (&self.body.stream, entry.type_name.clone(), entry.schema);
        if entry.personal.is_empty() {
            let event = Event::from_text(stream, type_name, schema, entry.data);
            return Ok((entry, event.map_err(|error| error.to_string())?));
        }
        let mut data = serde_json::from_str(entry.data.get()).map_err(|error| error.to_string())?;
        self.disclose(&entry.personal, &mut entry.actor, &mut data)?;
        Ok((entry, Event::from_stored(stream, Stored { type_name, schema, data })))
    }

    /// Puts the values that are still there in the places of their digests, and a word in the places of the others.
    fn disclose(&self, personal: &[String], actor: &mut Actor, data: &mut Value) -> Result<(), &'static str> {
        for at in personal {
            let place = place(actor, data, at)?;
            let known = self.beside.get(place.digest()?).filter(|(name, _)| name == field(at));
            place.put(known.map_or_else(|| ERASED.into(), |(_, value)| value.clone()))?;
        }
        Ok(())
    }

    /// The digests in it, each with the place of its event and where it stands in that.
    pub(crate) fn digests(&self) -> Result<Vec<(usize, String, Digest)>, StoreError> {
        let mut digests = Vec::new();
        if !self.is_personal() {
            return Ok(digests);
        }
        for (ordinal, raw) in self.body.events.iter().enumerate() {
            let damaged = |what: &dyn std::fmt::Display| {
                StoreError::Damaged(format!("commit {}, event {ordinal}: {what}", self.number))
            };
            let mut entry: Entry<Value> = serde_json::from_str(raw.get()).map_err(|error| damaged(&error))?;
            for at in std::mem::take(&mut entry.personal) {
                let place = place(&mut entry.actor, &mut entry.data, &at).map_err(|what| damaged(&what))?;
                let digest = place.digest().map_err(|what| damaged(&what))?;
                let digest = digest.parse().map_err(|error| damaged(&error))?;
                digests.push((ordinal, at, digest));
            }
        }
        Ok(digests)
    }

    /// What is wrong with the values beside it: one that it does not call for, which was changed or is another commit's.
    pub(crate) fn misfit(&self, disclosures: &[Disclosure]) -> Result<Option<String>, StoreError> {
        if disclosures.is_empty() {
            return Ok(None);
        }
        let called_for: HashMap<Digest, String> =
            self.digests()?.into_iter().map(|(_, at, digest)| (digest, at)).collect();
        let fits = |disclosure: &Disclosure| {
            let at = called_for.get(&disclosure.digest());
            at.zip(disclosure.open()).is_some_and(|(at, (name, _))| name == field(at))
        };
        let misfits = disclosures.iter().filter(|disclosure| !fits(disclosure)).count();
        Ok((misfits > 0).then(|| "a personal value beside it is not the one that was hashed".to_owned()))
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

/// Where a personal value stands in an event.
enum Place<'a> {
    /// As the person who caused it.
    Human(&'a mut String),
    /// Among its fields.
    Field(&'a mut Value),
}

fn place<'a>(actor: &'a mut Actor, data: &'a mut Value, at: &str) -> Result<Place<'a>, &'static str> {
    let place = match at.strip_prefix(DATA) {
        Some(pointer) => data.pointer_mut(pointer).map(Place::Field),
        None if at == HUMAN => actor.human.as_mut().map(Place::Human),
        None => None,
    };
    place.ok_or("nothing stands where a personal value is said to")
}

impl Place<'_> {
    /// What stands for the value.
    fn digest(&self) -> Result<&str, &'static str> {
        match self {
            Self::Human(name) => Ok(name),
            Self::Field(value) => value.as_str().ok_or("no digest stands where a personal value is said to"),
        }
    }

    fn put(self, value: Value) -> Result<(), &'static str> {
        match (self, value) {
            (Self::Human(name), Value::String(known)) => *name = known,
            (Self::Human(_), _) => return Err("the name of the person is no text"),
            (Self::Field(field), value) => *field = value,
        }
        Ok(())
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
        let prepared = Prepared::new(commit).unwrap();
        let (_, body) = prepared.written(1, 0, &clock).unwrap();
        // Digests are others each time.
        let mut body = String::from_utf8(body).unwrap();
        for disclosure in &prepared.disclosures {
            body = body
                .replace(&disclosure.digest().to_string(), &format!("<{}>", disclosure.open().unwrap().0));
        }
        let expected = concat!(
            r#"{"format":2,"stream":"kubeconfig/c1/2","version":5,"recorded_at":"2026-01-01T00:00:00.000001Z","beside":1,"events":["#,
            r#"{"id":"00000000-0000-0000-0000-000000000001","type":"RevocationRequested","schema":1,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","#,
            r#""actor":{"channel":"slack","principal":"bot","human":"<human>"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000004","#,
            r#""causation":"00000000-0000-0000-0000-000000000002","source":{"source":"acs.ram","id":"e-3"},"#,
            r#""data":{"reason":"<reason>","revocation":"b413b2d1-b57d-5942-8439-bc1b1dec6089","trigger":{"why":"requested"}},"#,
            r#""personal":["/data/reason","/actor/human"]},"#,
            r#"{"id":"00000000-0000-0000-0000-000000000004","type":"Unheard","schema":7,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","actor":{"channel":"timer"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000001","data":{"a":1.5}}]}"#,
        );
        // The order of fields within `data` depends on how serde_json was built: all else is fixed.
        let expected = expected.to_owned();
        let envelope = |text: &str| text.split(r#""data":"#).next().map(ToOwned::to_owned);
        assert_eq!(envelope(&body), envelope(&expected));
        assert_eq!(
            serde_json::from_str::<Value>(&body).unwrap(),
            serde_json::from_str::<Value>(&expected).unwrap()
        );
    }

    #[test]
    fn a_commit_of_the_first_form_is_read_with_what_is_in_it() {
        let bytes = concat!(
            r#"{"format":1,"stream":"kubeconfig/c1/2","version":5,"recorded_at":"2026-01-01T00:00:00.000001Z","events":["#,
            r#"{"id":"00000000-0000-0000-0000-000000000001","type":"RevocationRequested","schema":1,"#,
            r#""occurred_at":"2025-12-31T23:59:59.123456789Z","actor":{"channel":"slack","human":"alice"},"#,
            r#""correlation":"00000000-0000-0000-0000-000000000004","#,
            r#""data":{"reason":"gone","revocation":"b413b2d1-b57d-5942-8439-bc1b1dec6089","trigger":{"why":"requested"}}}]}"#,
        );
        let opened = Opened::new(1, bytes.as_bytes(), || panic!("nothing is beside it")).unwrap();
        let read = opened.event(0).unwrap();
        assert_eq!(read.actor.name(), "alice");
        assert_eq!(read.event.to_stored().data["reason"], "gone");
        assert!(opened.digests().unwrap().is_empty());
    }

    #[test]
    fn what_does_not_parse_is_damaged_and_says_where() {
        for (bytes, problem) in [
            ("", "the store is damaged: commit 7: EOF while parsing"),
            (r#"{"format":1}"#, "the store is damaged: commit 7: missing field `stream`"),
            (r#"{"format":9}"#, "commit 7 has form 9, this version reads up to 2: use a newer version"),
            (
                r#"{"format":1,"stream":"pod/x","version":1,"recorded_at":"2026-01-01T00:00:00Z","events":[]}"#,
                "the store is damaged: commit 7: `pod/x` does not name a stream",
            ),
        ] {
            let error = Opened::envelope(7, bytes.as_bytes()).err().unwrap().to_string();
            assert!(error.starts_with(problem), "{error}");
        }
    }
}
