//! `reaper`: the command line, and the host of all functions on one machine.
//!
//! Reading order: [`cli`] says what can be asked for, [`command`] has one file for each command, [`output`] shows
//! results, [`failure`] and [`exit`] say how a command ends. `serve` is put together in [`host`].

mod cli;
mod command;
mod demo;
mod exit;
mod failure;
mod host;
mod logging;
mod output;
mod person;
mod private;
mod settings;
mod stop;
mod target;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = logging::init(&cli).and_then(|()| command::run(cli));
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.tell();
            failure.exit.into()
        }
    }
}
