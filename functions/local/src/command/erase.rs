//! `reaper erase`: what is personal of an identity goes, what happened stays.

use event_store::StoreError;
use indicatif::ProgressBar;
use kubeconfig::Uid;
use revocation::{Erasure, Error, History};

use super::verify::bar;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{ErasedRow, Options};
use crate::{person, settings, target, terminal};

const AFTER: &str = "\
Names of people stand beside the events, not in them: what was hashed and sealed holds a salted hash in the place of each. \
Erasing deletes name and salt. The events, seals and proofs stay as they are and hold as before; \"(erased)\" is shown where a \
name was.

Erased are the names of the identity itself, in messages that were tied to it, and every text that holds its number or a name \
that no other identity ever bore: reasons, notes, commands, queries, messages that were not understood. Who gave commands \
under which name nobody but you can know: name it with --actor.

It is refused while access of the identity may be left, something about it is open, or it exists in RAM; --force does it all \
the same, and the next sweep learns the name of whoever is still there again. What was overridden is stored, and --reason with it.

Copies that were made before are not reached: files of `reaper store export`, exports of the history, backups, logs, and \
proofs that were given away. On Tablestore the service itself removes the bytes of what was overwritten.

Exit codes: 0 done, or nothing was left to do; 1 failed, or not confirmed; 4 refused; 5 nothing is known of the identity.

Examples:
  reaper erase --uid 200000000000000101 --dry-run
  reaper erase --uid 200000000000000101 --actor alice --yes";

/// Options of `erase`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The identity
    #[arg(long, value_name = "UID")]
    uid: String,
    /// A name under which the same person gave commands here; may be given several times
    #[arg(long = "actor", value_name = "NAME")]
    actors: Vec<String>,
    /// Why; it is stored, so it should not name the person
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Show what would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Erase although something speaks against it
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    options: Options,
}

/// Erases.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    if !args.dry_run && !args.yes && !terminal::somebody_there() {
        return Err(Failure::new(Exit::Usage, "there is no terminal to ask on")
            .not_done("nothing was erased")
            .next("look with --dry-run, then say --yes"));
    }
    let config = settings::load(global).await?;
    let store = match args.dry_run {
        true => revocation::open_read_only(&config)?,
        false => {
            let reaper = revocation::connect(config)?;
            // What waits there may have the name, and would bring it back.
            reaper.empty_outbox().await?;
            reaper.store().clone()
        }
    };
    let uid = target::uid(&args.uid, &History::new(store.clone())).await?;
    let reading = bar(store.as_ref(), 2).await;
    let found =
        revocation::find_personal(store.as_ref(), &uid, &args.actors, |read| reading.set_position(read))
            .await;
    reading.finish_and_clear();
    let erasure = found?;
    show(args, &erasure)?;
    if !erasure.known {
        return Err(Failure::new(Exit::NotFound, format!("nothing is known of identity {uid}"))
            .not_done("nothing was erased")
            .next("`reaper status` lists all that are known"));
    }
    if args.dry_run {
        erasure.objections.iter().for_each(|objection| terminal::say(&format!("against it: {objection}")));
        return Ok(if erasure.objections.is_empty() { Exit::Done } else { Exit::Refused });
    }
    if erasure.is_empty() && !erasure.erased_before {
        terminal::say("nothing is left to erase");
        return Ok(Exit::Done);
    }
    allowed(args, &uid, &erasure)?;
    let erasing = ProgressBar::new(erasure.len() as u64);
    let erased = erasure
        .carry_out(store.as_ref(), &uid, args.reason.as_deref(), &person::cause(), |gone| {
            erasing.set_position(gone);
        })
        .await;
    erasing.finish_and_clear();
    let erased = erased.map_err(interrupted)?;
    terminal::say(&format!("{erased} values are erased; copies that were made before still have them"));
    Ok(Exit::Done)
}

/// What would be erased, and what would be left.
fn show(args: &Args, erasure: &Erasure) -> Result<(), Failure> {
    let rows: Vec<ErasedRow> =
        erasure.counts.iter().map(|(name, values)| ErasedRow::new(name, *values)).collect();
    terminal::print(&args.options.list(&rows, &rows)?)?;
    for name in &erasure.strangers {
        terminal::say(&terminal::clean(&format!("--actor {name}: nobody acted under this name here")));
    }
    if erasure.ambiguous > 0 {
        terminal::say(&format!(
            "left: {} values with a name that other identities bore, too",
            erasure.ambiguous
        ));
    }
    if erasure.in_bytes > 0 {
        terminal::say(&format!(
            "left: {} values in events of an older form, which hold them in what was hashed",
            erasure.in_bytes
        ));
    }
    Ok(())
}

/// Whether nothing speaks against it, and the person says yes.
fn allowed(args: &Args, uid: &Uid, erasure: &Erasure) -> Result<(), Failure> {
    if !args.force && !erasure.objections.is_empty() {
        return Err(Failure::new(Exit::Refused, erasure.objections.join("; "))
            .not_done("nothing was erased")
            .next("end its access first (`reaper revoke`), or say --force"));
    }
    let question = format!("Erase {} values of {uid} for ever?", erasure.len());
    if !args.yes && !terminal::confirmed(&question)? {
        return Err(Failure::new(Exit::Failed, "not confirmed").not_done("nothing was erased"));
    }
    Ok(())
}

fn interrupted(error: Error) -> Failure {
    let busy = matches!(error, Error::Store(StoreError::Busy));
    let failure = Failure::from(error);
    match busy {
        true => failure
            .not_done("bytes of what was erased may be left in the file, as others kept it open for reading")
            .next("do it again: it goes on where it was"),
        false => failure.next("do it again: it goes on where it was"),
    }
}
