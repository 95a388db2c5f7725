//! Telling people what has happened. Each target follows the log from where it was told last. A message is announced,
//! sent, and what became of it is stored, in a stream of the target: what a crash leaves open is sent again, and what
//! another process has announced is left to it for a while. Nothing here holds a revocation up or fails it.

mod foresee;
mod message;
mod offers;
mod send;
mod target;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use event_store::{AppendError, Commit, Cursor, Filter, MAX_PAGE, Order, StoreError};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use kubeconfig::notification::{self, Announcement, Kind, Next, Pace};
use kubeconfig::run::RunEvent;
use kubeconfig::{Actor, Event, Projection, Recorded, RunId, StreamId};

use crate::cause::Cause;
use crate::config::NotifyConfig;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;

use message::Message;
use offers::Offers;
use send::Sent;
use target::{Target, targets};

/// The longest that a sweep spends on telling before it goes on.
const TIME_IN_SWEEP: std::time::Duration = std::time::Duration::from_secs(60);

/// Time for one message: to announce it, to send it, to store what became of it.
const TIME_FOR_A_MESSAGE: std::time::Duration = std::time::Duration::from_secs(12);

/// How many pages are read at once, where there is that much to tell.
const PAGES: u32 = 3;

/// Up to where each target's reading found nothing to tell, in memory: by its name, the place that its stream has, and
/// the one that was reached since. Losing it costs reading that part of the log again.
#[derive(Debug, Default)]
pub(crate) struct Followed(Mutex<BTreeMap<String, (String, Cursor)>>);

impl Followed {
    fn get(&self, target: &str, from: &str) -> Option<Cursor> {
        let followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        followed.get(target).filter(|(stored, _)| stored == from).map(|(_, cursor)| *cursor)
    }

    fn set(&self, target: &str, from: &str, reached: Cursor) {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        followed.insert(target.to_owned(), (from.to_owned(), reached));
    }
}

/// What was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told {
    /// Messages that were taken.
    pub delivered: u32,
    /// Messages that were not: they are sent again, or given up after a day.
    pub failed: u32,
}

/// What a target answered to a message that only tries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// The target's name.
    pub target: String,
    /// Whether it took it, or why not.
    pub answer: Result<(), String>,
}

/// The names of the targets that have an address.
pub fn target_names(config: &NotifyConfig) -> Vec<&str> {
    targets(config).map(|target| target.name).collect()
}

/// Sends a message that means nothing to every target, or to one. Nothing is stored.
pub async fn try_targets(config: &NotifyConfig, only: Option<&str>) -> Vec<Tried> {
    let message = &Message::test(Timestamp::now());
    let asked = targets(config).filter(|target| only.is_none_or(|only| only == target.name));
    let tried = asked.map(|target| async move {
        let answer = match send::send(&target, message, &config.private_hosts).await {
            Sent::Taken => Ok(()),
            Sent::NotTaken { why, .. } => Err(why),
        };
        Tried { target: target.name.to_owned(), answer }
    });
    join_all(tried).await
}

impl Reaper {
    /// Lets each target that is new follow the log from here. What was stored before is not told.
    pub(crate) async fn begin_notifications(&self) -> Result<(), Error> {
        for target in targets(&self.config.notify) {
            let run = notification::stream(target.name);
            let (projection, position) = self.history().position().await?;
            if !projection.deliveries.contains_key(&run) {
                self.begin(target.name, run, 0, &position).await?;
            }
        }
        Ok(())
    }

    async fn begin(&self, target: &str, run: RunId, version: u64, from: &Cursor) -> Result<(), Error> {
        let begun = RunEvent::NotificationsBegun { target: target.to_owned(), from: from.to_string() };
        self.store_next(run, version, begun).await.map(|_| ())
    }

    /// Tells every target what it has not been told, until there is no more, a target has to be left alone, or time is
    /// up. What is left, the next call tells.
    ///
    /// # Errors
    /// The store failed.
    pub async fn notify(&self, budget: TimeBudget) -> Result<Told, Error> {
        self.begin_notifications().await?;
        let told = join_all(targets(&self.config.notify).map(|target| self.tell(target, budget))).await;
        told.into_iter().try_fold(Told::default(), |sum, told| {
            let told = told?;
            Ok(Told { delivered: sum.delivered + told.delivered, failed: sum.failed + told.failed })
        })
    }

    /// The end of a sweep: it is over, whatever becomes of telling it.
    pub(crate) async fn notify_after_sweep(&self, budget: TimeBudget) {
        match self.notify(budget.share(0.5).at_most(TIME_IN_SWEEP)).await {
            Ok(Told { delivered: 0, failed: 0 }) => {}
            Ok(told) => {
                tracing::info!(notify.delivered = told.delivered, notify.failed = told.failed, "told")
            }
            Err(error) => tracing::error!(error = %error, "nobody could be told; the next run tells"),
        }
    }

