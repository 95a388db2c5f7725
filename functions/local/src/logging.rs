//! Logs on stderr: lines for people from commands, JSON lines from what runs as a service.

use std::io;

use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::failure::Failure;

/// Starts logging.
///
/// # Errors
/// `RUST_LOG` cannot be read.
pub(crate) fn init(cli: &Cli) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Usage, error.to_string()).not_done("nothing was started")
    };
    if matches!(cli.command, Command::Serve(_) | Command::Function(_)) {
        return fc_runtime::init_logging().map_err(|error| failed(&error));
    }
    let usual = match cli.global.verbose {
        0 => "warn",
        1 => "info",
        _ => "debug",
    };
    let levels = std::env::var("RUST_LOG").ok().filter(|text| !text.is_empty());
    let levels = levels.as_deref().unwrap_or(usual);
    let targets: Targets = levels.parse().map_err(|_| {
        failed(&format!("RUST_LOG has to be a level or a list of target=level, not {levels:?}"))
    })?;
    // A stderr that nobody reads must not end the command.
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .without_time()
        .log_internal_errors(false)
        .with_writer(io::stderr);
    tracing_subscriber::registry().with(targets).with(lines).try_init().map_err(|error| failed(&error))
}
