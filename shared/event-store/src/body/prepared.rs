//! Writing: a commit is judged, its personal values are taken out, and its bytes are made when its time is known.

use std::collections::HashSet;

use jiff::Timestamp;
use kubeconfig::personal::Part;
use kubeconfig::{Event, NewEvent, Stored, StreamId};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Body, DATA, Entry, FORMAT, HUMAN, KIB, Opened, field};
use crate::clock::Clock;
use crate::disclosure::Disclosure;
use crate::error::{AppendError, Invalid, StoreError};
use crate::keys::Keys;
use crate::store::{Commit, MAX_COMMIT_BYTES, MAX_EVENT_BYTES, MAX_EVENTS, MAX_INDEXED_BYTES, StoredCommit};

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
