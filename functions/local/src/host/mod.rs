//! All functions and the timer in one process.

pub(crate) mod emulated;
mod every;
mod listen;
mod notifier;
mod sweeper;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use console::Console;
use fc_runtime::{Environment, Runtime};
use futures::FutureExt as _;
use history::Archive;
use http_api::{Api, Callers};
use revocation::{Config, Reaper};
use tokio::sync::oneshot;

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::{stop, terminal};
use emulated::EmulatedCloud;

/// Serves until the process is told to stop; then requests in flight and the running step of a sweep are finished.
///
/// # Errors
/// The address cannot be listened on, or must not be.
pub(crate) async fn run(
    config: Config,
    reaper: Reaper,
    cloud: Option<EmulatedCloud>,
) -> Result<Exit, Failure> {
    let stop = stop::signalled()?.boxed().shared();
    let wrong = |error: &dyn std::error::Error| {
        Failure::new(Exit::Usage, chain(error)).not_done("nothing was started")
    };
    let callers = Callers::of(&config).map_err(|error| wrong(&error))?;
    let nobody = callers.is_empty();
    let listener = listen::open(&config.api, nobody).await?;
    let address = listener.local_addr()?;
    let reaper = Arc::new(reaper);
    let router = api(&reaper, &Console::of_one_process(&config)).router(callers);
    // Outside Function Compute no header of a request is the platform's word, whatever the environment says.
    let outside = Environment::from_lookup(|_| None).map_err(|error| wrong(&error))?;
    if let Some(cloud) = &cloud {
        cloud.bring_events_to(&reaper)?;
    }
    introduce(&format!("http://{address}"), nobody, cloud.as_ref())?;

    let (serving, served) = oneshot::channel::<()>();
    let until = futures::future::select(stop.clone(), served);
    let until = until.map(|_| ()).shared();
    let notifier = tokio::spawn(notifier::run(reaper.clone(), until.clone()));
    let sweeper = tokio::spawn(sweeper::run(reaper, until));
    let ended = Runtime::new()
        .environment(outside)
        .http(router)
        .http_body_limit(revoke::HTTP_BODY_MAX)
        .serve(listener, stop)
        .await;
    stop::STOPPING.store(true, Ordering::Relaxed);
    drop(serving);
    // The sweep ends after its step, the notifier after its message.
    let _ = sweeper.await;
    let _ = notifier.await;
    ended.map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    Ok(Exit::Done)
}

/// The interfaces of all functions as one.
fn api(reaper: &Arc<Reaper>, console: &Console) -> Api {
    revoke::api(reaper.clone(), console).merge(history::api(Archive::of(reaper.history().clone()), console))
}

fn introduce(address: &str, nobody: bool, cloud: Option<&EmulatedCloud>) -> Result<(), Failure> {
    let mut text =
        format!("listening on {address}, described at {address}/openapi.json, pages at {address}/\n");
    if nobody {
        text +=
            "nobody may call yet: `reaper token NAME ROLE` makes a token, its entry goes into api.tokens\n";
    }
    text += &cloud.map(EmulatedCloud::introduction).unwrap_or_default();
    terminal::print(&text)?;
    Ok(())
}
