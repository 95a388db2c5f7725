//! Function behind EventBridge: ends the access of deleted RAM users and roles, and learns names.

use std::sync::Arc;

use fc_runtime::{Error, LambdaEvent, RawPayload, Runtime, invocation, service_fn};
use kubeconfig::Actor;
use revocation::{Cause, Config, Reaper, Receipt, TimeBudget, connect};

/// The function, ready to run, with the parts that the configuration names.
///
/// # Errors
/// The configuration, or what it names, cannot be used.
pub fn function(config: Config) -> Result<Runtime, Error> {
    let reaper = Arc::new(connect(config)?);
    Ok(Runtime::new().event(service_fn(move |event| handle(reaper.clone(), event))))
}

/// Takes one delivery: a CloudEvent, or an array of them, as raw bytes, so that what is no JSON can be kept, too.
///
/// # Errors
/// Function Compute should deliver it again: something that may pass stood in the way.
pub async fn handle(reaper: Arc<Reaper>, event: LambdaEvent<RawPayload>) -> Result<Vec<Receipt>, Error> {
    let cause = Cause::new(Actor::event_bridge());
    let RawPayload(body) = event.payload;
    let receipts = reaper.receive(&body, &cause, budget()).await?;
    for receipt in &receipts {
        tracing::info!(request_id = %event.context.request_id, receipt = ?receipt, "message handled");
    }
    Ok(receipts)
}

/// The time that Function Compute gives this invocation.
fn budget() -> TimeBudget {
    invocation()
        .map_or(TimeBudget::UNLIMITED, |invocation| TimeBudget::UNLIMITED.at_most(invocation.remaining()))
}
