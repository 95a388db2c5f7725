//! The sweep: finishes what was left open, looks at everything, and asks for what is due. It alone reaches what events
//! reach, so a lost, late or repeated event changes nothing in the end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::future::join_all;
use jiff::Timestamp;
use kubeconfig::access::{self, Command, Protections, Status, Trigger};
use kubeconfig::guard::Tripped;
use kubeconfig::intake::Intake;
use kubeconfig::reading::{AccountState, Reading};
use kubeconfig::run::{RunEvent, SweepReport};
use kubeconfig::{Access, Event, KubeconfigKey, Projection, RevocationId, RunId, StreamId, Uid};
use measure::Measure;
use tracing::Instrument as _;
use uuid::Uuid;

use crate::cause::Cause;
use crate::drive::{TimeBudget, is_unfinished};
use crate::error::Error;
use crate::intake::Receipt;
use crate::inventory::count;
use crate::reaper::Reaper;
use crate::views::{Outcome, RevocationOutcome};

/// Time kept back for the last words of a sweep.
pub(crate) const TIME_TO_CLOSE: Duration = Duration::from_secs(2);

/// What a sweep did.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// Its id; its facts are in the stream of that name.
    pub run: RunId,
    /// The numbers.
    pub report: SweepReport,
    /// What became of each pair that it dealt with.
    pub outcomes: Vec<RevocationOutcome>,
}

/// How far a sweep goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// It acts on what it finds.
    Whole,
    /// It looks.
    Look,
}

/// One pair whose access a rule wants ended.
struct Due {
    key: KubeconfigKey,
    trigger: Trigger,
    /// Another rule forbids it; asking will write that down.
    forbidden: bool,
}

impl Reaper {
    /// One sweep: finishes what is open, looks at everything, ends what is due.
    ///
    /// # Errors
    /// Users, roles or clusters could not be listed, or the store failed. What was stored stands.
    pub async fn sweep(&self, cause: &Cause, budget: TimeBudget) -> Result<Swept, Error> {
        self.run(Extent::Whole, cause, budget).await
    }

    /// A sweep that only looks: it stores what is, and takes nothing away from anybody.
    ///
    /// # Errors
    /// As for a sweep.
    pub async fn look(&self, cause: &Cause, budget: TimeBudget) -> Result<Swept, Error> {
        self.run(Extent::Look, cause, budget).await
    }

    async fn run(&self, extent: Extent, cause: &Cause, budget: TimeBudget) -> Result<Swept, Error> {
        let started = Instant::now();
        let swept = self.go_through(extent, cause, budget).instrument(tracing::info_span!("sweep")).await?;
        let SweepReport { errors, held, .. } = swept.report;
        Measure::Sweep { took: started.elapsed(), errors, held }.emit();
        Ok(swept)
    }

    async fn go_through(&self, extent: Extent, cause: &Cause, budget: TimeBudget) -> Result<Swept, Error> {
        let budget = budget.at_most(Duration::from_secs(self.config.sweep.budget_seconds));
        self.begin_notifications().await?;
        let before = self.projection().await?;
        let resumed_from = before.sweep.as_ref().and_then(|sweep| sweep.resume_at());
        let run = RunId::new(Uuid::now_v7());
        self.note(run, RunEvent::SweepStarted { resumed_from: resumed_from.clone() }, cause).await?;

        let mut report = SweepReport::default();
        let mut outcomes = vec![];
        self.take_over_outbox(before.outbox, budget.share(0.1), &mut report).await;
        if extent == Extent::Whole {
            outcomes = self.finish(cause, budget, &mut report).await?;
            self.settle_intakes(cause, budget, &mut report).await?;
            report.errors += self.finish_chat_commands(budget).await?;
        }
        let listings = self.list(cause, &mut report).await?;
        // What is found has to be acted upon in the same run: looking may take a good half of the time, not all of it.
        let looking = if extent == Extent::Whole { budget.share(0.6) } else { budget };
        let from = resumed_from.as_deref().and_then(|uid| uid.parse::<Uid>().ok());
        self.look_at_everybody(&listings, from.as_ref(), cause, looking, &mut report).await?;
        if extent == Extent::Whole {
            outcomes.extend(self.end_what_is_due(run, cause, budget, &mut report).await?);
            outcomes.extend(self.take_over_calls(cause, budget, &mut report).await?);
        }
        if let Err(error) = self.foresee_expiries(cause, budget).await {
            tracing::error!(error = %error, "what expires soon could not be stored");
            report.errors += 1;
        }
        report.held = count(self.projection().await?.accesses.values().filter(|a| is_held(a)).count());
        self.note(run, RunEvent::SweepCompleted(report.clone()), cause).await?;
        self.notify_after_sweep(budget).await;
        self.seal_after_sweep(cause, budget, &mut report).await;
        Ok(Swept { run, report, outcomes })
    }

