//! Function behind an HTTP trigger: shows what is stored. It never calls the cloud, and writes nothing but who looked, where it
//! cannot touch the log.

mod archive;
mod as_of;
mod checkpoint;
mod console;
mod events;
mod example;
mod export;
mod panels;

use ::console::Console;
use axum::Router;
use fc_runtime::{Error, Runtime};
use http_api::{Api, Callers};
use revocation::Config;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use archive::Archive;

/// The function, ready to run. The store is opened at the first request: it may not exist yet.
///
/// # Errors
/// The configuration cannot be used.
pub fn function(config: Config) -> Result<Runtime, Error> {
    revocation::store_is_built_in(&config)?;
    let callers = Callers::of(&config)?;
    let console = Console::new(&config);
    Ok(Runtime::new().http(router(Archive::at(config), callers, &console)))
}

/// The routes of this function alone.
pub fn router(archive: Archive, callers: Callers, console: &Console) -> Router {
    api(archive, console).router(callers)
}

/// The routes and pages, to be merged with those of other functions.
pub fn api(archive: Archive, console: &Console) -> Api {
    let routes = OpenApiRouter::default()
        .routes(routes!(panels::overview))
        .routes(routes!(panels::clusters))
        .routes(routes!(panels::cluster))
        .routes(routes!(panels::identity))
        .routes(routes!(panels::leftovers))
        .routes(routes!(panels::held))
        .routes(routes!(panels::kubeconfigs))
        .routes(routes!(panels::kubeconfig))
        .routes(routes!(panels::why))
        .routes(routes!(panels::time_to_revoke))
        .routes(routes!(events::events))
        .routes(routes!(events::count))
        .routes(routes!(export::export))
        .routes(routes!(checkpoint::checkpoint));
    console::with_pages(Api::new(routes.with_state(archive.clone())), archive, console)
}
