//! `reaper replay`: take a recorded event again.

use std::io::Read as _;
use std::path::PathBuf;

use kubeconfig::intake::{Deletion, Unresolved};
use revocation::views::RevocationOutcome;
use revocation::{Receipt, Rehearsal, TimeBudget};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Options};
use crate::{person, settings, terminal};

const AFTER: &str = "\
FILE holds what EventBridge delivers: a CloudEvent, or an array of them. Taking an event twice changes nothing more \
than taking it once; what is deleted is decided by what the cloud says now, not by the event.

Examples:
  reaper replay deleted-user.json --dry-run     what would be revoked; stores nothing
  reaper replay deleted-user.json --execute     as if EventBridge delivered it now
  jq .event lost.json | reaper replay - --execute";

/// The longest input, in bytes: as much as one call of a function may carry.
const MAX_INPUT: u64 = 32 << 20;

/// Options of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// File with the event; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say how it is understood and what would follow; nothing is stored
    #[arg(long, required_unless_present = "execute", conflicts_with = "execute")]
    dry_run: bool,
    /// Take it as if it were delivered now
    #[arg(long)]
    execute: bool,
    #[command(flatten)]
    options: Options,
}

/// Rehearses or takes the events.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let body = read(args)?;
    let reaper = settings::reaper(global).await?;
    if args.dry_run {
        let rehearsals = reaper.rehearse(&body).await?;
        let stories: Vec<Story> = rehearsals.iter().map(of_rehearsal).collect();
        return show(args, &rehearsals, &stories);
    }
    let receipts = reaper.receive(&body, &person::cause(), TimeBudget::UNLIMITED).await?;
    let stories: Vec<Story> = receipts.iter().map(of_receipt).collect();
    show(args, &receipts, &stories)
}

fn read(args: &Args) -> Result<Vec<u8>, Failure> {
    let mut body = vec![];
    let read = if args.file.as_os_str() == "-" {
        std::io::stdin().take(MAX_INPUT + 1).read_to_end(&mut body)
    } else {
        std::fs::File::open(&args.file).and_then(|file| file.take(MAX_INPUT + 1).read_to_end(&mut body))
    };
    let failed = |why: String| Failure::new(Exit::Failed, why).not_done("nothing was replayed");
    read.map_err(|error| failed(format!("{} cannot be read: {error}", args.file.display())))?;
    if u64::try_from(body.len()).is_ok_and(|length| length > MAX_INPUT) {
        return Err(failed(format!("{} is longer than 32 MiB", args.file.display())));
    }
    Ok(body)
}

/// What became, or would become, of one event.
struct Story<'a> {
    text: String,
    exit: Exit,
    outcomes: &'a [RevocationOutcome],
}

fn show(args: &Args, document: &impl serde::Serialize, stories: &[Story<'_>]) -> Result<Exit, Failure> {
    let outcomes: Vec<RevocationOutcome> = stories.iter().flat_map(|story| story.outcomes).cloned().collect();
    let mut text = args.options.list(&outcomes, document)?;
    if args.options.for_people() {
        let lines: String = stories.iter().map(|story| format!("{}\n", output::clean(&story.text))).collect();
        text = if outcomes.is_empty() { lines } else { format!("{lines}\n{text}") };
    }
    terminal::print(&text)?;
    Ok(Exit::first(&stories.iter().map(|story| story.exit).collect::<Vec<_>>()))
}

fn of_rehearsal(rehearsal: &Rehearsal) -> Story<'_> {
    let plain = |text: String, exit| Story { text, exit, outcomes: &[] };
    match rehearsal {
        Rehearsal::Ignore { because } => plain(format!("nothing would follow: {because}"), Exit::Done),
        Rehearsal::Keep { problem } => {
            plain(format!("not understood, would be kept: {problem}"), Exit::Failed)
        }
        Rehearsal::Learn { what } => plain(format!("would be learned: {what}"), Exit::Done),
        Rehearsal::Wait { deletion, reason } => {
            let why = match reason {
                Unresolved::NobodyFound => "nobody is known to have borne the name then".to_owned(),
                Unresolved::Ambiguous { candidates } => {
                    let all: Vec<&str> = candidates.iter().map(kubeconfig::Uid::as_str).collect();
                    format!("it may mean {}", all.join(" or "))
                }
            };
            plain(format!("{}; would wait for a person: {why}", deleted(deletion)), Exit::Held)
        }
        Rehearsal::Revoke { deletion, uid, by, outcomes } => {
            let by = by.map_or("as resolved before".to_owned(), |by| format!("known by {by:?}"));
            let text = format!("{}; that is {uid}, {by}", deleted(deletion));
            Story { text, exit: Exit::worst(outcomes), outcomes }
        }
    }
}

fn deleted(deletion: &Deletion) -> String {
    let Deletion { kind, name, deleted_at, .. } = deletion;
    format!("{kind} {name} was deleted at {deleted_at}")
}

fn of_receipt(receipt: &Receipt) -> Story<'_> {
    let plain = |text: String, exit| Story { text, exit, outcomes: &[] };
    match receipt {
        Receipt::Irrelevant { because } => plain(format!("nothing follows: {because}"), Exit::Done),
        Receipt::Learned { facts } => plain(format!("{facts} facts learned"), Exit::Done),
        Receipt::NotUnderstood { intake, problem } => {
            plain(format!("not understood, kept as intake/{intake}: {problem}"), Exit::Failed)
        }
        Receipt::Unresolved { intake } => plain(
            format!(
                "waits for a person: reaper approve {intake} --uid UID, or reaper reject {intake} --note TEXT"
            ),
            Exit::Held,
        ),
        Receipt::Revoked { intake, uid, outcomes } => {
            Story { text: format!("message {intake} means {uid}"), exit: Exit::worst(outcomes), outcomes }
        }
        Receipt::Lapsed { intake } => {
            plain(format!("nobody said in time whose name message {intake} means: it has lapsed"), Exit::Done)
        }
        Receipt::Dismissed { intake } => {
            plain(format!("a person has dismissed message {intake} before"), Exit::Done)
        }
    }
}
