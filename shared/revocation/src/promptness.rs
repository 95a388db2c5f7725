//! How long it took to end access: from what happened, by way of when it became known, to the read-back.

use std::collections::BTreeMap;

use event_store::{Filter, MAX_PAGE, Order};
use jiff::Timestamp;
use kubeconfig::access::{AccessEvent, Trigger};
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::IntakeEvent;
use kubeconfig::{Event, IntakeId, Recorded, RevocationId, StreamId, Uid};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Error;
use crate::history::History;
use crate::words::trigger_word;

/// The types of events that it is computed from.
const TYPES: [&str; 4] =
    ["DeletionReceived", "IdentityDeleted", "RevocationRequested", "RevocationConfirmed"];

/// How long it took in one month, for one kind of trigger.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimeToRevoke {
    /// The month of the read-backs, UTC, e.g. `2026-01`.
    pub month: String,
    /// `identityDeleted`, `expired` or `requested`.
    pub trigger: String,
    /// Revocations that were confirmed.
    pub revocations: usize,
    /// From when it happened to when it was stored that it did. What happened is the deletion of the identity, by the clock
    /// of the cloud; for the other triggers it is the request itself.
    pub occurred_to_received: Quantiles,
    /// From then to the read-back. Time in which it waited for a person is in it.
    pub received_to_confirmed: Quantiles,
    /// From when it happened to the read-back.
    pub occurred_to_confirmed: Quantiles,
}

/// Seconds that so many in a hundred did not exceed (nearest rank).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Quantiles {
    /// 50 in 100.
    pub p50: f64,
    /// 95 in 100.
    pub p95: f64,
    /// 99 in 100.
    pub p99: f64,
}

impl Quantiles {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_by(f64::total_cmp);
        let at = |share: usize| {
            let rank = (seconds.len() * share).div_ceil(100).max(1);
            seconds.get(rank - 1).copied().unwrap_or_default()
        };
        Self { p50: at(50), p95: at(95), p99: at(99) }
    }
}

impl History {
    /// How long it took, by month and trigger, the latest month first. It reads all requests and read-backs.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn time_to_revoke(&self) -> Result<Vec<TimeToRevoke>, Error> {
        let filter = Filter { types: TYPES.map(ToOwned::to_owned).to_vec(), ..Filter::default() };
        let (mut known, mut cursor) = (Known::default(), None);
        loop {
            let page = self.store.query(&filter, Order::Oldest, cursor.as_ref(), MAX_PAGE).await?;
            for event in &page.events {
                let seen = match &event.stream {
                    StreamId::Kubeconfig(key) => self.scope.admits(key),
                    _ => true,
                };
                if seen {
                    known.learn(event);
                }
            }
            if !page.more {
                return Ok(known.months());
            }
            cursor = Some(page.end);
        }
    }
}

/// When something happened and when it became known.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    occurred: Timestamp,
    received: Timestamp,
}

#[derive(Default)]
struct Known {
    intakes: BTreeMap<IntakeId, Beginning>,
    deleted: BTreeMap<Uid, Timestamp>,
    open: BTreeMap<RevocationId, (&'static str, Beginning)>,
    /// By month and trigger: seconds to be received, from there on, and in all.
    ended: BTreeMap<(String, &'static str), Vec<[f64; 3]>>,
}

impl Known {
    fn learn(&mut self, recorded: &Recorded) {
        let here = Beginning { occurred: recorded.occurred_at, received: recorded.recorded_at };
        match (&recorded.stream, &recorded.event) {
            (StreamId::Intake(id), Event::Intake(IntakeEvent::DeletionReceived(deletion))) => {
                self.intakes.insert(*id, Beginning { occurred: deletion.deleted_at, ..here });
            }
            (StreamId::Identity(uid), Event::Identity(IdentityEvent::IdentityDeleted { .. })) => {
                self.deleted.insert(uid.clone(), recorded.occurred_at);
            }
            (
                StreamId::Kubeconfig(key),
                Event::Access(AccessEvent::RevocationRequested { revocation, trigger, .. }),
            ) => {
                let begun = match trigger {
                    Trigger::IdentityDeleted { intake: Some(intake) } => {
                        self.intakes.get(intake).copied().unwrap_or(here)
                    }
                    // The sweep found what was left behind.
                    Trigger::IdentityDeleted { intake: None } => {
                        let occurred = self.deleted.get(&key.uid).copied().unwrap_or(here.occurred);
                        Beginning { occurred, ..here }
                    }
                    Trigger::Expired | Trigger::Requested => here,
                };
                self.open.insert(*revocation, (trigger_word(trigger), begun));
            }
            (_, Event::Access(AccessEvent::RevocationConfirmed { revocation, .. })) => {
                self.end(revocation, recorded.recorded_at);
            }
            _ => {}
        }
    }

    fn end(&mut self, revocation: &RevocationId, confirmed: Timestamp) {
        let Some((trigger, Beginning { occurred, received })) = self.open.remove(revocation) else { return };
        // Clocks differ: nothing takes less than no time.
        let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs_f64().max(0.0);
        let month = confirmed.strftime("%Y-%m").to_string();
        self.ended.entry((month, trigger)).or_default().push([
            seconds(occurred, received),
            seconds(received, confirmed),
            seconds(occurred, confirmed),
        ]);
    }

    fn months(self) -> Vec<TimeToRevoke> {
        let row = |((month, trigger), all): ((String, &str), Vec<[f64; 3]>)| {
            let of = |place: usize| Quantiles::of(all.iter().map(|seconds| seconds[place]).collect());
            TimeToRevoke {
                month,
                trigger: trigger.to_owned(),
                revocations: all.len(),
                occurred_to_received: of(0),
                received_to_confirmed: of(1),
                occurred_to_confirmed: of(2),
            }
        };
        let mut rows: Vec<_> = self.ended.into_iter().map(row).collect();
        rows.sort_by(|a, b| b.month.cmp(&a.month).then_with(|| a.trigger.cmp(&b.trigger)));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_there_are() {
        let numbers = |count: u32| (1..=count).rev().map(f64::from).collect();
        assert_eq!(Quantiles::of(numbers(100)), Quantiles { p50: 50.0, p95: 95.0, p99: 99.0 });
        assert_eq!(Quantiles::of(numbers(4)), Quantiles { p50: 2.0, p95: 4.0, p99: 4.0 });
        assert_eq!(Quantiles::of(numbers(1)), Quantiles { p50: 1.0, p95: 1.0, p99: 1.0 });
    }
}
