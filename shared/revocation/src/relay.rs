//! Taking over into the log what processes have left in the outbox that may not append: who looked at what.

use std::time::Duration;

use event_store::{AppendError, Commit, EventStore, Outbox, Waiting};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::run::{OutboxPlace, SweepReport};
use kubeconfig::{Event, NewEvent, RunId, StreamId};

use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;

/// How late a row may come to stand before others: services refuse requests of clocks that are a quarter of an hour off, to
/// either side, and a put takes its time.
const LATE: SignedDuration = SignedDuration::from_mins(40);

/// Rows of the outbox that are read at once, and how often one sweep does that.
const PAGE: u32 = 100;
const PAGES: u32 = 20;

/// What became of an outbox.
struct Relayed {
    /// Commits that are new in the log.
    new: u64,
    /// Rows that are nothing to take over.
    refused: u32,
    /// Where there is more of what had been put when this began.
    more: Option<OutboxPlace>,
    /// Nothing comes to stand before this any more.
    settled: OutboxPlace,
}

impl Relayed {
    /// Where the next one has to begin.
    fn next(&self) -> OutboxPlace {
        self.more.map_or(self.settled, |more| more.min(self.settled))
    }
}

impl Reaper {
    /// Takes over what was put since it was last done. What cannot be taken over counts as an error of every
    /// sweep within 40 minutes, and holds nothing up.
    pub(crate) async fn take_over_outbox(
        &self,
        from: Option<OutboxPlace>,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) {
        let Some(outbox) = &self.outbox else { return };
        match relay(self.store.as_ref(), outbox, from, budget).await {
            Ok(relayed) => {
                if relayed.new > 0 {
                    tracing::info!(outbox.commits = relayed.new, "taken over from the outbox");
                }
                report.errors += relayed.refused;
                report.outbox = Some(relayed.next());
            }
            Err(error) => {
                tracing::error!(%error, "the outbox could not be taken over; the next sweep goes on");
                report.errors += 1;
            }
        }
    }

    /// Takes over all that waits, so that nothing comes into the log later that was in the outbox before. Answers how many
    /// commits that were.
    ///
    /// # Errors
    /// The store failed. What was taken over stands.
    pub async fn empty_outbox(&self) -> Result<u64, Error> {
        let Some(outbox) = &self.outbox else { return Ok(0) };
        let (mut from, mut taken) = (self.projection().await?.outbox, 0);
        loop {
            let relayed = relay(self.store.as_ref(), outbox, from, TimeBudget::UNLIMITED).await?;
            (from, taken) = (relayed.more, taken + relayed.new);
            if from.is_none() {
                return Ok(taken);
            }
        }
    }
}

async fn relay(
    store: &dyn EventStore,
    outbox: &Outbox,
    from: Option<OutboxPlace>,
    budget: TimeBudget,
) -> Result<Relayed, Error> {
    let begun = Timestamp::now();
    // All that may still come to stand behind this is read again, and recognised by its ids.
    let settled = OutboxPlace::first_at(begun - LATE);
    let from = from.unwrap_or(OutboxPlace::first_at(Timestamp::UNIX_EPOCH));
    let mut relayed = Relayed { new: 0, refused: 0, more: Some(from), settled };
    for _ in 0..PAGES {
        let Some(from) = relayed.more else { break };
        let (page, more) = outbox.page(from, begun, PAGE).await?;
        for waiting in &page {
            match take_over(store, waiting).await? {
                Ok(new) => relayed.new += u64::from(new),
                Err(why) => {
                    let Waiting { place, .. } = waiting;
                    tracing::error!(outbox.put_ms = place.put_ms, error = %why, "no look at the history; not taken over");
                    relayed.refused += 1;
                }
            }
        }
        relayed.more = more;
        if !budget.allows(Duration::ZERO) {
            break;
        }
    }
    Ok(relayed)
}

/// Whether it is new in the log, or why it does not belong there.
async fn take_over(store: &dyn EventStore, waiting: &Waiting) -> Result<Result<bool, String>, Error> {
    let mut look = match look(waiting) {
        Ok(look) => look,
        Err(why) => return Ok(Err(why)),
    };
    loop {
        match store.append(look.clone()).await {
            Ok(appended) => return Ok(Ok(!appended.duplicate)),
            // Looks are independent of each other: what was lost of one is no reason to lose another.
            Err(AppendError::Conflict { actual, .. }) => look.expected = actual,
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(error) => return Ok(Err(error.to_string())),
        }
    }
}

/// The look that was put there. Who may put rows must not decide about anybody's access, nor get in the way of a run: id and
/// stream follow from what was put, and are those of nothing else.
fn look(waiting: &Waiting) -> Result<Commit, String> {
    let commit = waiting.commit.as_ref().map_err(ToString::to_string)?;
    let (StreamId::Run(run), [put]) = (&commit.stream, commit.events.as_slice()) else {
        return Err("it is not one event of a run".to_owned());
    };
    if !matches!(&put.event, Event::Run(event) if event.tells_of_a_look()) {
        return Err(format!("{} tells of something else", put.event.type_name()));
    }
    let occurred_at = waiting.place.at().ok_or("it was put at no time")?;
    let event = NewEvent { id: waiting.place.event_id(), occurred_at, ..put.clone() };
    let run = RunId::derived(&format!("outbox/{run}"));
    Ok(Commit { stream: StreamId::Run(run), expected: commit.expected, events: vec![event] })
}
