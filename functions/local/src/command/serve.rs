//! `reaper serve`: all functions and the timer in one process.

use std::net::SocketAddr;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::host::{self, emulated};
use crate::settings;

const AFTER: &str = "\
The supported way for one machine: the HTTP interface of the functions revoke and history, events of EventBridge at \
POST /v1/events, and a sweep at the start and every sweep.interval_seconds. Stops at SIGTERM or Ctrl-C after the step that \
is running; what is left open, the next start finishes. Logs are JSON lines on stderr.

Callers need tokens: `reaper token NAME ROLE` makes one. Without any the interface answers 401 to everybody, and it \
does not listen beyond this machine.

Examples:
  reaper serve
  reaper serve --listen 0.0.0.0:8080        behind a proxy that ends TLS
  reaper serve --emulated                   on an emulated cloud, to try it out
  reaper serve --emulated --store tablestore";

/// Options of `serve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Where to listen, in place of `api.listen`
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// On an emulated cloud, with a store of its own unless --store names a file: one in a file, or with --store
    /// tablestore on the emulated Tablestore
    #[arg(long)]
    emulated: bool,
}

/// Serves until it is told to stop.
pub(crate) async fn run(global: &Global, args: Args) -> Result<Exit, Failure> {
    let mut config = settings::load(global).await?;
    if let Some(listen) = args.listen {
        config.api.listen = listen.to_string();
    }
    if !args.emulated {
        let reaper = revocation::connect(config.clone())?;
        return host::run(config, reaper, None).await;
    }
    let (cloud, reaper) = emulated::start(&mut config, global.store.as_ref()).await?;
    host::run(config, reaper, Some(cloud)).await
}
