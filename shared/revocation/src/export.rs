//! Exports: exactly the events that a query asks for, in one format, part by part, so that a long one needs no more memory
//! than a short one. That it was taken is an event itself.

mod csv;
mod ocsf;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use event_store::{Cursor, MAX_PAGE, Order, StoreError};
use kubeconfig::run::RunEvent;
use kubeconfig::{Actor, CloudEvent, EventId, Projection, Query, Recorded, RunId};
use uuid::Uuid;

use crate::cause::Cause;
use crate::error::Error;
use crate::history::History;
use crate::ledger::Ledger;
use crate::search::Question;
use ocsf::OcsfEvent;

/// A format of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// Comma-separated values for spreadsheets, safe against formulas.
    Csv,
    /// A CloudEvent 1.0 a line.
    Ndjson,
    /// A batch of CloudEvents 1.0: one JSON array.
    CloudEvents,
    /// An event of the Open Cybersecurity Schema Framework a line.
    Ocsf,
}

impl ExportFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Ndjson, Self::CloudEvents, Self::Ocsf];

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::CloudEvents => "cloudevents",
            Self::Ocsf => "ocsf",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson | Self::Ocsf => "application/x-ndjson",
            Self::CloudEvents => "application/cloudevents-batch+json",
        }
    }

    /// What the name of a file ends with.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::CloudEvents => "json",
            Self::Ocsf => "ocsf.ndjson",
        }
    }
}

impl FromStr for ExportFormat {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|format| format.as_str() == word).ok_or(())
    }
}

impl fmt::Display for ExportFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An export under way. Ask it for parts until there are none; one that is dropped before is written down as taken so far.
pub struct Export {
    history: History,
    question: Question,
    format: ExportFormat,
    /// What names are taken from.
    names: Arc<Projection>,
    cursor: Option<Cursor>,
    /// Goes on behind an event: a heading was given before.
    resumed: bool,
    events: u64,
    last: Option<EventId>,
    record: Record,
    begun: bool,
    ended: bool,
}

impl History {
    /// Begins an export of the events that a query asks for, the oldest first. `after` goes on behind an event that an
    /// earlier one ended with. That it began is written down first: what cannot be written down is not given.
    ///
    /// # Errors
    /// As for [`Self::question`]; the event to go on behind is not known; the beginning cannot be written down, or this history
    /// has no place for it.
    pub async fn export(
        &self,
        query: &Query,
        format: ExportFormat,
        after: Option<EventId>,
        actor: Actor,
    ) -> Result<Export, Error> {
        let run = RunId::new(Uuid::now_v7());
        let question = self.definite(query).await?.without(Some(run));
        let cursor = match after {
            Some(event) => {
                Some(self.behind(&question, event, Order::Oldest).await?.ok_or(Error::NoSuchEvent(event))?)
            }
            None => None,
        };
        let record = Record {
            ledger: self.ledger.clone().ok_or(StoreError::ReadOnly)?,
            cause: Cause::new(actor),
            run,
            query: query.to_string(),
            format,
        };
        record.begun(after).await?;
        Ok(Export {
            history: self.clone(),
            names: self.projection().await?,
            question,
            format,
            cursor,
            resumed: after.is_some(),
            events: 0,
            last: None,
            record,
            begun: false,
            ended: false,
        })
    }
}

impl Export {
    /// How many events were given so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The last event that was given: an export after it goes on here.
    pub const fn last(&self) -> Option<EventId> {
        self.last
    }

    /// The next part, up to 1,000 events; `None` at the end. The last part is given when it is written down that the
    /// export was taken.
    ///
    /// # Errors
    /// The store cannot be read, or the end cannot be written down. What was given before stands.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.ended {
            return Ok(None);
        }
        let found =
            self.history.answer(&self.question, Order::Oldest, self.cursor.as_ref(), MAX_PAGE).await?;
        let mut part = Vec::with_capacity(found.events.len() * 640);
        if !self.begun {
            self.head(&mut part);
            self.begun = true;
        }
        self.rows(&found.events, &mut part)?;
        self.cursor = Some(found.end);
        self.last = found.events.last().map(|event| event.id).or(self.last);
        if !found.more {
            if self.format == ExportFormat::CloudEvents {
                part.extend(if self.events == 0 { &b"]\n"[..] } else { b"\n]\n" });
            }
            self.record.taken(self.events).await?;
            self.ended = true;
        }
        Ok(Some(part))
    }

    /// Ends it here: what was given is written down as taken. To drop it does the same, later, as far as the process lives.
    ///
    /// # Errors
    /// That cannot be written down.
    pub async fn break_off(mut self) -> Result<(), Error> {
        if !std::mem::replace(&mut self.ended, true) {
            self.record.taken(self.events).await?;
        }
        Ok(())
    }

    fn head(&self, part: &mut Vec<u8>) {
        match self.format {
            ExportFormat::Csv if !self.resumed => part.extend(csv::HEAD.as_bytes()),
            ExportFormat::CloudEvents => part.push(b'['),
            _ => {}
        }
    }

    fn rows(&mut self, events: &[Recorded], part: &mut Vec<u8>) -> Result<(), Error> {
        if self.format == ExportFormat::Csv {
            self.events += events.len() as u64;
            return csv::rows(events, &self.names, part).map_err(unwritable);
        }
        for event in events {
            match (self.format, self.events) {
                (ExportFormat::CloudEvents, 0) => part.push(b'\n'),
                (ExportFormat::CloudEvents, _) => part.extend(b",\n"),
                _ => {}
            }
            if self.format == ExportFormat::Ocsf {
                let type_name = event.event.type_name();
                serde_json::to_writer(&mut *part, &OcsfEvent::new(event, &type_name, &self.names))
            } else {
                serde_json::to_writer(&mut *part, &CloudEvent::from(event))
            }
            .map_err(unwritable)?;
            if self.format != ExportFormat::CloudEvents {
                part.push(b'\n');
            }
            self.events += 1;
        }
        Ok(())
    }
}

fn unwritable(error: impl fmt::Display) -> Error {
    Error::Invalid(format!("an event cannot be written in this format: {error}"))
}

impl Drop for Export {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let (record, events) = (self.record.clone(), self.events);
        // Who stops reading has taken what was given.
        let taken = async move {
            if let Err(error) = record.taken(events).await {
                tracing::error!(%error, events, "an export that was broken off is not stored as taken");
            }
        };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        match fc_runtime::invocation() {
            Some(invocation) => drop(runtime.spawn(invocation.scope(taken))),
            None => drop(runtime.spawn(taken)),
        }
    }
}

/// What is stored of an export.
#[derive(Clone)]
struct Record {
    ledger: Ledger,
    cause: Cause,
    run: RunId,
    query: String,
    format: ExportFormat,
}

impl Record {
    async fn begun(&self, after: Option<EventId>) -> Result<(), Error> {
        let (query, format) = (self.query.clone(), self.format.to_string());
        self.ledger.keep(self.run, 0, RunEvent::ExportBegun { query, format, after }, &self.cause).await
    }

    async fn taken(&self, events: u64) -> Result<(), Error> {
        let (query, format) = (self.query.clone(), self.format.to_string());
        self.ledger.keep(self.run, 1, RunEvent::ExportTaken { query, format, events }, &self.cause).await
    }
}
