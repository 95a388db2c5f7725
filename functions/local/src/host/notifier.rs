//! Telling people: follows the log beside the timer, so that nobody waits for the next sweep to hear of something.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use jiff::Timestamp;
use revocation::{Reaper, TimeBudget, Told};
use tokio::time::MissedTickBehavior;

use crate::failure::chain;
use crate::stop::STOPPING;

/// How often the log is looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Tells until told to stop. What fails is logged; the next look goes on.
pub(super) async fn run(reaper: Arc<Reaper>, stop: impl Future<Output = ()> + Send) {
    if revocation::target_names(&reaper.config().notify).is_empty() {
        return;
    }
    let since = Timestamp::now();
    let mut ticks = tokio::time::interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => return,
            _ = ticks.tick() => {}
        }
        let _ = AssertUnwindSafe(look(&reaper, since)).catch_unwind().await;
    }
}

async fn look(reaper: &Reaper, since: Timestamp) {
    let told = async {
        reaper.note_overdue_sweep(since).await?;
        reaper.notify(TimeBudget::UNLIMITED.unless(&STOPPING)).await
    };
    match told.await {
        Ok(Told { delivered: 0, failed: 0 }) => {}
        Ok(told) => tracing::info!(notify.delivered = told.delivered, notify.failed = told.failed, "told"),
        Err(error) => tracing::error!(error = chain(&error), "nobody could be told; the next look tells"),
    }
}
