//! `reaper approve`: let something held go on.

use kubeconfig::{IntakeId, RevocationId};
use revocation::{Receipt, TimeBudget};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Options;
use crate::{person, settings, target, terminal};

const AFTER: &str = "\
A held revocation is checked again and carried out. The one who asked may not also approve it, unless \
policy.second_person is false.

A held message is a deletion whose name could not be tied to one identity: --uid says whose name it was. The cloud has \
to confirm that this identity is gone.

Examples:
  reaper status --held
  reaper approve 01980b5c-4d1e-7aaa-8000-000000000001 --note 'checked with the team'
  reaper approve 4f1c2b3a-0000-5000-8000-000000000001 --uid 200000000000000104";

/// Options of `approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Id of the held revocation; with --uid, of the held message
    #[arg(value_name = "ID")]
    id: String,
    /// Whose name the message means
    #[arg(long, value_name = "UID", conflicts_with = "note")]
    uid: Option<String>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    options: Options,
}

/// Approves a revocation or resolves a message.
pub(crate) async fn run(global: &Global, args: Args) -> Result<Exit, Failure> {
    let reaper = settings::reaper(global).await?;
    let cause = person::cause();
    let outcomes = match &args.uid {
        None => {
            let revocation: RevocationId = target::waiting(&args.id)?;
            vec![reaper.approve(revocation, None, args.note.clone(), &cause, TimeBudget::UNLIMITED).await?]
        }
        Some(uid) => {
            let message: IntakeId = target::waiting(&args.id)?;
            let uid = target::uid(uid, reaper.history()).await?;
            match reaper.resolve_by_hand(message, uid, &cause, TimeBudget::UNLIMITED).await? {
                Receipt::Revoked { outcomes, .. } => outcomes,
                _ => vec![],
            }
        }
    };
    terminal::print(&args.options.list(&outcomes, &outcomes)?)?;
    Ok(Exit::worst(&outcomes))
}