    async fn note(&self, run: RunId, event: RunEvent, cause: &Cause) -> Result<(), Error> {
        self.transact(StreamId::Run(run), cause, Timestamp::now(), |_| {
            Ok::<_, Error>(vec![Event::Run(event.clone())])
        })
        .await?;
        Ok(())
    }

    /// Takes up every revocation that a crash, an error or a deadline has left open, and ends what waits for too long.
    async fn finish(
        &self,
        cause: &Cause,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) -> Result<Vec<RevocationOutcome>, Error> {
        let projection = self.projection().await?;
        let open = projection.accesses.iter().filter(|(_, access)| is_unfinished(access));
        let open = open.filter_map(|(key, access)| Some((key, access.open.as_ref()?.id)));
        let open: Vec<(&KubeconfigKey, RevocationId)> = open.collect();
        let mut outcomes = vec![];
        for chunk in open.chunks(self.config.sweep.concurrency) {
            if !budget.allows(TIME_TO_CLOSE) {
                break;
            }
            let driven = chunk.iter().map(|(key, _)| self.drive(key, cause, budget));
            for ((key, revocation), access) in chunk.iter().zip(join_all(driven).await) {
                let outcome = match access {
                    Ok(access) => RevocationOutcome::of(*revocation, &access, self.view(key, &access).await?),
                    Err(error) => self.failed(key, &error).await?,
                };
                tally(&outcome, report);
                outcomes.push(outcome);
            }
        }
        self.end_old_holds(&projection, cause, budget).await?;
        Ok(outcomes)
    }

