//! `reaper export`: the events of a query as a file.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use indicatif::ProgressBar;
use kubeconfig::EventId;
use revocation::{Export, ExportFormat};

use super::history::{Terms, query};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{person, settings, terminal};

const AFTER: &str = "\
The oldest events come first. That an export began and was taken are events themselves. An export that breaks off says how to go \
on; the lines that were written before it stand.

Examples:
  reaper export 'cluster:prod since:90d' --format csv --file prod.csv
  reaper export 'type:RevocationConfirmed recorded:2026-01-01..2026-02-01' --format ocsf | siem-loader
  reaper export --format ndjson --after 0198… --file all.ndjson    adds to the file";

/// Options of `export`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// What is asked for, as in `reaper history`; everything if nothing is said
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    #[command(flatten)]
    terms: Terms,
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// File to write, which must not exist unless --after adds to it; standard output if left out
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Go on behind this event, the last that an earlier export has
    #[arg(long, value_name = "ID", value_parser = str::parse::<EventId>)]
    after: Option<EventId>,
}

/// A format of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A CloudEvent 1.0 a line
    Ndjson,
    /// Comma-separated values for spreadsheets, safe against formulas
    Csv,
    /// A batch of CloudEvents: one JSON array
    Cloudevents,
    /// An event of the Open Cybersecurity Schema Framework 1.7.0 a line
    Ocsf,
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson,
            Format::Csv => Self::Csv,
            Format::Cloudevents => Self::CloudEvents,
            Format::Ocsf => Self::Ocsf,
        }
    }
}

/// Writes the events.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let query = query(&args.query, &args.terms)?;
    if args.after.is_some() && args.format == Format::Cloudevents {
        return Err(Failure::new(Exit::Usage, "a batch is one document: nothing can be added to it")
            .not_done("nothing was exported")
            .next("use `--format ndjson`, or export all of it again"));
    }
    let history = revocation::connect_history(&settings::load(global).await?)?;
    // What is wrong with the query or the file shows before anything is stored.
    history.question(&query).await?;
    let mut out = args.open()?;
    let mut export = history.export(&query, args.format.into(), args.after, person::actor()).await?;
    let progress = match args.file {
        Some(_) => terminal::counting("written"),
        None => terminal::counting_beside_output("written"),
    };
    let written = write(&mut export, &mut out, &progress).await;
    progress.finish_and_clear();
    let events = export.events();
    match written {
        Ok(()) => terminal::say(&format!("{events} events exported")),
        // Nobody reads any more.
        Err(Failed::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            let failure = match error {
                Failed::Write(error) => error.into(),
                Failed::Read(error) => Failure::from(error),
            };
            let next = export.last().map_or_else(
                || "try again".to_owned(),
                |last| {
                    format!(
                        "see which line is the last whole one; it was to be {last}; --after goes on behind it"
                    )
                },
            );
            return Err(failure.not_done(format!("the export ends after {events} events")).next(next));
        }
    }
    Ok(Exit::Done)
}

impl Args {
    fn open(&self) -> Result<Box<dyn Write>, Failure> {
        let Some(path) = &self.file else { return Ok(Box::new(io::stdout())) };
        let new = self.after.is_none();
        let file = OpenOptions::new().write(true).append(!new).create_new(new).open(path);
        let file = file.map_err(|error| {
            Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
                .not_done("nothing was exported")
        })?;
        Ok(Box::new(file))
    }
}

enum Failed {
    Write(io::Error),
    Read(revocation::Error),
}

async fn write(export: &mut Export, out: &mut dyn Write, progress: &ProgressBar) -> Result<(), Failed> {
    while let Some(part) = export.next().await.map_err(Failed::Read)? {
        out.write_all(&part).map_err(Failed::Write)?;
        progress.set_position(export.events());
    }
    out.flush().map_err(Failed::Write)
}
