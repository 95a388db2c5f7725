//! `reaper sweep`: look at everything now.

use revocation::{Swept, TimeBudget, counted};
use serde::Serialize;

use kubeconfig::run::SweepReport;
use revocation::views::RevocationOutcome;

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Options};
use crate::{person, settings, stop, terminal};

const AFTER: &str = "\
Finishes what was left open, reads every cluster and identity, and asks for what is due: access of deleted identities, \
and expired kubeconfigs unless sweep.expired is false. Several sweeps at once do no harm.
Exit codes: 0 everything was seen; 1 parts could not be read; 6 the time budget ended first, the next sweep goes on.

Examples:
  reaper sweep --dry-run        what would be found and revoked; stores nothing
  reaper sweep                  once, e.g. from cron; `reaper serve` sweeps by itself
  reaper sweep -o json          the report for a program";

/// Options of `sweep`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Only say what would be found and revoked; nothing is stored
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    options: Options,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<String>,
    report: &'a SweepReport,
    outcomes: &'a [RevocationOutcome],
}

/// Sweeps once.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let reaper = settings::reaper(global).await?;
    let cause = person::cause_of_sweep();
    let swept = if args.dry_run {
        reaper.sweep_dry_run(&cause).await?
    } else {
        // An interrupted sweep ends after its step instead of in it.
        tokio::spawn(stop::signalled()?);
        reaper.sweep(&cause, TimeBudget::UNLIMITED.unless(&stop::STOPPING)).await?
    };
    show(args, &swept)?;
    Ok(match &swept.report {
        report if report.errors > 0 => Exit::Failed,
        report if report.next.is_some() => Exit::Unknown,
        _ => Exit::Done,
    })
}

fn show(args: &Args, swept: &Swept) -> Result<(), Failure> {
    let Swept { run, report, outcomes } = swept;
    let run = (!args.dry_run).then(|| run.to_string());
    let mut text = args.options.list(outcomes, &Shown { run, report, outcomes })?;
    if matches!(args.options.output, Format::Table | Format::Wide) {
        text = if outcomes.is_empty() { String::new() } else { text + "\n" } + &summary(args.dry_run, report);
    }
    terminal::print(&text)?;
    Ok(())
}

fn summary(dry_run: bool, report: &SweepReport) -> String {
    let SweepReport {
        clusters, identities, pairs, changes, requested, confirmed, held, errors, next, ..
    } = report;
    let seen = format!(
        "saw {}, {}, {}; {}",
        counted(*clusters, "cluster", "clusters"),
        counted(*identities, "identity", "identities"),
        counted(*pairs, "kubeconfig", "kubeconfigs"),
        counted(*changes, "change", "changes"),
    );
    let unread = match errors {
        0 => String::new(),
        errors => format!("; {} could not be read", counted(*errors, "part", "parts")),
    };
    let requested = counted(*requested, "revocation", "revocations");
    if dry_run {
        return format!("{seen}{unread}; would ask for {requested}; nothing was stored\n");
    }
    let rest = if next.is_some() { "; time was up, the next sweep goes on" } else { "" };
    format!("{seen}; asked for {requested}, {confirmed} confirmed, {held} held{unread}{rest}\n")
}
