//! `reaper prove`: a proof that others can check without the store.

use std::io::Write as _;
use std::path::PathBuf;

use kubeconfig::EventId;
use seal::{ProveError, VerifyError};

use super::verify::{bar, checkpoint, keys};
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::{private, settings, terminal};

const AFTER: &str = "\
The proof of an event is a file as in c2sp.org/tlog-proof. It has the whole commit in it that the event belongs to, with \
all it says, and ties it to the latest signed checkpoint. Whoever has the public key checks it with `reaper verify \
--proof`, or with any other program for such proofs.

With --since the proof shows that the log only grew since an earlier checkpoint; its form is that in which witnesses are \
asked to sign (c2sp.org/tlog-witness).

Examples:
  reaper history --uid 200000000000000101 -o name      the ids of events
  reaper prove 01a20d9a-5365-7643-83ac-b61dae6c4205 -o event.tlog-proof
  reaper prove --since kept.checkpoint -o growth.txt";

/// Options of `prove`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// The event
    #[arg(value_name = "EVENT-ID", required_unless_present = "since", value_parser = event)]
    event: Option<EventId>,
    /// Prove that the log begins with what this checkpoint sealed
    #[arg(long, value_name = "FILE", conflicts_with = "event")]
    since: Option<PathBuf>,
    /// Where to write the proof, for its owner alone: it may name people; stdout by default
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "output")]
    force: bool,
    /// Public key, as `reaper key show` prints it, or a file of such lines; in place of those of seal.key_path
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
}

/// As `-o name` shows it, too.
fn event(text: &str) -> Result<EventId, String> {
    text.strip_prefix("event/").unwrap_or(text).parse().map_err(|_| "expected the id of an event".to_owned())
}

/// Makes one.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let keys = keys(global, &args.keys).await?;
    let earlier = match &args.since {
        Some(path) => Some(checkpoint(global, path).await?),
        None => None,
    };
    let store = revocation::open_read_only(&settings::load(global).await?)?;
    let bar = bar(store.as_ref(), 1).await;
    let progress = |read| bar.set_position(read);
    let proof = match (&args.event, &earlier) {
        (Some(event), _) => {
            seal::prove_event(store.as_ref(), &keys, *event, progress).await.map(|proof| proof.to_string())
        }
        (None, Some(earlier)) => seal::prove_extension(store.as_ref(), &keys, earlier, progress)
            .await
            .map(|proof| proof.to_string()),
        (None, None) => return Err(Failure::new(Exit::Usage, "neither an event nor --since is named")),
    };
    bar.finish_and_clear();
    let proof = proof.map_err(unproven)?;
    match args.output.as_deref().filter(|path| !private::is_stdout(path)) {
        Some(path) => {
            let file = private::create(path, args.force);
            let mut file = file.map_err(|failure| {
                failure.next("name another file; --force writes over one that is there")
            })?;
            file.write_all(proof.as_bytes())?;
            terminal::say(&format!("written to {}", path.display()));
        }
        None => {
            terminal::print(&proof)?;
        }
    }
    Ok(Exit::Done)
}

fn unproven(error: ProveError) -> Failure {
    let failure = |exit| Failure::new(exit, terminal::clean(&chain(&error))).not_done("no proof was made");
    match &error {
        ProveError::Verify(VerifyError::Store(_)) => failure(Exit::Failed),
        ProveError::Verify(VerifyError::Checkpoint(why)) => {
            failure(if why.is_unknown_key() { Exit::UnknownKey } else { Exit::Failed })
                .next("name the public keys with --key")
        }
        ProveError::Changed(_) | ProveError::TooShort(_) => {
            failure(Exit::Changed).next("`reaper verify` says more")
        }
        ProveError::NoSuchEvent(_) => failure(Exit::NotFound).next("`reaper history -o name` lists events"),
        ProveError::NotSealed(_) => failure(Exit::NotFound).next("`reaper sweep` seals what is new"),
    }
}
