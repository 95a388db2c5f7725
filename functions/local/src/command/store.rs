//! `reaper store`: making the event store, checking it, and copying its log.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal as _};
use std::path::{Path, PathBuf};

use event_store::{ArchiveError, Imported, Part, Standing};
use indicatif::ProgressBar;
use revocation::Config;

use super::verify::bar;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::output::{Options, PartRow};
use crate::{private, settings, terminal};

const AFTER: &str = "\
store.kind says what keeps the events, and --store tablestore or --store FILE decides for one command:

  sqlite      one file, store.path, for one machine; made at the first use, too
  tablestore  three tables, {store.prefix}_log, _index and _outbox, in the instance store.instance

The instance has to be there. Where the Terraform module made the tables, `init` adds the row that says which store they \
are. It needs ots:CreateTable, ots:DescribeTable, ots:PutRow, ots:GetRow and ots:GetRange, and functions need none of the \
first three.

What `init` finds and is not as it has to be it leaves alone and names. `check` changes nothing; whether the events \
themselves are those that were sealed is for `reaper verify` to say.

`export` writes the log as it is now to a file, while others append: the backup of both kinds of store. `import` brings it \
into an empty store of either kind, byte for byte, so that seals and proofs hold as before. The file is checked to its end \
before anything is stored; an import that was interrupted goes on when it is called again. Personal \
values go with it, as far as they had not been erased: a file from before an erasure brings back what was erased since, \
and `reaper erase` has to be done again.

Exit codes: 0 done, or everything is as it has to be; 1 something is not, or it failed; 4 the store to import into is not \
empty; 5 there is no store.

Examples:
  reaper store init                      make the store of the configuration
  reaper store init --store tablestore   make the tables
  reaper store check -o json             every part, and what is not as it has to be
  reaper store export events.log
  reaper store export - | gzip > events.log.gz
  reaper store import events.log --store tablestore";

/// Options of `store`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make what is missing, and say what was there
    Init(Options),
    /// Check every part, and change nothing
    Check(Options),
    /// Write the whole log to a file
    Export {
        /// The file, which is made; only its owner can read it. `-` is standard output
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Bring an exported log into an empty store
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Does it.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let config = settings::load(global).await?;
    match &args.what {
        What::Init(options) => show(revocation::set_up_store(&config).await?, *options),
        What::Check(options) => show(revocation::check_store(&config).await?, *options),
        What::Export { file } => export(&config, file).await,
        What::Import { file } => import(&config, file).await,
    }
}

async fn export(config: &Config, path: &Path) -> Result<Exit, Failure> {
    let store = revocation::open_read_only(config)?;
    let bar = bar(store.as_ref(), 1).await;
    let progress = |commits| bar.set_position(commits);
    if private::is_stdout(path) {
        if io::stdout().is_terminal() {
            return Err(Failure::new(Exit::Usage, "the log is not made for a terminal")
                .not_done("nothing was exported")
                .next("name a file, or lead it into another program: `reaper store export - | gzip`"));
        }
        let mut out = BufWriter::new(io::stdout());
        let written = event_store::export(store.as_ref(), &mut out, progress).await;
        bar.finish_and_clear();
        let commits = written.map_err(|error| not_copied(error, path))?;
        terminal::say(&format!("{commits} commits were written"));
        return Ok(Exit::Done);
    }
    let file = private::create(path, false)?;
    let mut out = BufWriter::new(&file);
    let written = event_store::export(store.as_ref(), &mut out, progress).await;
    let written = written.and_then(|commits| Ok(file.sync_all().map(|()| commits)?));
    bar.finish_and_clear();
    let commits = written.map_err(|error| {
        // What is left of it is of no use.
        let _ = std::fs::remove_file(path);
        not_copied(error, path)
    })?;
    terminal::say(&format!("{commits} commits are in {}", path.display()));
    Ok(Exit::Done)
}

async fn import(config: &Config, path: &Path) -> Result<Exit, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::new(Exit::Usage, format!("{} cannot be read: {error}", path.display()))
            .not_done("nothing was imported")
    })?;
    let parts = revocation::set_up_store(config).await?;
    if !parts.iter().all(Part::is_sound) {
        return Err(Failure::new(Exit::Failed, "the store is not as it has to be")
            .not_done("nothing was imported")
            .next("`reaper store check` names what is wrong"));
    }
    let store = revocation::open_store(config, false)?;
    let bar = ProgressBar::new_spinner().with_message("commits, counted while they are checked and stored");
    let mut file = BufReader::new(file);
    let commits = event_store::import(store.as_ref(), &mut file, |passed| bar.set_position(passed)).await;
    bar.finish_and_clear();
    let Imported { commits, dropped } = commits.map_err(|error| not_copied(error, path))?;
    if dropped > 0 {
        terminal::say(&format!(
            "{dropped} personal values were left out: the log says that they were erased"
        ));
    }
    terminal::say(&format!(
        "{commits} commits of {} are in the store; `reaper verify` checks them",
        path.display()
    ));
    Ok(Exit::Done)
}

fn not_copied(error: ArchiveError, path: &Path) -> Failure {
    let failure = |exit| Failure::new(exit, format!("{}: {}", path.display(), chain(&error)));
    match error {
        ArchiveError::NotALog
        | ArchiveError::Newer
        | ArchiveError::CutOff { .. }
        | ArchiveError::Damaged { .. } => failure(Exit::Failed).not_done("nothing was imported"),
        ArchiveError::NotEmpty { .. } => failure(Exit::Refused)
            .not_done("nothing was imported")
            .next("import into a store of its own: another file, or another store.prefix"),
        ArchiveError::Missing { .. } => failure(Exit::Failed)
            .not_done("nothing was exported")
            .next("`reaper verify` says what else is missing"),
        ArchiveError::Store(error) => error.into(),
        ArchiveError::Io(_) | ArchiveError::Append(_) => {
            failure(Exit::Failed).next("do it again; an import goes on where it was")
        }
    }
}

fn show(parts: Vec<Part>, options: Options) -> Result<Exit, Failure> {
    let sound = parts.iter().all(Part::is_sound);
    let missing = parts.iter().filter(|part| part.standing == Standing::Missing).count();
    let nothing = missing == parts.len();
    let rows: Vec<PartRow> = parts.into_iter().map(PartRow::from).collect();
    terminal::print(&options.list(&rows, &rows)?)?;
    if missing > 0 {
        terminal::say("`reaper store init` makes what is missing");
    }
    Ok(match sound {
        true => Exit::Done,
        false if nothing => Exit::NotFound,
        false => Exit::Failed,
    })
}
