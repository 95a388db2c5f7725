//! Telling people: follows the log beside the timer, so that nobody waits for the next sweep to hear of something.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use revocation::{Reaper, TimeBudget, Told};

use super::every::every;
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
    every(INTERVAL, stop, || look(reaper.clone(), since)).await;
}

async fn look(reaper: Arc<Reaper>, since: Timestamp) {
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
