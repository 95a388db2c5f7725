//! `reaper verify`: whether what is stored is what was sealed.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use event_store::{EventStore, StoreError};
use indicatif::{ProgressBar, ProgressStyle};
use revocation::{Config, ConnectError};
use seal::{
    ConsistencyProof, EventProof, Finding, KeyFileError, ProofError, Report, SignedCheckpoint, VerifierKey,
    VerifyError,
};

use crate::cli::Global;
use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::output::{EventRow, Options, Verified};
use crate::{settings, terminal};

const AFTER: &str = "\
Every commit is a leaf of a hash tree (RFC 6962) whose root is signed at the end of each sweep. This makes the tree anew \
from the stored bytes and names the first commit that is altered, missing, inserted or in another place, and what events \
are found by where that is wrong. A tail that was cut off, and a tree that was made and signed anew, show against an \
earlier checkpoint only: keep copies of seal.checkpoint_path where nobody who can write the store can write. The file \
itself, where there is one, is always compared with.

What was stored after the last seal, and that seal's own envelope, is not protected yet: the next seal does it.

It stops at the first change: how much before it is sound is said, and what follows is counted and not compared.

A key is known if it is in the configuration or named with --key, and in no other way: after `reaper key rotate` whoever has \
the old public key alone is told that a key is not known, and needs the new one. It has to come from whoever keeps the log, by another way \
than the store.

Exit codes: 0 all that was sealed is as it was, or the proof holds; 7 it is not, or the proof does not; 8 a key is not known; \
5 nothing was ever sealed; 1 it could not be found out.

Examples:
  reaper verify                                        with the key and the checkpoint of the configuration
  reaper verify --since kept.checkpoint --key KEY      with what an auditor has kept: a checkpoint and the public key
  reaper verify --proof event.tlog-proof --key KEY     a proof, without the store
  reaper verify --proof growth.txt --since kept.checkpoint --key KEY   that a later log begins with an earlier one";

const UNKNOWN_KEY: &str = "name all public keys of the log with --key, the new one where the key was replaced and those that signed before";

/// Options of `verify`.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    /// A checkpoint from earlier; may be given several times
    #[arg(long, value_name = "FILE")]
    since: Vec<PathBuf>,
    /// Check a proof that `reaper prove` made, without the store
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Public key, as `reaper key show` prints it, or a file of such lines; in place of those of seal.key_path
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    #[command(flatten)]
    options: Options,
}

/// Finds out.
pub(crate) async fn run(global: &Global, args: &Args) -> Result<Exit, Failure> {
    let keys = keys(global, &args.keys).await?;
    let mut earlier = vec![];
    for path in &args.since {
        earlier.push(checkpoint(global, path).await?);
    }
    match &args.proof {
        Some(proof) => check_proof(&read(proof)?, &earlier, &keys, args.options),
        None => {
            let config = settings::load(global).await?;
            earlier.extend(kept(&config).await?);
            check_store(&config, &earlier, &keys, args.options).await
        }
    }
}

async fn check_store(
    config: &Config,
    earlier: &[SignedCheckpoint],
    keys: &[VerifierKey],
    options: Options,
) -> Result<Exit, Failure> {
    let store = revocation::open_read_only(config).map_err(unopened)?;
    // Each commit is read twice: for its bytes, and for what it is filed under.
    let bar = bar(store.as_ref(), 2).await;
    let report = seal::verify(store.as_ref(), keys, earlier, |read| bar.set_position(read)).await;
    bar.finish_and_clear();
    let report = report.map_err(unverified)?;
    let verified = [Verified::new(&report)];
    terminal::print(&options.list(&verified, &verified[0])?)?;
    if let Some(finding) = &report.finding {
        terminal::say(&terminal::clean(&finding.to_string()));
        return Ok(told(&report, finding));
    }
    if report.not_erased > 0 {
        terminal::say(&format!(
            "{} personal values are there although they were to be erased: `reaper erase` goes on where it was",
            report.not_erased
        ));
    }
    if report.seals == 0 {
        terminal::say("nothing was ever sealed: `reaper key generate` makes a key, and the next sweep seals");
        return Ok(Exit::NotFound);
    }
    Ok(Exit::Done)
}

/// What else is said of a finding, and what it amounts to.
fn told(report: &Report, finding: &Finding) -> Exit {
    if matches!(finding, Finding::UnknownKey { .. }) {
        terminal::say(&format!("sound up to commit {}; {UNKNOWN_KEY}", report.sound_up_to));
        return Exit::UnknownKey;
    }
    if report.stopped {
        let sound = match report.sound_up_to {
            0 => "of no commit before it is known that it is sound".to_owned(),
            last => format!("sound up to commit {last}"),
        };
        terminal::say(&format!("{sound}; what follows was not compared"));
    }
    Exit::Changed
}

fn check_proof(
    text: &str,
    earlier: &[SignedCheckpoint],
    keys: &[VerifierKey],
    options: Options,
) -> Result<Exit, Failure> {
    if text.starts_with("old ") {
        let [earlier] = earlier else {
            return Err(Failure::new(Exit::Usage, "this proof is about a later log and an earlier one")
                .not_done("nothing was checked")
                .next("name the one earlier checkpoint with --since"));
        };
        let later = ConsistencyProof::parse(text).and_then(|proof| proof.verify(earlier, keys));
        let later = later.map_err(|error| disproved(&error))?;
        let (old, new) = (earlier.checkpoint(), later.checkpoint());
        terminal::say(&terminal::clean(&format!(
            "proven: the {} commits of {} begin with the {} of the earlier checkpoint",
            new.size, new.origin, old.size
        )));
        return Ok(Exit::Done);
    }
    let proven =
        EventProof::parse(text).and_then(|proof| proof.verify(keys)).map_err(|error| disproved(&error))?;
    let rows: Vec<EventRow> = proven.events.into_iter().map(EventRow).collect();
    terminal::print(&options.list(&rows, &rows)?)?;
    let log = proven.checkpoint.checkpoint();
    let what = format!("proven: commit {} of {} in {}", proven.index + 1, log.size, log.origin);
    terminal::say(&terminal::clean(&what));
    Ok(Exit::Done)
}