    /// Ends what has waited for a person for longer than policy allows.
    async fn end_old_holds(
        &self,
        projection: &Projection,
        cause: &Cause,
        budget: TimeBudget,
    ) -> Result<(), Error> {
        let now = Timestamp::now();
        for (key, access) in &projection.accesses {
            let Some(open) = access.open.as_ref().filter(|open| open.is_overdue(&self.config.policy, now))
            else {
                continue;
            };
            if !budget.allows(TIME_TO_CLOSE) {
                return Ok(());
            }
            match self.execute(key, &Command::Lapse { revocation: open.id }, cause).await {
                Ok(_) => {}
                // Another process has ended it, or a person has just decided.
                Err(Error::Denied(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Waits for calls of processes that may have died in the middle, and finishes them.
    async fn take_over_calls(
        &self,
        cause: &Cause,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) -> Result<Vec<RevocationOutcome>, Error> {
        let projection = self.projection().await?;
        let mut outcomes = vec![];
        for (key, access) in projection.accesses.iter().filter(|(_, access)| is_unfinished(access)) {
            let Some(revocation) = access.open.as_ref().map(|open| open.id) else { continue };
            let outcome = match self.take_over(key, cause, budget).await {
                Ok(None) => continue,
                Ok(Some(access)) => {
                    RevocationOutcome::of(revocation, &access, self.view(key, &access).await?)
                }
                Err(error) => self.failed(key, &error).await?,
            };
            tally(&outcome, report);
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }

    /// Takes up every deletion whose handling stopped half way, and looks again for the names that nobody knew.
    async fn settle_intakes(
        &self,
        cause: &Cause,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) -> Result<(), Error> {
        // A name that nobody knows costs many calls at every sweep: it must not take the time of everything else. What is
        // begun has all the time: a share of it may be less than a call needs.
        let beginning = budget.share(0.2);
        let now = Timestamp::now();
        for (id, (received, intake)) in &self.projection().await?.intakes {
            let (Intake::Received(deletion) | Intake::Unresolved { deletion, .. }) = intake else { continue };
            if !beginning.allows(TIME_TO_CLOSE) {
                return Ok(());
            }
            match self.settle(*id, deletion, cause, budget).await {
                Ok(Receipt::Revoked { outcomes, .. }) => {
                    report.requested += count(outcomes.len());
                    outcomes.iter().for_each(|outcome| tally(outcome, report));
                }
                // It was looked for once more, in vain: nobody has said so in time.
                Ok(Receipt::Unresolved { .. }) => {
                    if let Some(lapsed) = intake.overdue(*received, &self.config.policy, now) {
                        self.conclude(*id, lapsed, cause).await?;
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(intake = %id, error = %error, "a deletion could not be settled");
                    report.errors += 1;
                }
            }
        }
        Ok(())
    }

    /// Asks for everything that is due by what is known now.
    async fn end_what_is_due(
        &self,
        run: RunId,
        cause: &Cause,
        budget: TimeBudget,
        report: &mut SweepReport,
    ) -> Result<Vec<RevocationOutcome>, Error> {
        let due = self.due(&*self.projection().await?, &self.protections().await?);
        let tripped = self.guard_run(run, &due, cause).await?;
        let mut outcomes = vec![];
        for chunk in due.chunks(self.config.sweep.concurrency) {
            if !budget.allows(TIME_TO_CLOSE) {
                break;
            }
            let asked = chunk.iter().map(|Due { key, trigger, .. }| {
                let revocation = RevocationId::derived(&format!("sweep/{run}/{key}"));
                self.revoke(key, revocation, *trigger, None, tripped.clone(), cause, budget)
            });
            for (due, outcome) in chunk.iter().zip(join_all(asked).await) {
                let outcome = match outcome {
                    Ok(outcome) => outcome,
                    Err(error) => self.failed(&due.key, &error).await?,
                };
                report.requested += 1;
                tally(&outcome, report);
                outcomes.push(outcome);
            }
        }
        Ok(outcomes)
    }

    async fn guard_run(&self, run: RunId, due: &[Due], cause: &Cause) -> Result<Option<Tripped>, Error> {
        // What a rule forbids takes nobody's access away: it does not count.
        let planned: BTreeSet<Uid> =
            due.iter().filter(|due| !due.forbidden).map(|due| due.key.uid.clone()).collect();
        if planned.is_empty() {
            return Ok(None);
        }
        let tripped = self.guard(&planned).await?;
        if let Some(tripped) = &tripped {
            self.note(run, RunEvent::GuardTripped(tripped.clone()), cause).await?;
        }
        Ok(tripped)
    }

    /// Leftovers of deleted identities, and expired kubeconfigs where they are cleaned up. What is under way, and what
    /// was refused with nothing changed since, is not asked for again.
    fn due(&self, projection: &Projection, protections: &Protections) -> Vec<Due> {
        let now = Timestamp::now();
        let due = projection.accesses.iter().filter(|(_, access)| access.open.is_none()).filter_map(
            |(key, access)| {
                let reading = access.reading.as_ref()?;
                let trigger = self.trigger(access, reading, now)?;
                let verdict = access::eligible(access, key, &trigger, reading, protections, now);
                access::is_worth_asking(access, &trigger, &verdict, false, &self.config.policy, now)
                    .then(|| Due { key: key.clone(), trigger, forbidden: verdict.is_err() })
            },
        );
        due.collect()
    }

    fn trigger(&self, access: &Access, reading: &Reading, now: Timestamp) -> Option<Trigger> {
        let deleted = reading.account.state == AccountState::Deleted;
        match access.status(now) {
            status if deleted && status.is_deletable() => Some(Trigger::IdentityDeleted { intake: None }),
            Status::Expired if self.config.sweep.expired => Some(Trigger::Expired),
            _ => None,
        }
    }

    /// What a sweep would find and do. Reads the cloud; everything that it would store goes into a copy of the log.
    ///
    /// # Errors
    /// As for a sweep.
    pub async fn sweep_dry_run(&self, cause: &Cause) -> Result<Swept, Error> {
        let copy = crate::scratch::copy_of(self.store.as_ref()).await?;
        let scratch = Self::new(copy, self.cloud.clone(), self.config.clone());
        let mut report = SweepReport::default();
        let listings = scratch.list(cause, &mut report).await?;
        scratch.look_at_everybody(&listings, None, cause, TimeBudget::UNLIMITED, &mut report).await?;
        let due = scratch.due(&*scratch.projection().await?, &scratch.protections().await?);
        let mut outcomes = vec![];
        for Due { key, trigger, .. } in &due {
            outcomes.push(scratch.preview(key, trigger).await?);
        }
        report.requested = count(outcomes.len());
        Ok(Swept { run: RunId::new(Uuid::nil()), report, outcomes })
    }
}

const fn is_held(access: &Access) -> bool {
    access.open.is_some() && !is_unfinished(access)
}

fn tally(outcome: &RevocationOutcome, report: &mut SweepReport) {
    match outcome.outcome {
        Outcome::Confirmed => report.confirmed += 1,
        Outcome::Error => report.errors += 1,
        _ => {}
    }
}
