//! Searching the history: what an index answers is asked of the store, the rest is looked at event by event, a bounded
//! number of them for each answer.

use std::sync::Arc;

use event_store::{Cursor, Filter, MAX_PAGE, Order, behind};
use jiff::Timestamp;
use kubeconfig::query::{Condition, Search};
use kubeconfig::{EventId, Projection, Query, Recorded, RunId, StreamId};

use crate::error::Error;
use crate::history::History;

/// Events that one answer looks at, at the most. Reading and comparing one takes about 5 µs on SQLite, and an answer is to take
/// less than 20 ms, also where the processor is busy.
const LOOK: usize = 1500;

/// Events that one answer of a count looks at, at the most.
const COUNT: usize = 50_000;

/// A question whose names and times are definite. Made once, and then asked page by page.
#[derive(Debug, Clone)]
pub struct Question {
    query: Query,
    filter: Filter,
    rest: Search,
    /// What the one who asks may see, where that is not everything.
    seen: Option<Arc<Projection>>,
    /// What was written down of the question itself, which does not answer it.
    own: Option<RunId>,
}

/// Part of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The events. May be fewer than asked for, and even none, although there are [more](Self::more): an answer looks at a
    /// bounded number of events.
    pub events: Vec<Recorded>,
    /// Where the search goes on.
    pub end: Cursor,
    /// Whether it was at the end of the log.
    pub more: bool,
    /// Events that were read.
    pub looked_at: usize,
}

/// Part of a count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Events found.
    pub count: u64,
    /// Where the count goes on; absent at the end.
    pub next: Option<Cursor>,
}

impl Question {
    /// The query as it was asked.
    pub const fn query(&self) -> &Query {
        &self.query
    }

    /// The same, which what was written down under this run does not answer.
    pub(crate) fn without(self, own: Option<RunId>) -> Self {
        Self { own, ..self }
    }
}

impl History {
    /// Makes the names and times of a query definite, as of now. Who asks is written down before, where that is wanted
    /// ([`Self::asked_by`]).
    ///
    /// # Errors
    /// A name is not known or may mean several, the store cannot be read, or it cannot be written down who asks.
    pub async fn question(&self, query: &Query) -> Result<Question, Error> {
        let question = self.definite(query).await?;
        Ok(question.without(self.note(query).await?))
    }

    /// The same for a question that nobody asks, or that is written down otherwise.
    pub(crate) async fn definite(&self, query: &Query) -> Result<Question, Error> {
        // The log need not be replayed for numbers and times alone.
        let bounded = !self.scope.is_everything();
        let seen = if bounded || query.has_names() { self.projection().await? } else { Arc::default() };
        let mut rest = query.resolve(&seen, Timestamp::now())?;
        let filter = Filter::of(&mut rest);
        Ok(Question { query: query.clone(), filter, rest, seen: bounded.then_some(seen), own: None })
    }

    /// Events that a query asks for, from where an earlier answer ended.
    ///
    /// # Errors
    /// As for [`Self::question`] and [`Self::answer`].
    pub async fn search(
        &self,
        query: &Query,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Found, Error> {
        self.answer(&self.question(query).await?, order, after, limit).await
    }

    /// The same for a question that is asked page by page.
    ///
    /// # Errors
    /// The store cannot be read, or the cursor belongs to another question.
    pub async fn answer(
        &self,
        question: &Question,
        order: Order,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Found, Error> {
        let limit = limit.clamp(1, MAX_PAGE) as usize;
        let mut found: Vec<Recorded> = Vec::new();
        let (mut after, mut looked_at) = (after.copied(), 0);
        loop {
            // At first no more than was asked for: where an index answers everything, that is all that is needed.
            let count = if looked_at == 0 { limit } else { (LOOK - looked_at).min(MAX_PAGE as usize) };
            let count = u32::try_from(count).unwrap_or(MAX_PAGE);
            let mut page = self.store.query(&question.filter, order, after.as_ref(), count).await?;
            let mut taken = 0;
            for event in std::mem::take(&mut page.events) {
                taken += 1;
                if self.finds(question, &event) {
                    found.push(event);
                }
                if found.len() == limit {
                    break;
                }
            }
            looked_at += taken;
            let (end, more) = page.end_after(taken).unwrap_or((page.end, page.more));
            if !more || found.len() == limit || looked_at >= LOOK {
                return Ok(Found { events: found, end, more, looked_at });
            }
            after = Some(end);
        }
    }

    /// Whether the event is asked for, and may be seen by the one who asks.
    fn finds(&self, question: &Question, event: &Recorded) -> bool {
        question.own.is_none_or(|own| event.stream != StreamId::Run(own))
            && question.seen.as_ref().is_none_or(|seen| self.shows(&event.stream, seen))
            && question.rest.passes(event)
    }

    /// Counts events, from where an earlier count ended. It takes as long as reading all of them would: each answer looks
    /// at 50,000 events at the most and says where to go on.
    ///
    /// # Errors
    /// The store cannot be read, or the cursor belongs to another question.
    pub async fn count(&self, question: &Question, after: Option<&Cursor>) -> Result<Counted, Error> {
        let (mut after, mut looked_at, mut count) = (after.copied(), 0, 0);
        loop {
            let found = self.answer(question, Order::Oldest, after.as_ref(), MAX_PAGE).await?;
            count += found.events.len() as u64;
            looked_at += found.looked_at;
            after = Some(found.end);
            if !found.more || looked_at >= COUNT {
                return Ok(Counted { count, next: after.filter(|_| found.more) });
            }
        }
    }

    /// The place behind an event in the answer to a question, for who kept the events and no cursor; `None`: no such event
    /// can be seen.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn behind(
        &self,
        question: &Question,
        event: EventId,
        order: Order,
    ) -> Result<Option<Cursor>, Error> {
        let itself = self.definite(&Query::of([Condition::Id(event).into()])).await?;
        if self.answer(&itself, order, None, 1).await?.events.is_empty() {
            return Ok(None);
        }
        Ok(behind(self.store.as_ref(), event, &question.filter, order).await?)
    }
}
