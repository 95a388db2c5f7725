//! `reaper doctor`: whether everything is there that Reaper needs.

use revocation::doctor::{Grade, examine};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{FindingRow, Options};
use crate::{settings, terminal};

const AFTER: &str = "\
Reads the configuration, asks the cloud who calls and what may be called, and looks into the store. Nothing is changed, \
nothing is stored, and no message is sent. It asks with the credentials it finds: run it with those of a function's role to \
learn what that function may do.

Results: ok; warn: it works, and somebody should look; fail: something does not work; skip: not looked at.
Exit codes: 0 nothing failed, warnings or not; 1 something failed; 2 the configuration is wrong.

Examples:
  reaper doctor                       before the first sweep, and when something is odd
  reaper doctor -o json               for a program: check, about, result, found, next";

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(flatten)]
    options: Options,
}

/// Examines.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let config = settings::load(global).await?;
    let rows: Vec<_> = examine(&config).await.into_iter().map(FindingRow).collect();
    terminal::print(&args.options.list(&rows, &rows)?)?;
    let count = |grade| rows.iter().filter(|row| row.0.result == grade).count();
    let (failed, warned) = (count(Grade::Fail), count(Grade::Warn));
    if args.options.for_people() {
        terminal::say(&format!("{failed} failed, {warned} to look at, {} fine", count(Grade::Ok)));
    }
    Ok(if failed > 0 { Exit::Failed } else { Exit::Done })
}
