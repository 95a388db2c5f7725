//! `reaper demo`: the main job on an emulated cloud.

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

Examples:
  reaper demo --once
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
pub(crate) async fn run(args: &Args) -> Result<Exit, Failure> {
    let stop = stop::signalled()?;
    let stage = Stage::set().await?;
    let ended = story::tell(&stage).await?;
    if !args.once {
        terminal::print(&story::what_to_try(&stage)?)?;
        stop.await;
    }
    Ok(ended)
}
