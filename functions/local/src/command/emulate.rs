//! `reaper emulate`: the emulated cloud alone.

use std::net::SocketAddr;
use std::path::PathBuf;

use cloud_emulator::deployment::endpoint_variables;
use cloud_emulator::{Emulator, Options, Scenario};
use revocation::config::StoreKind;

use crate::cli::{Global, StoreChoice};
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::{stop, terminal};

const AFTER: &str = "\
The first line on stdout is one JSON document: endpoints by service, account id, test access keys, clusters and \
identities. It stays until SIGTERM or Ctrl-C.

The emulated cloud speaks HTTP for CS, RAM, IMS, STS, SLS, ActionTrail, OSS and Tablestore and checks every signature. \
`control` among the endpoints shows and changes its state: GET /state, GET /calls, POST /knobs, POST /clock and others.

Events go to the file emulated.sqlite, or with --store tablestore to the emulated Tablestore, where `reaper store init` \
makes the tables.

Examples:
  reaper emulate
  reaper emulate --listen 127.0.0.1:9100 --scenario account.toml
  reaper emulate --env emulated.env &  then  . ./emulated.env  and any other command of reaper
  reaper emulate --env emulated.env --store tablestore &  then  . ./emulated.env; reaper store init
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
    /// Write a file for the shell that leads `reaper` to it, with the credentials of a role
    #[arg(long, value_name = "FILE")]
    env: Option<PathBuf>,
}

/// Runs it until it is told to stop.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let stop = stop::signalled()?;
    let scenario = args.scenario.as_ref().map_or_else(|| Ok(Scenario::believable()), scenario)?;
    let options = Options { listen: args.listen, ..Options::default() };
    let emulator = Emulator::start(scenario, options).await.map_err(|error| {
        Failure::new(Exit::Failed, chain(&error)).not_done("the emulated cloud was not started")
    })?;
    if let Some(path) = &args.env {
        std::fs::write(path, variables(&emulator, global.store.as_ref()))?;
    }
    terminal::print(&format!("{}\n", emulator.describe()))?;
    stop.await;
    Ok(Exit::Done)
}

/// Lines for the shell. The credentials open the emulated account alone; sessions of roles come before access keys.
fn variables(emulator: &Emulator, store: Option<&StoreChoice>) -> String {
    let mut variables = endpoint_variables(emulator);
    variables.push(("REAPER_CLOUD_CALLS_PER_SECOND".to_owned(), "1000".to_owned()));
    // What happened to an emulated account has no place among the events of a real one.
    let (variable, value) = match store {
        Some(StoreChoice::Kind(StoreKind::Tablestore)) => ("REAPER_STORE_KIND", "tablestore".to_owned()),
        Some(StoreChoice::File(path)) => ("REAPER_STORE_PATH", path.to_string_lossy().into_owned()),
        _ => ("REAPER_STORE_PATH", "emulated.sqlite".to_owned()),
    };
    variables.push((variable.to_owned(), value));
    let description = emulator.describe();
    let keys = description["access_keys"].as_array().map_or(&[][..], Vec::as_slice);
    let key = keys.iter().find(|key| key["security_token"].is_string()).or(keys.first());
    let credentials = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "access_key_id"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "access_key_secret"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "security_token"),
    ];
    for (variable, part) in credentials {
        if let Some(value) = key.and_then(|key| key[part].as_str()) {
            variables.push((variable.to_owned(), value.to_owned()));
        }
    }
    let quoted = |value: &str| value.replace('\'', r"'\''");
    variables.iter().map(|(name, value)| format!("export {name}='{}'\n", quoted(value))).collect()
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
