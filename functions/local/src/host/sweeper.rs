//! The timer: a sweep at the start and one every interval, never two at once.

use std::sync::Arc;
use std::time::Duration;

use kubeconfig::Actor;
use revocation::{Cause, Reaper, TimeBudget};

use super::every::every;
use crate::failure::chain;
use crate::stop::STOPPING;

/// Sweeps until told to stop. A sweep that fails is logged; the next one starts anew.
pub(super) async fn run(reaper: Arc<Reaper>, stop: impl Future<Output = ()> + Send) {
    let interval = Duration::from_secs(reaper.config().sweep.interval_seconds);
    every(interval, stop, || sweep(reaper.clone())).await;
}

async fn sweep(reaper: Arc<Reaper>) {
    match reaper.sweep(&Cause::new(Actor::timer()), TimeBudget::UNLIMITED.unless(&STOPPING)).await {
        Ok(swept) => tracing::info!(
            run = %swept.run,
            pairs = swept.report.pairs,
            changes = swept.report.changes,
            confirmed = swept.report.confirmed,
            held = swept.report.held,
            errors = swept.report.errors,
            complete = swept.report.saw_everything(),
            "sweep done"
        ),
        Err(error) => tracing::error!(error = chain(&error), "sweep failed; the next one starts anew"),
    }
}
