//! `reaper reject`: stop something held.

use kubeconfig::{IntakeId, RevocationId};
use revocation::Error;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Options;
use crate::{person, settings, target, terminal};

const AFTER: &str = "\
The access stays as it is. A held message is dismissed: nothing follows from it, and --note has to say why.

Examples:
  reaper status --held
  reaper reject 01980b5c-4d1e-7aaa-8000-000000000001 --note 'still needed until Friday'";

/// Options of `reject`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Id of the held revocation or message
    #[arg(value_name = "ID")]
    id: String,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    options: Options,
}

/// Rejects a revocation or dismisses a message.
pub(crate) async fn run(global: &Global, args: Args) -> Result<Exit, Failure> {
    let revocation: RevocationId = target::waiting(&args.id)?;
    let message: IntakeId = target::waiting(&args.id)?;
    let reaper = settings::reaper(global).await?;
    let cause = person::cause();
    match reaper.reject(revocation, None, args.note.clone(), &cause).await {
        Ok(outcome) => {
            let outcomes = [outcome];
            terminal::print(&args.options.list(&outcomes, &outcomes)?)?;
            Ok(Exit::worst(&outcomes))
        }
        // No revocation has this id: it may be a message's.
        Err(Error::NoSuchRevocation(_)) => {
            if !reaper.history().projection().await?.intakes.contains_key(&message) {
                return Err(Failure::new(Exit::NotFound, format!("nothing with the id {} waits", args.id))
                    .not_done("nothing was changed")
                    .next("`reaper status --held` lists what waits for a person"));
            }
            let note = args.note.ok_or_else(|| {
                Failure::new(Exit::Usage, "dismissing a message needs --note").not_done("nothing was changed")
            })?;
            reaper.dismiss(message, note, &cause).await?;
            terminal::say(&format!("message {message} is dismissed"));
            Ok(Exit::Done)
        }
        Err(error) => Err(error.into()),
    }
}
