//! Function behind a timer: finishes what was left open, looks at everything, asks for what is due.

use std::sync::Arc;
use std::time::Duration;

use fc_runtime::{Error, LambdaEvent, Runtime, invocation, service_fn};
use kubeconfig::Actor;
use kubeconfig::run::SweepReport;
use revocation::{Cause, Config, Reaper, TimeBudget, Told, connect};
use serde::{Deserialize, Serialize};

/// Time left to Function Compute for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(3);

/// What a timer trigger sends (struct in a public Function Compute runtime).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Tick {
    /// Name of the trigger.
    pub trigger_name: String,
    /// When it fired.
    pub trigger_time: String,
    /// `look` makes a sweep that only looks and takes nothing away: for a second timer, and for the first days. `notify`
    /// makes none, and only tells what has happened since: between two sweeps.
    pub payload: String,
}

/// What a tick led to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// A sweep.
    Swept {
        /// Its id; its facts are in the stream `run/{id}`.
        run: String,
        /// The numbers.
        report: SweepReport,
    },
    /// Messages alone.
    Told {
        /// How many were taken.
        delivered: u32,
        /// How many were not: they are sent again.
        failed: u32,
    },
}

/// The function, ready to run, with the parts that the configuration names.
///
/// # Errors
/// The configuration, or what it names, cannot be used.
pub fn function(config: Config) -> Result<Runtime, Error> {
    let reaper = Arc::new(connect(config)?);
    Ok(Runtime::new().event(service_fn(move |event| handle(reaper.clone(), event))))
}

/// Sweeps, or only tells, once, within the time of the invocation.
///
/// # Errors
/// Users, roles or clusters could not be listed, or the store failed. The next tick tries again.
pub async fn handle(reaper: Arc<Reaper>, event: LambdaEvent<Tick>) -> Result<Answer, Error> {
    let budget = invocation().map_or(TimeBudget::UNLIMITED, |invocation| {
        TimeBudget::UNLIMITED.at_most(invocation.remaining().saturating_sub(TIME_TO_ANSWER))
    });
    let cause = Cause::new(Actor::timer());
    let swept = match event.payload.payload.as_str() {
        "notify" => {
            let Told { delivered, failed } = reaper.notify(budget).await?;
            return Ok(Answer::Told { delivered, failed });
        }
        "look" => reaper.look(&cause, budget).await?,
        _ => reaper.sweep(&cause, budget).await?,
    };
    tracing::info!(
        request_id = %event.context.request_id,
        run = %swept.run,
        pairs = swept.report.pairs,
        changes = swept.report.changes,
        confirmed = swept.report.confirmed,
        held = swept.report.held,
        errors = swept.report.errors,
        complete = swept.report.saw_everything(),
        "sweep done"
    );
    Ok(Answer::Swept { run: swept.run.to_string(), report: swept.report })
}
