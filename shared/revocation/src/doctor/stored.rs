//! What the store says: whether events arrive, sweeps run and seals are made.

use std::sync::Arc;

use event_store::{EventStore, Filter, Order, Standing, StoreError};
use jiff::{SignedDuration, Timestamp};
use kubeconfig::{Projection, Recorded};
use seal::StoredSeal;

use super::{Finding, ago, people, told};
use crate::checkpoint::{CheckpointPlace, kept_checkpoint};
use crate::config::{Config, StoreKind};
use crate::connect::ConnectError;
use crate::history::History;
use crate::store::check_store;
use crate::words::counted;

/// A sweep that is older than three intervals of an hourly timer is overdue; the alarm says the same.
const INTERVALS: i64 = 3;

pub(super) fn unusable(error: &ConnectError) -> Finding {
    let missing = matches!(error, ConnectError::Store(StoreError::Missing(_)));
    let next =
        if missing { "run `reaper sweep` once, or name the store" } else { "look at the `store` settings" };
    Finding::fail("store", error.to_string()).next(next)
}

/// The store's own parts: the form of a file, or tables with their keys and options.
pub(super) async fn parts(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "store-parts";
    let parts = match check_store(config).await {
        Ok(parts) => parts,
        Err(ConnectError::Store(StoreError::Denied(_))) => {
            let found = "these credentials may not describe tables; functions need not";
            return vec![Finding::skip(CHECK, found).next("`reaper store check` with those of a person")];
        }
        Err(error) => return vec![unusable(&error)],
    };
    let wrong = parts.iter().filter_map(|part| {
        let found = match &part.standing {
            Standing::Made | Standing::Sound => return None,
            Standing::Missing => "it is not there".to_owned(),
            Standing::Wrong(how) => how.clone(),
        };
        Some(Finding::fail(CHECK, found).about(&part.name).next("`reaper store init` makes what is missing"))
    });
    let wrong: Vec<_> = wrong.collect();
    match wrong.is_empty() {
        true => vec![Finding::ok(CHECK, format!("{} parts are as they have to be", parts.len()))],
        false => wrong,
    }
}

/// Whether the checkpoint that the sweep keeps in an object can be read. A file is another process's, mostly.
pub(super) async fn checkpoint(config: &Config) -> Option<Finding> {
    const CHECK: &str = "checkpoint";
    let path = &config.seal.checkpoint_path;
    let CheckpointPlace::Object(object) = CheckpointPlace::of(path).ok()? else { return None };
    let finding = match kept_checkpoint(config, path).await {
        Ok(Some(kept)) => Finding::ok(CHECK, format!("the latest is of {} commits", kept.checkpoint().size)),
        Ok(None) => Finding::warn(CHECK, "there is none yet").next("the next sweep that has a key puts it there"),
        Err(error) => Finding::fail(CHECK, format!("it cannot be read, so nothing is sealed: {error}")).next(
            "look at the address in seal.checkpoint_path, the region, and oss:GetObject and oss:PutObject on it",
        ),
    };
    Some(finding.about(object.to_string()))
}

pub(super) async fn examine(store: Arc<dyn EventStore>, config: &Config, now: Timestamp) -> Vec<Finding> {
    let projection = match History::new(store.clone()).projection().await {
        Ok(projection) => projection,
        Err(error) => {
            let next = match config.store.kind {
                StoreKind::Sqlite => "look at store.path",
                StoreKind::Tablestore => {
                    "look at store.instance, and at ots:GetRow, ots:GetRange, ots:BatchGetRow"
                }
            };
            return vec![Finding::fail("store", error.to_string()).next(next)];
        }
    };
    let mut findings = vec![
        readable(&projection),
        events(latest_deletion(store.as_ref()).await, now),
        sweep(&projection, config, now),
        seal(seal::latest(store.as_ref()).await, config, now),
        people::unused(store.as_ref(), config, now).await,
    ];
    findings.extend(told::outcomes(store.as_ref(), &config.notify, now).await);
    findings
}

