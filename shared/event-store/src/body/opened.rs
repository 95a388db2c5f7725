//! Reading: events as they were, with the personal values that are left.

use std::collections::HashMap;

use kubeconfig::personal::ERASED;
use kubeconfig::{Actor, Event, Recorded, Stored, StreamId};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{Body, DATA, Entry, FORMAT, HUMAN, Prepared, field};
use crate::disclosure::{Digest, Disclosure};
use crate::error::StoreError;
use crate::keys::Keys;

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
        u64::from(self.body.beside.unwrap_or(0)) * super::KIB as u64
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
        let (entry, event) = self.entry(ordinal)?;
        Ok(Keys::stored(&entry.id, &entry.actor, entry.correlation, entry.type_name, &event))
    }

    /// The version of its first event.
    pub(crate) const fn first_version(&self) -> u64 {
        self.body.version
    }

    /// The event at a place from 0.
    pub(crate) fn event(&self, ordinal: usize) -> Result<Recorded, StoreError> {
        let (entry, event) = self.entry(ordinal)?;
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

    /// The entry at a place from 0, and its event.
    fn entry(&self, ordinal: usize) -> Result<(Entry<&RawValue>, Event), StoreError> {
        let damaged = |what: &dyn std::fmt::Display| self.damaged(ordinal, what);
        let raw = self.body.events.get(ordinal).ok_or_else(|| damaged(&"it is not there"))?;
        let entry: Entry<&RawValue> = serde_json::from_str(raw.get()).map_err(|error| damaged(&error))?;
        self.read(entry).map_err(|what| damaged(&what))
    }

    fn damaged(&self, ordinal: usize, what: &dyn std::fmt::Display) -> StoreError {
        StoreError::Damaged(format!("commit {}, event {ordinal}: {what}", self.number))
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
            let damaged = |what: &dyn std::fmt::Display| self.damaged(ordinal, what);
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
