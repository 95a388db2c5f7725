//! The past: what was known, or what was the case, at an instant. The projection is a fold, so it is folded up to there,
//! from the nearest place before it that an earlier look has left.

mod folds;

use std::str::FromStr;
use std::sync::Arc;

use event_store::{Filter, Order, Page, load_stream};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::AccessEvent;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::{Event, KubeconfigKey, Projection, Recorded, StreamId};

use crate::error::Error;
use crate::history::History;
use crate::read_model::{latest_erasure, meanwhile};
use crate::views::PairView;
use crate::words::status_text;
pub(crate) use folds::Folds;

/// Which of an event's two times counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum By {
    /// When it was stored: what was known then.
    #[default]
    Recorded,
    /// When it happened, by the clock of its source: what was the case then, as far as is known now.
    Occurred,
}

impl By {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Recorded, Self::Occurred];

    /// This time of an event.
    pub(crate) const fn time(self, event: &Recorded) -> Timestamp {
        match self {
            Self::Recorded => event.recorded_at,
            Self::Occurred => event.occurred_at,
        }
    }

    /// The same question, and no more of what was stored after an instant than has to be read.
    fn narrowed(self, at: Timestamp, filter: &Filter) -> Filter {
        let until = match self {
            Self::Recorded => at.checked_add(SignedDuration::from_nanos(1)).ok(),
            Self::Occurred => None,
        };
        let until = [filter.until, until].into_iter().flatten().min();
        Filter { until, ..filter.clone() }
    }

    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Occurred => "occurred",
        }
    }
}

impl FromStr for By {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|by| by.as_str() == word).ok_or(())
    }
}

/// An instant, and what everything added up to.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    pub(crate) at: Timestamp,
    by: By,
    pub(crate) projection: Arc<Projection>,
}

impl Past {
    /// The same question, and no more of what was stored later than has to be read: by the time of happening, all of it.
    pub(crate) fn narrowed(&self, filter: &Filter) -> Filter {
        self.by.narrowed(self.at, filter)
    }

    pub(crate) fn has(&self, event: &Recorded) -> bool {
        self.by.time(event) <= self.at
    }
}

/// Why a pair has its status.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The pair.
    pub pair: PairView,
    /// One sentence.
    pub because: String,
    /// The events that decided it, in the order in which they were stored.
    pub events: Vec<Recorded>,
}

impl History {
    /// The same as of an instant: panels show what was known, or was the case, then. The log is read once for it, up to the
    /// instant by the time of storing, to its end by the time of happening; of a long log, and for every later instant, from
    /// where an earlier look left off; for the same instant again, what came since. An instant in the future shows what will
    /// have expired.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn as_of(&self, at: Timestamp, by: By) -> Result<Self, Error> {
        // One question, whatever the instant: the cursors of the others serve it, too.
        let everything = Filter { question: Some("as of".to_owned()), ..Filter::default() };
        let filter = by.narrowed(at, &everything);
        let erasure = latest_erasure(self.store.as_ref()).await?;
        self.folds.forget(erasure);
        let (store, limit) = (self.store.as_ref(), self.folds.page);
        let mut fold = self.folds.before(at, by);
        let mut next = Some(store.query(&filter, Order::Oldest, fold.cursor.as_ref(), limit).await?);
        while let Some(page) = next {
            let take = |page: Page| {
                page.events.iter().for_each(|event| fold.take(event, at, by));
                fold.cursor = Some(page.end);
                if page.more {
                    self.folds.keep(&fold, erasure);
                }
            };
            next = meanwhile(store, &filter, limit, page, take).await?;
        }
        self.folds.remember(&fold, at, by, erasure);
        Ok(self.at(Past { at, by, projection: fold.projection }))
    }

    /// Why a pair has its status: the events that decided it; `None` if it was never read.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn why(&self, key: &KubeconfigKey) -> Result<Option<Explanation>, Error> {
        let Some(pair) = self.pair(key).await? else { return Ok(None) };
        let mut events = load_stream(self.store.as_ref(), &key.clone().into()).await?;
        let identity = load_stream(self.store.as_ref(), &StreamId::Identity(key.uid.clone())).await?;
        if let Some(past) = &self.past {
            events.retain(|event| past.has(event));
        }
        let decided = |event: &Recorded| pair.decided_by.contains(&event.id.to_string());
        // A read-back stands at the end of its revocation, and a hold or a call explains what is under way.
        let ended = events.iter().filter(|event| decided(event)).find_map(|event| match &event.event {
            Event::Access(AccessEvent::RevocationConfirmed { revocation, .. }) => {
                Some(revocation.to_string())
            }
            _ => None,
        });
        let open = pair.open_revocation.as_ref().map(|open| open.id.clone());
        let told = [ended, open];
        let told = |event: &Recorded| {
            event.event.revocation().is_some_and(|id| told.contains(&Some(id.to_string())))
        };
        events.retain(|event| decided(event) || told(event));
        let account = |event: &&Recorded| {
            matches!(
                event.event,
                Event::Identity(
                    IdentityEvent::IdentityDeleted { .. } | IdentityEvent::IdentityRestored { .. }
                )
            ) && self.past.as_ref().is_none_or(|past| past.has(event))
        };
        events.extend(identity.iter().rev().find(account).cloned());
        events.sort_by_key(|event| event.recorded_at);
        Ok(Some(Explanation { because: status_text(&pair, self.now()), pair, events }))
    }
}