async fn latest_deletion(store: &dyn EventStore) -> Result<Option<Recorded>, StoreError> {
    let filter = Filter { types: vec!["DeletionReceived".to_owned()], ..Filter::default() };
    Ok(store.query(&filter, Order::Newest, None, 1).await?.events.into_iter().next())
}

fn readable(projection: &Projection) -> Finding {
    const CHECK: &str = "store";
    match projection.unrecognised.len() {
        0 => {
            let (pairs, identities) = (projection.accesses.len(), projection.identities.len());
            Finding::ok(CHECK, format!("it can be read: {pairs} kubeconfigs of {identities} identities"))
        }
        number => {
            Finding::warn(CHECK, format!("{number} events are of a later version and count for nothing here"))
                .next("run the version that wrote them; docs/operations.md, \"Upgrade and rollback\"")
        }
    }
}

fn events(latest: Result<Option<Recorded>, StoreError>, now: Timestamp) -> Finding {
    const CHECK: &str = "deletion-events";
    match latest {
        Ok(Some(event)) => Finding::ok(CHECK, format!("the latest arrived {}", ago(event.recorded_at, now))),
        Ok(None) => Finding::warn(
            CHECK,
            "no deletion has ever been told: deletions show at the next sweep only",
        )
        .next("delete a RAM user made for this, and look at the event rule in the region of RAM's events"),
        Err(error) => Finding::fail(CHECK, error.to_string()),
    }
}

fn sweep(projection: &Projection, config: &Config, now: Timestamp) -> Finding {
    const CHECK: &str = "sweep";
    let interval = i64::try_from(config.sweep.interval_seconds).unwrap_or(i64::MAX).max(3600);
    let overdue = SignedDuration::from_secs(interval.saturating_mul(INTERVALS));
    let Some(sweep) = &projection.sweep else {
        return Finding::fail(CHECK, "there never was one: nothing is known of clusters and identities")
            .next("run `reaper sweep`, or look at the timer of expiry-sweep");
    };
    let when = ago(sweep.started_at, now);
    if now.duration_since(sweep.started_at) > overdue {
        return Finding::fail(CHECK, format!("the latest began {when}: what is due is not ended"))
            .next("look at the timer and the log of expiry-sweep");
    }
    match &sweep.completed {
        None => Finding::warn(
            CHECK,
            format!("the one that began {when} has not ended: it runs, or its process died"),
        )
        .next("the next sweep goes on; look at the log of expiry-sweep if it happens again"),
        Some((_, report)) if report.errors > 0 => {
            let parts = counted(report.errors, "part", "parts");
            Finding::warn(CHECK, format!("the latest, {when}, could not read {parts}"))
                .next("each is an error in the log of expiry-sweep")
        }
        Some((_, report)) if report.next.is_some() => Finding::warn(
            CHECK,
            format!("the latest, {when}, did not come to the end within its time budget"),
        )
        .next("let it have more: sweep.budget_seconds, sweep.concurrency, cloud.calls_per_second"),
        Some(_) => Finding::ok(CHECK, format!("the latest began {when} and saw everything")),
    }
}

fn seal(latest: Result<Option<StoredSeal>, StoreError>, config: &Config, now: Timestamp) -> Finding {
    const CHECK: &str = "seal";
    let day = SignedDuration::from_hours(24);
    match latest {
        Err(error) => Finding::fail(CHECK, error.to_string()),
        Ok(None) if config.seal.keys().is_ok() => {
            Finding::warn(CHECK, "there is a key, and nothing was sealed yet")
                .next("run `reaper sweep` with this key")
        }
        Ok(None) => Finding::warn(CHECK, "nothing was ever sealed: a changed history does not show")
            .next("`reaper key generate` makes a key, and the next sweep seals"),
        Ok(Some(latest)) => {
            let when = ago(latest.recorded_at, now);
            // A sweep that stores nothing seals nothing, so that a quiet day is no sign of a fault.
            if now.duration_since(latest.recorded_at) <= day {
                return Finding::ok(CHECK, format!("the latest was made {when}"));
            }
            Finding::warn(CHECK, format!("the latest was made {when}: what came after it is not protected"))
                .next("look whether the sweep has its key (seal.key or seal.key_path); `reaper verify` says how much is unsealed")
        }
    }
}
