//! What a seal says, read and held against its own root.

use event_store::StoredCommit;
use kubeconfig::Event;
use kubeconfig::run::{RunEvent, Seal, seals};

use crate::checkpoint::SignedCheckpoint;
use crate::tree::{Hash, Tree};

/// A seal whose parts fit each other: its leaves, added to the tree before it, give the root that is signed. Whether
/// the signature is right is another question.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) before: Tree,
    pub(crate) after: Tree,
    pub(crate) leaves: Vec<Hash>,
    /// One for each leaf, rising.
    pub(crate) positions: Vec<u64>,
}

impl Record {
    /// Reads a seal, or says what is wrong with it.
    pub(crate) fn read(seal: &Seal) -> Result<Self, String> {
        let checkpoint = SignedCheckpoint::parse(&seal.checkpoint).map_err(|error| error.to_string())?;
        let leaves = Hash::split(&seal.leaves).ok_or("its leaves are no hashes")?;
        let positions = expand(&seal.positions, leaves.len()).ok_or("its positions do not fit its leaves")?;
        let peaks = Hash::split(&seal.before).ok_or("its tree is no hashes")?;
        let before = checkpoint.checkpoint().size.checked_sub(leaves.len() as u64);
        let before = before.and_then(|size| Tree::of_peaks(size, peaks));
        let before = before.ok_or("the size of its tree does not fit")?;
        let mut after = before.clone();
        after.extend(leaves.iter().copied());
        if after.root() != checkpoint.checkpoint().root {
            return Err("its leaves do not give the root that was signed".to_owned());
        }
        Ok(Self { checkpoint, before, after, leaves, positions })
    }

    /// What is stored of it.
    pub(crate) fn seal(checkpoint: &SignedCheckpoint, before: &Tree, new: &[(u64, Hash)]) -> Seal {
        let leaves: Vec<Hash> = new.iter().map(|(_, leaf)| *leaf).collect();
        let positions = new.chunk_by(|a, b| a.0 + 1 == b.0).map(|run| (run[0].0, run.len() as u64));
        Seal {
            checkpoint: checkpoint.to_string(),
            before: Hash::join(before.peaks()),
            leaves: Hash::join(&leaves),
            positions: positions.collect(),
        }
    }
}

/// The positions of runs, if there are so many.
fn expand(runs: &[(u64, u64)], count: usize) -> Option<Vec<u64>> {
    let mut positions = Vec::with_capacity(count);
    for (first, length) in runs {
        let end = first.checked_add(*length)?;
        if *length > (count - positions.len()) as u64 {
            return None;
        }
        positions.extend(*first..end);
    }
    (positions.len() == count && positions.is_sorted_by(|a, b| a < b)).then_some(positions)
}

/// Tells seals from other commits, by their bytes alone.
pub(crate) struct Marker(Vec<u8>);

/// A commit begins with its form and the name of its stream.
const BEGINNING: usize = 128;

impl Marker {
    pub(crate) fn new() -> Self {
        Self(format!("\"stream\":\"{}\"", seals()).into_bytes())
    }

    /// Whether the commit is a seal, or was one before somebody changed it.
    pub(crate) fn is_on(&self, commit: &StoredCommit) -> bool {
        let beginning = &commit.bytes[..commit.bytes.len().min(BEGINNING)];
        beginning.windows(self.0.len()).any(|window| window == self.0)
    }
}

/// The seal in a commit that is marked as one.
pub(crate) fn of_commit(commit: &StoredCommit) -> Result<Record, String> {
    let events = commit.events().map_err(|error| error.to_string())?;
    match events.as_slice() {
        [only] => match &only.event {
            Event::Run(RunEvent::StoreSealed(seal)) => Record::read(seal),
            other => Err(format!("{} is no seal", other.type_name())),
        },
        more => Err(format!("it holds {} events in place of one seal", more.len())),
    }
}
