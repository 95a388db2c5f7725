//! Function behind an HTTP trigger: asks for revocations, decides on what is held, takes messages, hears chats.
//!
//! An answer is 200 where everything is over and 202 where something goes on: a revocation waits for a person, or for
//! the next sweep. What became of each pair stands in the body either way: one refusal among ten outcomes is no error.

mod chat;
mod commands;
mod console;
mod decisions;
mod example;
mod inspections;
mod messages;

use std::sync::Arc;
use std::time::Duration;

use ::console::Console;
use axum::Router;
use axum::http::StatusCode;
use fc_runtime::{Error, Runtime, invocation};
use http_api::{Api, Callers, Principal};
use revocation::views::RevocationOutcome;
use revocation::{Cause, Config, Reaper, TimeBudget, connect};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The longest that a client waits. One deletion takes seconds; what does not fit goes on with the next sweep.
const WORK_MAX: Duration = Duration::from_secs(50);

/// Time left to Function Compute for the answer.
const TIME_TO_ANSWER: Duration = Duration::from_secs(3);

/// Largest body that is let through to the routes, in bytes: Function Compute's own bound. The routes have lower
/// bounds of their own, and answer what lies above them as a problem.
pub const HTTP_BODY_MAX: usize = 32 * 1024 * 1024;

/// The function, ready to run, with the parts that the configuration names.
///
/// # Errors
/// The configuration, or what it names, cannot be used.
pub fn function(config: Config) -> Result<Runtime, Error> {
    let callers = Callers::of(&config)?;
    let console = Console::new(&config);
    let reaper = Arc::new(connect(config)?);
    Ok(Runtime::new().http(router(reaper, callers, &console)).http_body_limit(HTTP_BODY_MAX))
}

/// The routes of this function alone.
pub fn router(reaper: Arc<Reaper>, callers: Callers, console: &Console) -> Router {
    api(reaper, console).router(callers)
}

/// The routes and forms, to be merged with those of other functions.
pub fn api(reaper: Arc<Reaper>, console: &Console) -> Api {
    let routes = OpenApiRouter::default()
        .routes(routes!(commands::revoke))
        .routes(routes!(decisions::approve))
        .routes(routes!(decisions::reject))
        .routes(routes!(decisions::resolve))
        .routes(routes!(decisions::dismiss))
        .routes(routes!(messages::receive))
        .routes(routes!(inspections::inspect))
        .routes(routes!(chat::slack::command))
        .routes(routes!(chat::slack::action))
        .routes(routes!(chat::dingtalk::message))
        .routes(routes!(chat::feishu::event))
        .routes(routes!(chat::feishu::card))
        .routes(routes!(chat::continuation::go_on));
    console::with_forms(Api::new(routes.with_state(reaper.clone())), reaper, console)
}

fn cause(principal: &Principal) -> Cause {
    Cause::new(principal.actor()).within(principal.scope().clone())
}

/// The time of the invocation, or as long as a client waits.
fn budget() -> TimeBudget {
    budget_of(WORK_MAX)
}

fn budget_of(most: Duration) -> TimeBudget {
    let left = invocation().map(|invocation| invocation.remaining().saturating_sub(TIME_TO_ANSWER));
    TimeBudget::UNLIMITED.at_most(left.map_or(most, |left| left.min(most)))
}

/// Does the work to its end, also when the client hangs up: between a call to the cloud and the fact that tells of it is
/// no place to stop.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    // The credentials of the invocation go with the work.
    let work = match invocation() {
        Some(invocation) => tokio::spawn(invocation.scope(work)),
        None => tokio::spawn(work),
    };
    match work.await {
        Ok(done) => done,
        // Nobody aborts it: it can only have panicked, and that is the edge's to answer.
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// 202 where a revocation is still open.
fn status<'a>(outcomes: impl IntoIterator<Item = &'a RevocationOutcome>) -> StatusCode {
    let open = outcomes.into_iter().any(|outcome| outcome.pair.open_revocation.is_some());
    if open { StatusCode::ACCEPTED } else { StatusCode::OK }
}
