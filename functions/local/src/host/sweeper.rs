//! The timer: a sweep at the start and one every interval, never two at once.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use kubeconfig::Actor;
use revocation::{Cause, Reaper, TimeBudget};
use tokio::time::MissedTickBehavior;

use crate::failure::chain;
use crate::stop::STOPPING;

/// Sweeps until told to stop. A sweep that fails is logged; the next one starts anew.
pub(super) async fn run(reaper: Arc<Reaper>, stop: impl Future<Output = ()> + Send) {
    let mut ticks = tokio::time::interval(Duration::from_secs(reaper.config().sweep.interval_seconds));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = ticks.tick() => {}
        }
        // Not in the select: a stop lets the running step end. A panic is in the log, and must not end the timer: nothing
        // of a sweep is kept in memory that a panic could leave half done.
        let _ = AssertUnwindSafe(sweep(&reaper)).catch_unwind().await;
    }
}

async fn sweep(reaper: &Reaper) {
    match reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED.unless(&STOPPING)).await {
        Ok(swept) => tracing::info!(
            run = %swept.run,
            pairs = swept.report.pairs,
            changes = swept.report.changes,
            confirmed = swept.report.confirmed,
            held = swept.report.held,
            errors = swept.report.errors,
            complete = swept.report.next.is_none(),
            "sweep done"
        ),
        Err(error) => tracing::error!(error = chain(&error), "sweep failed; the next one starts anew"),
    }
}
