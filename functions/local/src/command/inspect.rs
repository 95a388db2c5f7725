//! `reaper inspect`: whose a kubeconfig file or certificate is.

use std::io::Read as _;
use std::path::PathBuf;

use jiff::Timestamp;
use revocation::inspection::{self, Holding};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Options;
use crate::{settings, terminal};

const AFTER: &str = "\
Calls nothing. Private keys and tokens are dropped while the file is read: they are neither kept nor shown. \
Where the event store knows the kubeconfig, its status is shown, too.

Examples:
  reaper inspect ~/.kube/config
  reaper inspect leaked.yaml -o json
  kubectl config view --raw --minify | reaper inspect -
  reaper inspect client.crt";

/// Options of `inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// Kubeconfig file, or certificate in PEM or DER; `-` for stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: Options,
}

/// Reads and shows.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let input = read(args)?;
    let mut holdings = inspection::understand(&input, Timestamp::now())
        .map_err(|error| Failure::new(Exit::Failed, error.to_string()).not_done("nothing was inspected"))?;
    if let Ok(history) = settings::history(global).await {
        history.look_up(&mut holdings).await?;
    }
    if terminal::print(&args.options.list(&holdings, &holdings)?)? && args.options.for_people() {
        suggest(&holdings);
    }
    Ok(Exit::Done)
}

fn read(args: &Args) -> Result<Vec<u8>, Failure> {
    let most = u64::try_from(inspection::MAX_INPUT).unwrap_or(u64::MAX).saturating_add(1);
    let mut input = vec![];
    let read = if args.file.as_os_str() == "-" {
        std::io::stdin().take(most).read_to_end(&mut input)
    } else {
        std::fs::File::open(&args.file).and_then(|file| file.take(most).read_to_end(&mut input))
    };
    read.map_err(|error| {
        Failure::new(Exit::Failed, format!("{} cannot be read: {error}", args.file.display()))
            .not_done("nothing was inspected")
    })?;
    Ok(input)
}

/// What to do about it, on stderr.
fn suggest(holdings: &[Holding]) {
    for Holding { uid, cluster, .. } in holdings {
        match (uid, cluster) {
            (Some(uid), Some(cluster)) => {
                terminal::say(&format!("to end this access: reaper revoke {uid} {cluster}"))
            }
            (Some(uid), None) => {
                terminal::say(&format!("to end this holder's access everywhere: reaper revoke {uid} --all"));
            }
            (None, _) => {}
        }
    }
}
