//! Taking over into the log what processes have left in the outbox that may not append: who looked at what.

use event_store::{AppendError, Commit, Outbox, Waiting};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::run::SweepReport;
use kubeconfig::{Event, StreamId};
use uuid::Version;

use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;
use crate::sweep::TIME_TO_CLOSE;

/// How far back an outbox is read again: a put takes its time, and clocks differ. What was taken over already is stored once
/// all the same, by its ids.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Commits of the outbox that are read at once.
const PAGE: u32 = 100;

/// What became of an outbox.
#[derive(Debug, Default)]
struct Relayed {
    /// Commits that are new in the log.
    new: u64,
    /// Commits that could not be taken over. They stay where they are.
    refused: u32,
    /// Before this everything was taken over.
    until: Option<Timestamp>,
}

impl Reaper {
    /// Takes over what was put since the sweep before. What cannot be taken over counts as an error, is looked at again by
    /// every sweep, and holds nothing else up.
    pub(crate) async fn relay_outbox(
        &self,
        before: Option<Timestamp>,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) {
        let Some(outbox) = &self.outbox else { return };
        report.outbox_until = before;
        match self.relay(outbox, before.unwrap_or(Timestamp::MIN), budget).await {
            Ok(Relayed { new, refused, until }) => {
                if new > 0 {
                    tracing::info!(outbox.commits = new, "taken over from the outbox");
                }
                report.errors += refused;
                report.outbox_until = until;
            }
            Err(error) => {
                tracing::error!(%error, "the outbox could not be taken over; the next sweep goes on");
                report.errors += 1;
            }
        }
    }

    async fn relay(&self, outbox: &Outbox, before: Timestamp, budget: TimeBudget) -> Result<Relayed, Error> {
        let begun = Timestamp::now();
        let since = before.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        let mut relayed = Relayed::default();
        let mut last: Option<Waiting> = None;
        loop {
            let page = outbox.since(since, last.as_ref(), PAGE).await?;
            for waiting in &page {
                if !budget.allows(TIME_TO_CLOSE) {
                    relayed.until.get_or_insert(waiting.at);
                    return Ok(relayed);
                }
                self.take_over_waiting(waiting, &mut relayed).await?;
            }
            last = page.into_iter().last();
            if last.is_none() {
                relayed.until.get_or_insert(begun);
                return Ok(relayed);
            }
        }
    }

    async fn take_over_waiting(&self, waiting: &Waiting, relayed: &mut Relayed) -> Result<(), Error> {
        let refusal = match &waiting.commit {
            Ok(commit) if !tells_of_looks(commit) => {
                "it tells of something else than of somebody who looked at the history".to_owned()
            }
            Ok(commit) => match self.store.append(commit.clone()).await {
                Ok(appended) => {
                    relayed.new += u64::from(!appended.duplicate);
                    return Ok(());
                }
                Err(AppendError::Store(error)) => return Err(error.into()),
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        tracing::error!(outbox.put_at = %waiting.at, error = %refusal, "a commit of the outbox cannot be taken over");
        relayed.refused += 1;
        relayed.until.get_or_insert(waiting.at);
        Ok(())
    }
}

/// Who may put commits there must not decide about anybody's access, nor get in the way of a run: only looks are taken over,
/// under ids that chance gave. Those that follow from a name are known to everybody.
fn tells_of_looks(commit: &Commit) -> bool {
    let StreamId::Run(run) = &commit.stream else { return false };
    let by_chance = run.as_uuid().get_version() == Some(Version::SortRand);
    let looks = |event: &Event| matches!(event, Event::Run(event) if event.tells_of_a_look());
    by_chance && commit.events.iter().all(|new| looks(&new.event))
}