    async fn tell(&self, target: Target<'_>, budget: TimeBudget) -> Result<Told, Error> {
        let run = notification::stream(target.name);
        let pace = self.pace(&target);
        let mut told = Told::default();
        while budget.allows(TIME_FOR_A_MESSAGE) {
            let projection = self.projection().await?;
            let Some(deliveries) = projection.deliveries.get(&run) else { break };
            let announcement = match deliveries.next(Timestamp::now(), &pace) {
                Next::Wait(_) => break,
                Next::Send(announcement) => announcement,
                Next::Read => match self.first_news(&target, run, &projection).await? {
                    Some(announcement) => announcement,
                    None => break,
                },
            };
            let announced = RunEvent::NotificationAnnounced(announcement.clone());
            if !self.store_next(run, deliveries.version, announced).await? {
                // Another process was faster.
                continue;
            }
            let sent = match self.facts(&announcement).await? {
                facts if facts.is_empty() => Sent::not_taken("what it was to tell is not in the log"),
                facts => {
                    let offers = Offers::of(&target, &self.config);
                    let message = Message::of(announcement.message, &facts, &projection, &offers);
                    send::send(&target, &message, &self.config.notify.private_hosts).await
                }
            };
            match &sent {
                Sent::Taken => told.delivered += 1,
                Sent::NotTaken { why, .. } => {
                    let target = target.name;
                    tracing::warn!(notify.target = target, why, "a message was not taken; it is sent again");
                    told.failed += 1;
                }
            }
            self.store_outcome(run, &announcement, sent, &pace).await?;
        }
        Ok(told)
    }

    fn pace(&self, target: &Target<'_>) -> Pace {
        let config = &self.config.notify;
        Pace {
            lease: SignedDuration::from_secs(config.lease_seconds.into()),
            retry: SignedDuration::from_secs(config.retry_seconds.into()),
            per_minute: target.per_minute(),
        }
    }

    /// The next message out of what the target has not been told yet.
    async fn first_news(
        &self,
        target: &Target<'_>,
        run: RunId,
        projection: &Projection,
    ) -> Result<Option<Announcement>, Error> {
        let Some(deliveries) = projection.deliveries.get(&run) else { return Ok(None) };
        let reached =
            self.followed.get(target.name, &deliveries.from).map_or_else(|| deliveries.from.parse(), Ok);
        let mut from = match reached {
            Ok(reached) => reached,
            Err(error) => {
                return self.begin_anew(target, run, deliveries.version, &StoreError::from(error)).await;
            }
        };
        let (mut end, mut pending, mut pages) = (from, vec![], 0);
        loop {
            let page = match self.store.query(&Filter::default(), Order::Oldest, Some(&end), MAX_PAGE).await {
                Err(error @ StoreError::Cursor(_)) => {
                    return self.begin_anew(target, run, deliveries.version, &error).await;
                }
                page => page?,
            };
            let news = page.events.iter().filter(|event| !deliveries.told.contains(&event.id));
            pending.extend(news.filter_map(|event| {
                let kind = Kind::of(&event.event).filter(|kind| target.kinds.contains(kind))?;
                Some((event.id, kind))
            }));
            end = page.end;
            if pending.is_empty() {
                from = end;
            }
            pages += 1;
            if !page.more || (pages >= PAGES && !pending.is_empty()) {
                break;
            }
        }
        self.followed.set(target.name, &deliveries.from, from);
        let digest_above = usize::try_from(self.config.notify.digest_above).unwrap_or(usize::MAX);
        let events = notification::next_message(&pending, digest_above);
        Ok((!events.is_empty()).then(|| Announcement::first(target.name, events, from.to_string())))
    }

    /// The place where reading stopped is none of this store: it was replaced, or restored from an older copy.
    async fn begin_anew(
        &self,
        target: &Target<'_>,
        run: RunId,
        version: u64,
        error: &StoreError,
    ) -> Result<Option<Announcement>, Error> {
        let target = target.name;
        tracing::error!(notify.target = target, error = %error, "the store is another one: telling begins anew");
        let (_, position) = self.history().position().await?;
        self.begin(target, run, version, &position).await?;
        Ok(None)
    }

    /// The facts of a message, in the order of the log.
    async fn facts(&self, announcement: &Announcement) -> Result<Vec<Recorded>, Error> {
        let mut cursor: Cursor = announcement.from.parse().map_err(StoreError::from)?;
        let mut facts = vec![];
        while facts.len() < announcement.events.len() {
            let page = self.store.query(&Filter::default(), Order::Oldest, Some(&cursor), MAX_PAGE).await?;
            facts.extend(page.events.into_iter().filter(|event| announcement.events.contains(&event.id)));
            if !page.more {
                break;
            }
            cursor = page.end;
        }
        Ok(facts)
    }

    async fn store_outcome(
        &self,
        run: RunId,
        announcement: &Announcement,
        sent: Sent,
        pace: &Pace,
    ) -> Result<(), Error> {
        let message = announcement.message;
        loop {
            let projection = self.projection().await?;
            let Some(deliveries) = projection.deliveries.get(&run) else { return Ok(()) };
            let outcome = match &sent {
                Sent::Taken => deliveries.delivered(message),
                Sent::NotTaken { why, asked } => {
                    deliveries.failed(message, why.clone(), *asked, Timestamp::now(), pace)
                }
            };
            let Some(outcome) = outcome else { return Ok(()) };
            if self.store_next(run, deliveries.version, outcome).await? {
                return Ok(());
            }
        }
    }

    /// Stores a fact as the next one of a stream. Says whether it was stored: `false` where another writer was faster.
    async fn store_next(&self, run: RunId, version: u64, event: RunEvent) -> Result<bool, Error> {
        let events = Cause::new(Actor::timer()).wrap(vec![Event::Run(event)], Timestamp::now());
        match self.store.append(Commit { stream: StreamId::Run(run), expected: version, events }).await {
            Ok(_) => Ok(true),
            Err(AppendError::Conflict { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