/// The keys that were named, or those of the configuration.
pub(super) async fn keys(global: &Global, named: &[String]) -> Result<Vec<VerifierKey>, Failure> {
    if named.is_empty() {
        let config = settings::load(global).await?;
        return config.seal.keys().map(|ring| ring.verifiers()).map_err(key_file);
    }
    let mut keys = vec![];
    for text in named {
        match text.trim().parse::<VerifierKey>() {
            Ok(key) => keys.push(key),
            // A key has a plus in it; whatever has none is the name of a file.
            Err(error) if text.contains('+') && !Path::new(text).exists() => {
                return Err(
                    Failure::new(Exit::Usage, format!("--key: {error}")).not_done("nothing was checked")
                );
            }
            Err(_) => keys.extend(keys_of_file(Path::new(text))?),
        }
    }
    Ok(keys)
}

fn keys_of_file(path: &Path) -> Result<Vec<VerifierKey>, Failure> {
    let text = read(path)?;
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            line.parse().map_err(|error| {
                Failure::new(Exit::Usage, format!("{}, line {number}: {error}", path.display()))
                    .not_done("nothing was checked")
            })
        })
        .collect()
}

/// The checkpoint that the sweep keeps, if it does.
async fn kept(config: &Config) -> Result<Option<SignedCheckpoint>, Failure> {
    let path = &config.seal.checkpoint_path;
    revocation::kept_checkpoint(config, path).await.map_err(|error| unread(path, &error))
}

/// A checkpoint that was named: a file, or an object as `oss://bucket/path`.
pub(super) async fn checkpoint(global: &Global, path: &Path) -> Result<SignedCheckpoint, Failure> {
    // A file needs no configuration: an auditor has none.
    let is_object = path.to_str().is_some_and(|path| path.starts_with("oss://"));
    let config = if is_object { settings::load(global).await? } else { Config::default() };
    let read = revocation::kept_checkpoint(&config, path).await.map_err(|error| unread(path, &error))?;
    read.ok_or_else(|| unread(path, &"it is not there"))
}

fn unread(path: &Path, why: &dyn Display) -> Failure {
    let what = format!("{} cannot be read: {why}", path.display());
    Failure::new(Exit::Usage, terminal::clean(&what)).not_done("nothing was checked")
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| unread(path, &error))
}

/// Progress over the whole log, `times` over. What the latest seal says is only how long it may take.
pub(super) async fn bar(store: &dyn EventStore, times: u64) -> ProgressBar {
    let size = seal::latest(store).await.ok().flatten().and_then(|seal| seal.size());
    let style = ProgressStyle::with_template("{bar:30} {percent}% of the log, {eta} left");
    let bar = ProgressBar::new(size.unwrap_or_default().saturating_mul(times));
    bar.with_style(style.unwrap_or(ProgressStyle::default_bar()))
}

/// A store that is too damaged to be opened is not what was sealed either.
fn unopened(error: ConnectError) -> Failure {
    let damaged = matches!(error, ConnectError::Store(StoreError::Damaged(_)));
    let mut failure = Failure::from(error);
    if damaged {
        failure.exit = Exit::Changed;
    }
    failure
}

fn unverified(error: VerifyError) -> Failure {
    match error {
        VerifyError::Store(error) => error.into(),
        VerifyError::Checkpoint(ref why) => {
            let exit = if why.is_unknown_key() { Exit::UnknownKey } else { Exit::Failed };
            Failure::new(exit, chain(&error)).not_done("nothing was checked").next(UNKNOWN_KEY)
        }
    }
}

fn disproved(error: &ProofError) -> Failure {
    let exit = match error {
        ProofError::Malformed(_) => Exit::Usage,
        ProofError::Unreadable(_) => Exit::Failed,
        ProofError::Checkpoint(why) if why.is_unknown_key() => Exit::UnknownKey,
        ProofError::Checkpoint(_)
        | ProofError::NotIncluded
        | ProofError::NotExtended
        | ProofError::Forged => Exit::Changed,
    };
    Failure::new(exit, terminal::clean(&chain(error)))
}

pub(super) fn key_file(error: KeyFileError) -> Failure {
    let failure = Failure::new(Exit::Usage, chain(&error));
    match error {
        KeyFileError::Missing(_) => failure
            .not_done("nothing was checked")
            .next("name the public key with --key; `reaper key generate` makes a new key"),
        KeyFileError::Open { path, .. } => {
            failure.not_done("the key was not used").next(format!("chmod 600 {}", path.display()))
        }
        KeyFileError::Exists(_) => failure
            .not_done("no key was made")
            .next("`reaper key rotate` replaces a key; `reaper key show` shows it"),
        KeyFileError::NoFile => failure
            .not_done("the key was not replaced")
            .next("replace it where its file is, then give its lines as seal.key again"),
        _ => failure.not_done("the key was not used"),
    }
}
