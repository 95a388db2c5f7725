//! `reaper demo`: the main job on an emulated cloud.

use revocation::config::StoreKind;

use crate::cli::{Global, StoreChoice};
use crate::demo::{Stage, story};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{stop, terminal};

const AFTER: &str = "\
Starts an emulated Alibaba Cloud with a small company's account, and Reaper's four functions as processes behind an \
emulated Function Compute. Deletes the RAM user alice, lets EventBridge tell it, and shows what happens. Nothing outside \
this machine is called, and nothing is kept.

With --once the exit code is 0 only if alice's certificates are no longer let in, read back from the cloud. Without, it \
stays up for trying things out until Ctrl-C.

The events go to a file, or with --store tablestore to the tables of an emulated Tablestore.

Examples:
  reaper demo --once
  reaper demo --once --store tablestore
  reaper demo";

/// Options of `demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Tell the story and end
    #[arg(long)]
    once: bool,
}

/// Tells the story.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let kind = match &global.store {
        None => StoreKind::Sqlite,
        Some(StoreChoice::Kind(kind)) => *kind,
        Some(StoreChoice::File(_)) => {
            return Err(Failure::new(Exit::Usage, "the demo keeps its events in a store of its own")
                .not_done("nothing was started")
                .next("name a kind of store, --store sqlite or --store tablestore, or none"));
        }
    };
    let stop = stop::signalled()?;
    let stage = Stage::set(kind).await?;
    let ended = story::tell(&stage).await?;
    if !args.once {
        terminal::print(&story::what_to_try(&stage)?)?;
        stop.await;
    }
    Ok(ended)
}
