//! `reaper emulate`: the emulated cloud alone.

use std::net::SocketAddr;
use std::path::PathBuf;

use cloud_emulator::{Emulator, Options, Scenario};

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::{stop, terminal};

const AFTER: &str = "\
The first line on stdout is one JSON document: endpoints by service, account id, test access keys, clusters and
identities. It stays until SIGTERM or Ctrl-C.

The emulated cloud speaks HTTP for CS, RAM, IMS, STS, SLS and ActionTrail and checks every signature. `control` among
the endpoints shows and changes its state: GET /state, GET /calls, POST /knobs, POST /clock and others.

Examples:
  reaper emulate
  reaper emulate --listen 127.0.0.1:9100 --scenario account.toml
  reaper emulate | jq .endpoints";

/// Options of `emulate`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Where to listen; the services get this port and those after it, with port 0 any that are free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The account at the start, as TOML or JSON; a small company if not given
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
}

/// Runs it until it is told to stop.
pub(crate) async fn run(args: &Args) -> Result<Exit, Failure> {
    let stop = stop::signalled()?;
    let scenario = args.scenario.as_ref().map_or_else(|| Ok(Scenario::believable()), scenario)?;
    let options = Options { listen: args.listen, ..Options::default() };
    let emulator = Emulator::start(scenario, options).await.map_err(|error| {
        Failure::new(Exit::Failed, chain(&error)).not_done("the emulated cloud was not started")
    })?;
    terminal::print(&format!("{}\n", emulator.describe()))?;
    stop.await;
    Ok(Exit::Done)
}

fn scenario(path: &PathBuf) -> Result<Scenario, Failure> {
    let wrong = |why: String| {
        Failure::new(Exit::Usage, format!("the scenario {} cannot be used: {why}", path.display()))
            .not_done("the emulated cloud was not started")
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
    } else {
        toml::from_str(&text).map_err(|error| wrong(error.to_string().trim().to_owned()))
    }
}
