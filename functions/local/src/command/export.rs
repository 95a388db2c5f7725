//! `reaper export`: the events of a query as a file.

mod broken_off;

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use indicatif::ProgressBar;
use kubeconfig::EventId;
use revocation::{Export, ExportFormat};

use super::history::{Terms, query};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{person, private, settings, terminal};

const AFTER: &str = "\
The oldest events come first. That an export began and was taken are events themselves. An export that breaks off says how to go \
on: --resume reads which event the file ends with, cuts off what stands behind its last whole record, and adds the rest.

On Tablestore it takes the right to read, and ots:PutRow on the table {store.prefix}_outbox: that an export was taken comes into \
the history with the next sweep.

Examples:
  reaper export 'cluster:prod since:90d' --format csv --file prod.csv
  reaper export 'type:RevocationConfirmed recorded:2026-01-01..2026-02-01' --format ocsf | siem-loader
  reaper export --format ndjson --resume --file all.ndjson         adds to the file
  reaper export --format ndjson --after 0198… | siem-loader        what was stored since that event";

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
    /// File to write, for its owner alone; it must not exist unless --resume adds to it; standard output if left out
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Go on behind this event, the last that an earlier export has
    #[arg(long, value_name = "ID", value_parser = str::parse::<EventId>, conflicts_with = "resume")]
    after: Option<EventId>,
    /// Go on with a file where an earlier export of the same query and format broke off
    #[arg(long, requires = "file")]
    resume: bool,
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
    if (args.after.is_some() || args.resume) && args.format == Format::Cloudevents {
        return Err(Failure::new(Exit::Usage, "a batch is one document: nothing can be added to it")
            .not_done("nothing was exported")
            .next("use `--format ndjson`, or export all of it again"));
    }
    let history = revocation::connect_history(&settings::load(global).await?)?;
    // What is wrong with the query or the file shows before anything is stored.
    history.question(&query).await?;
    let (mut out, after) = args.open()?;
    let mut export = history.export(&query, args.format.into(), after, person::actor()).await?;
    let progress = match args.file {
        Some(_) => terminal::counting("written"),
        None => terminal::counting_beside_output("written"),
    };
    let written = write(&mut export, &mut out, &progress).await;
    progress.finish_and_clear();
    let (events, last) = (export.events(), export.last());
    let broken_off = export.break_off().await;
    match written {
        Ok(()) => terminal::say(&format!("{events} events exported")),
        // Nobody reads any more.
        Err(Failed::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => broken_off?,
        Err(error) => {
            let failure = match error {
                Failed::Write(error) => error.into(),
                Failed::Read(error) => Failure::from(error),
            };
            let next = match (last, &args.file) {
                (None, _) => "try again".to_owned(),
                (Some(_), Some(_)) => "the same command with --resume adds the rest".to_owned(),
                (Some(last), None) => {
                    format!("--after goes on behind an event: behind {last}, if that arrived whole")
                }
            };
            return Err(failure.not_done(format!("the export ends after {events} events")).next(next));
        }
    }
    Ok(Exit::Done)
}

impl Args {
    /// Where the events go, and the event that they follow.
    fn open(&self) -> Result<(Box<dyn Write>, Option<EventId>), Failure> {
        let Some(path) = &self.file else { return Ok((Box::new(io::stdout()), self.after)) };
        if self.resume {
            let file = OpenOptions::new().read(true).write(true).open(path).map_err(|error| {
                Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
                    .not_done("nothing was exported")
            })?;
            let event = self.cut(&file, path)?;
            return Ok((Box::new(file), Some(event)));
        }
        let file = private::create(path, false).map_err(|failure| {
            failure
                .not_done("nothing was exported")
                .next("name another file, or go on with one that is there: --resume")
        })?;
        Ok((Box::new(file), self.after))
    }

    /// Cuts off what stands behind the last whole record, and says of which event that is.
    fn cut(&self, mut file: &File, path: &Path) -> Result<EventId, Failure> {
        let failed = |what: String| Failure::new(Exit::Failed, what).not_done("nothing was exported");
        let unreadable = |error| failed(format!("{} cannot be gone on with: {error}", path.display()));
        let Some(end) = broken_off::end(file, self.format.into()).map_err(unreadable)? else {
            let format = ExportFormat::from(self.format);
            return Err(failed(format!("{} has no whole record of the format {format}", path.display()))
                .next("name the format that it has, or export all of it anew"));
        };
        file.set_len(end.bytes).and_then(|()| file.seek(SeekFrom::End(0))).map_err(unreadable)?;
        Ok(end.event)
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
