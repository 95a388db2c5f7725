//! `reaper function`: one function, as its own binary would run it.

use clap::ValueEnum;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::settings;

/// Options of `function`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The function
    #[arg(value_name = "NAME", value_enum)]
    name: Name,
}

/// A function.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    /// EventBridge: deleted users and roles
    IdentityDeleted,
    /// Timer: the sweep
    ExpirySweep,
    /// HTTP: revocations and decisions
    Revoke,
    /// HTTP: what is stored
    History,
}

/// Serves until it is told to stop.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let config = settings::load(global).await?;
    let function = match args.name {
        Name::IdentityDeleted => identity_deleted::function(config),
        Name::ExpirySweep => expiry_sweep::function(config),
        Name::Revoke => revoke::function(config),
        Name::History => history::function(config),
    };
    let function = function.map_err(|error| Failure::new(Exit::Usage, chain(error.as_ref())))?;
    function.run().await.map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
    Ok(Exit::Done)
}
