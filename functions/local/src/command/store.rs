//! `reaper store`: making the event store, and checking it.

use event_store::{Part, Standing};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Options, PartRow};
use crate::{settings, terminal};

const AFTER: &str = "\
store.kind says what keeps the events, and --store tablestore or --store FILE decides for one command:

  sqlite      one file, store.path, for one machine; made at the first use, too
  tablestore  two tables, {store.prefix}_log and {store.prefix}_index, in the instance store.instance

The instance has to be there. Where the Terraform module made the tables, `init` adds the row that says which store they \
are. It needs ots:CreateTable, ots:DescribeTable, ots:PutRow, ots:GetRow and ots:GetRange, and functions need none of the \
first three.

What `init` finds and is not as it has to be it leaves alone and names. `check` changes nothing; whether the events \
themselves are those that were sealed is for `reaper verify` to say.

Exit codes: 0 everything is as it has to be; 1 something is not, or it could not be found out; 5 there is no store.

Examples:
  reaper store init                      make the store of the configuration
  reaper store init --store tablestore   make the tables
  reaper store check -o json             every part, and what is not as it has to be";

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
}

/// Does it.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let config = settings::load(global)?;
    match &args.what {
        What::Init(options) => show(revocation::set_up_store(&config).await?, *options),
        What::Check(options) => show(revocation::check_store(&config).await?, *options),
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
