//! What can be asked for: the commands, and what all of them take.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser as _};
use clap::{ArgAction, Parser, Subcommand};
use revocation::config::StoreKind;

use crate::command::{
    approve, completions, config, demo, doctor, emulate, erase, export, function, history, inspect, key,
    notify, prove, reject, replay, revoke, serve, status, store, sweep, token, verify,
};

/// Shown under the list of commands.
const AFTER: &str = "\
Exit codes:
  0  done, or nothing was left to do
  1  failed; what was stored before stands, and the next sweep goes on from there
  2  the command line or the configuration is wrong; nothing was done
  3  held: a person has to approve, reject or resolve it
  4  refused by a rule, or not allowed to you
  5  not found
  6  not known yet: a call is under way or its outcome is unknown; the next sweep finds out
  7  what is stored is not what was sealed, or a proof does not hold
  8  what is stored was sealed, or a proof signed, by a key that is not known
  Of several outcomes the first of 1, 6, 3, 4 counts.

Configuration comes from a TOML file and from variables REAPER_… over it; `reaper config --keys` lists all of them. \
Credentials of the cloud come from ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET and \
ALIBABA_CLOUD_SECURITY_TOKEN, or from the profile of the `aliyun` command line.

Examples:
  reaper doctor                              what is missing before the first sweep
  reaper sweep --dry-run                     what would be found and revoked
  reaper status --leftovers                  what deleted users and roles left behind
  reaper revoke 200000000000000101 --all     end the access of one identity everywhere
  reaper history --uid 200000000000000101    what happened, who asked and why";

/// Removes Kubernetes access that should no longer exist: finds the kubeconfigs and permissions of deleted, expired
/// and unwanted identities in ACK and ACS clusters, deletes them, reads the result back and keeps the history.
#[derive(Debug, Parser)]
#[command(name = "reaper", version, after_help = AFTER, max_term_width = 110)]
pub(crate) struct Cli {
    /// What all commands take.
    #[command(flatten)]
    pub(crate) global: Global,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Global {
    /// Configuration file (TOML), or an object of OSS, oss://BUCKET/PATH
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "REAPER_CONFIG",
        hide_env_values = true,
        help_heading = "Everywhere"
    )]
    pub(crate) config: Option<PathBuf>,
    /// SQLite file that holds the events, or a kind of store: sqlite or tablestore (`./sqlite` is a file)
    #[arg(
        long,
        global = true,
        value_name = "STORE",
        value_parser = PathBufValueParser::new().map(StoreChoice::from),
        help_heading = "Everywhere"
    )]
    pub(crate) store: Option<StoreChoice>,
    /// Tell more on stderr; twice for everything. RUST_LOG, if set, decides instead
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,
}

/// What `--store` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreChoice {
    /// A kind of store; the configuration says which.
    Kind(StoreKind),
    /// A SQLite file.
    File(PathBuf),
}

impl From<PathBuf> for StoreChoice {
    fn from(path: PathBuf) -> Self {
        match path.to_str() {
            Some("sqlite") => Self::Kind(StoreKind::Sqlite),
            Some("tablestore") => Self::Kind(StoreKind::Tablestore),
            _ => Self::File(path),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Tell the main job on an emulated cloud, with nothing set up
    Demo(demo::Args),
    /// Show who has access to what, and what of it should not be
    Status(status::Args),
    /// Search the events: what happened, when, by whom and why
    History(history::Args),
    /// Write events to a file: CSV, CloudEvents or OCSF
    Export(export::Args),
    /// End an identity's access to clusters
    Revoke(revoke::Args),
    /// Let a held revocation go on, or say whose a deleted name was
    Approve(approve::Args),
    /// Stop a held revocation, or dismiss a held message
    Reject(reject::Args),
    /// Look at everything now, finish what was left open, revoke what is due
    Sweep(sweep::Args),
    /// Take a recorded deletion event again
    Replay(replay::Args),
    /// Show whose a kubeconfig file or certificate is, and until when it is valid
    Inspect(inspect::Args),
    /// Find out whether what is stored is what was sealed, or whether a proof holds
    Verify(verify::Args),
    /// Make a proof of an event that others can check
    Prove(prove::Args),
    /// Erase what is personal of an identity, without breaking seals and proofs
    Erase(erase::Args),
    /// Make, show or replace the key that seals the events
    Key(key::Args),
    /// Look whether everything is there that Reaper needs
    Doctor(doctor::Args),
    /// Make, check, export or import the event store
    Store(store::Args),
    /// Try out who is told of what happens
    Notify(notify::Args),
    /// Run all functions and the timer in this process
    Serve(serve::Args),
    /// Run the emulated cloud alone
    Emulate(emulate::Args),
    /// Make a token for the HTTP interface
    Token(token::Args),
    /// Show the configuration in effect, or all of its keys
    Config(config::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Run one function the way Function Compute starts it
    #[command(hide = true)]
    Function(function::Args),
}
