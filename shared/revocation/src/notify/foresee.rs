//! What time alone brings about is made a fact, so that it is told like any other.

use jiff::{SignedDuration, Timestamp};
use kubeconfig::access::Status;
use kubeconfig::notification::{self, Kind};
use kubeconfig::reading::{AccountState, CertificateState};
use kubeconfig::run::RunEvent;
use kubeconfig::{Event, KubeconfigKey, Projection, StreamId};

use super::target::targets;
use crate::cause::Cause;
use crate::drive::TimeBudget;
use crate::error::Error;
use crate::reaper::Reaper;
use crate::sweep::TIME_TO_CLOSE;

impl Reaper {
    /// Stores which kubeconfigs of people who exist will end soon: each certificate once, and only where somebody is told
    /// of it, so that nobody who is named later misses it.
    pub(crate) async fn foresee_expiries(&self, cause: &Cause, budget: TimeBudget) -> Result<(), Error> {
        let days = i64::from(self.config.notify.expiring_days);
        let is_told = targets(&self.config.notify).any(|target| target.kinds.contains(&Kind::Expiring));
        if days == 0 || !is_told {
            return Ok(());
        }
        let projection = self.projection().await?;
        let now = Timestamp::now();
        let soon = now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
        for (key, expires_at) in ending_within(&projection, now, soon) {
            if !budget.allows(TIME_TO_CLOSE) {
                break;
            }
            let KubeconfigKey { cluster, uid } = key.clone();
            let fact = RunEvent::KubeconfigExpiring { cluster, uid, expires_at };
            self.note_once(notification::expiring(key, expires_at), fact, cause).await?;
        }
        Ok(())
    }

    /// Stores that no sweep has ended for two intervals, once for each such silence. `since` is when somebody began to
    /// expect one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn note_overdue_sweep(&self, since: Timestamp) -> Result<(), Error> {
        let swept_at = self.projection().await?.swept_at;
        let expected_since = swept_at.map_or(since, |at| at.max(since));
        let interval = i64::try_from(self.config.sweep.interval_seconds).unwrap_or(i64::MAX);
        let patience = SignedDuration::from_secs(interval.saturating_mul(2));
        if Timestamp::now().duration_since(expected_since) <= patience {
            return Ok(());
        }
        let fact = RunEvent::SweepOverdue { since: swept_at };
        self.note_once(notification::overdue(swept_at), fact, &Cause::new(kubeconfig::Actor::timer())).await
    }

    async fn note_once(&self, stream: StreamId, fact: RunEvent, cause: &Cause) -> Result<(), Error> {
        self.transact(stream, cause, Timestamp::now(), |history| {
            let facts = if history.is_empty() { vec![Event::Run(fact.clone())] } else { vec![] };
            Ok::<_, Error>(facts)
        })
        .await?;
        Ok(())
    }
}

/// Certificates that end in between and of which that has not been stored.
fn ending_within(
    projection: &Projection,
    now: Timestamp,
    soon: Timestamp,
) -> impl Iterator<Item = (&KubeconfigKey, Timestamp)> {
    let working =
        projection.accesses.iter().filter(move |(_, access)| access.status(now) == Status::Effective);
    working.flat_map(move |(key, access)| {
        let reading = access.reading.iter().filter(|reading| reading.account.state == AccountState::Active);
        let certificates = reading.flat_map(|reading| &reading.certificates);
        let valid = certificates.filter(|certificate| certificate.state == CertificateState::Unexpired);
        let ends = valid.filter_map(|certificate| certificate.expires_at);
        ends.filter(move |end| now < *end && *end <= soon)
            .filter(move |end| !projection.expiring.contains(&(key.clone(), *end)))
            .map(move |end| (key, end))
    })
}
