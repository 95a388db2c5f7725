//! The commands, one file each.

pub(crate) mod approve;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod erase;
pub(crate) mod export;
pub(crate) mod function;
pub(crate) mod history;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod notify;
pub(crate) mod prove;
pub(crate) mod reject;
pub(crate) mod replay;
pub(crate) mod revoke;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod sweep;
pub(crate) mod token;
pub(crate) mod verify;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;

/// Runs the command.
///
/// # Errors
/// What happened, what was not done and what to do next.
pub(crate) fn run(cli: Cli) -> Result<Exit, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(dispatch(cli))
}

async fn dispatch(Cli { global, command }: Cli) -> Result<Exit, Failure> {
    match command {
        Command::Status(args) => status::run(&global, &args).await,
        Command::History(args) => history::run(&global, &args).await,
        Command::Export(args) => export::run(&global, &args).await,
        Command::Revoke(args) => revoke::run(&global, &args).await,
        Command::Approve(args) => approve::run(&global, args).await,
        Command::Reject(args) => reject::run(&global, args).await,
        Command::Sweep(args) => sweep::run(&global, &args).await,
        Command::Replay(args) => replay::run(&global, &args).await,
        Command::Inspect(args) => inspect::run(&global, &args).await,
        Command::Verify(args) => verify::run(&global, &args).await,
        Command::Prove(args) => prove::run(&global, &args).await,
        Command::Key(args) => key::run(&global, &args).await,
        Command::Doctor(args) => doctor::run(&global, &args).await,
        Command::Erase(args) => erase::run(&global, &args).await,
        Command::Store(args) => store::run(&global, &args).await,
        Command::Notify(args) => notify::run(&global, args).await,
        Command::Serve(args) => serve::run(&global, args).await,
        Command::Demo(args) => demo::run(&global, &args).await,
        Command::Emulate(args) => emulate::run(&global, &args).await,
        Command::Token(args) => token::run(&args),
        Command::Config(args) => config::run(&global, &args).await,
        Command::Completions(args) => completions::run(&args),
        Command::Function(args) => function::run(&global, &args).await,
    }
}
