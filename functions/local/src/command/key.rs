//! `reaper key`: the key that seals the events.

use rand::Rng as _;
use revocation::SealingError;
use seal::{KeyRing, SealError};

use super::verify::key_file;
use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::{person, settings, terminal};

const AFTER: &str = "\
The key is in the file seal.key_path, which only its owner can read. Every sweep that has it seals what is new. The public \
key is what others check with: give it to auditors, by another way than the store. Whoever has the secret part can sign \
a history that never was, so keep it where the sweep runs and nowhere else.

A rotation makes one seal with the old key and a new one, and then forgets the old secret. Give the new public key to whoever \
checks, by another way than the store: `reaper verify` with both sees in that seal that they belong to the same log. With the old \
one alone it says that a key is not known; it takes on no key because the old one says so, as that may have been stolen. The old public \
key is kept.

Examples:
  reaper key generate example.com/reaper     once; the name is that of the log, for ever
  reaper key show                            the public keys, the present one first
  reaper key rotate                          replace the key";

/// Options of `key`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Make a key where there is none
    Generate {
        /// Name of the log, e.g. a domain and a path; a random one by default
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Show the public keys, the present one first
    Show,
    /// Replace the key
    Rotate,
}

/// Does it.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let config = settings::load(global).await?.seal;
    let path = &config.key_path;
    let ring = match &args.what {
        What::Generate { name } => {
            let name = name.clone().unwrap_or_else(|| format!("reaper/{:08x}", rand::rng().next_u32()));
            let ring = KeyRing::generate(path, &name).map_err(key_file)?;
            terminal::say(&format!(
                "the key is in {}; give the public key to whoever is to check, by another way than the store",
                path.display()
            ));
            ring
        }
        What::Show => config.keys().map_err(key_file)?,
        What::Rotate => {
            let ring = settings::reaper(global)
                .await?
                .rotate_seal_key(&person::cause())
                .await
                .map_err(not_sealed)?;
            terminal::say(
                "the key was replaced; the first of these is the new one, the others check what is older",
            );
            ring
        }
    };
    let keys: String = ring.verifiers().iter().map(|key| format!("{key}\n")).collect();
    terminal::print(&keys)?;
    Ok(Exit::Done)
}

fn not_sealed(error: SealingError) -> Failure {
    match error {
        SealingError::Key(error) => key_file(error),
        SealingError::Seal(SealError::Contradiction { .. } | SealError::Unsound { .. }) => {
            Failure::new(Exit::Changed, chain(&error))
                .not_done("both keys stay")
                .next("`reaper verify` says more")
        }
        _ => Failure::new(Exit::Failed, chain(&error))
            .not_done("both keys stay")
            .next("rotate again, it goes on"),
    }
}
