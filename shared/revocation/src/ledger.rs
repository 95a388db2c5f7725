//! Who looked at what: written down before anything is shown, in the log itself, or in the outbox of a process that may not
//! append to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use event_store::{Commit, EventStore, Outbox};
use jiff::Timestamp;
use kubeconfig::run::RunEvent;
use kubeconfig::{Actor, Query, RunId, StreamId};
use uuid::Uuid;

use crate::cause::Cause;
use crate::error::Error;

/// How long one question of one person is stored once, however often it is asked.
const ONCE_IN: Duration = Duration::from_secs(3600);

/// Questions that are remembered to have been stored; with more than these, all are forgotten and may be stored again.
const REMEMBERED: usize = 4096;

/// Where it is written down. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ledger {
    place: Place,
    /// Whether searches are, too, beside exports.
    searches: bool,
    asked: Arc<Mutex<HashMap<(Actor, String), Instant>>>,
}

/// Where a process may write.
#[derive(Clone)]
pub(crate) enum Place {
    /// To the log.
    Log(Arc<dyn EventStore>),
    /// To the outbox alone.
    Outbox(Outbox),
}

impl Ledger {
    pub(crate) fn new(place: Place) -> Self {
        Self { place, searches: false, asked: Arc::default() }
    }

    pub(crate) fn noting_searches(self, searches: bool) -> Self {
        Self { searches, ..self }
    }

    /// Writes down one fact, as the next of its run.
    pub(crate) async fn keep(
        &self,
        run: RunId,
        expected: u64,
        event: RunEvent,
        cause: &Cause,
    ) -> Result<(), Error> {
        let events = cause.wrap(vec![event.into()], Timestamp::now());
        let commit = Commit { stream: StreamId::Run(run), expected, events };
        match &self.place {
            Place::Log(store) => drop(store.append(commit).await?),
            Place::Outbox(outbox) => {
                let place = outbox.put(commit).await?;
                // The log of the process is a witness of its own: what is told here has to come into the history.
                tracing::info!(event = %place.event_id(), "somebody looks at the history; left in the outbox");
            }
        }
        Ok(())
    }

    /// Writes down that somebody asks a question, where that is wanted, and says under which run.
    pub(crate) async fn asked(&self, query: &Query, actor: &Actor) -> Result<Option<RunId>, Error> {
        let query = query.to_string();
        let question = (actor.clone(), query.clone());
        if !self.searches || self.is_recent(&question) {
            return Ok(None);
        }
        let run = RunId::new(Uuid::now_v7());
        self.keep(run, 0, RunEvent::HistoryQueried { query }, &Cause::new(actor.clone())).await?;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.len() >= REMEMBERED {
            asked.clear();
        }
        asked.insert(question, Instant::now());
        Ok(Some(run))
    }

    fn is_recent(&self, question: &(Actor, String)) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.get(question).is_some_and(|at| at.elapsed() < ONCE_IN)
    }
}
