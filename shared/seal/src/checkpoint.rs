//! Checkpoints (c2sp.org/tlog-checkpoint): which log, how many leaves, which root.

use std::fmt;

use crate::key::{SignerKey, VerifierKey};
use crate::note::{Note, NoteError};
use crate::tree::{Hash, Tree};

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// As a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// As a checkpoint.
    #[error("not a checkpoint: expected an origin, a size and a root, a line each")]
    Malformed,
    /// The key belongs to another log.
    #[error("the checkpoint is of {origin}, but signed as {signer}")]
    Origin {
        /// Whose checkpoint it says it is.
        origin: String,
        /// Whose key signed it.
        signer: String,
    },
}

impl CheckpointError {
    /// Whether it may well be right, and only nobody knows the keys that it names.
    pub fn is_unknown_key(&self) -> bool {
        matches!(self, Self::Note(NoteError::Unknown(named)) if !named.is_empty())
    }
}

/// What is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the log, and of its keys.
    pub origin: String,
    /// How many leaves the tree has.
    pub size: u64,
    /// The root of the tree.
    pub root: Hash,
}

impl Checkpoint {
    /// Of a tree.
    pub fn of(origin: &str, tree: &Tree) -> Self {
        Self { origin: origin.to_owned(), size: tree.size(), root: tree.root() }
    }

    /// Signs it with each key.
    ///
    /// # Errors
    /// The origin has control characters in it.
    pub fn sign(self, keys: &[SignerKey]) -> Result<SignedCheckpoint, CheckpointError> {
        let note = Note::sign(&self.to_string(), keys)?;
        Ok(SignedCheckpoint { checkpoint: self, note })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?;
        let size = decimal(lines.next()?)?;
        let root = lines.next()?.parse().ok()?;
        // What others add is theirs; empty lines would make two readings of one text possible.
        lines.all(|line| !line.is_empty()).then(|| Self { origin: origin.to_owned(), size, root })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n", self.origin, self.size, self.root)
    }
}

/// A checkpoint with its signatures. Its text form is what others keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Whether this is of the same log and larger: what is kept then stays.
    pub fn is_ahead_of(&self, other: &Self) -> bool {
        let (this, other) = (self.checkpoint(), other.checkpoint());
        this.origin == other.origin && this.size > other.size
    }

    /// Reads one. No signature is checked yet.
    ///
    /// # Errors
    /// It is not of the form.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let note = Note::parse(text)?;
        let checkpoint = Checkpoint::parse(note.text()).ok_or(CheckpointError::Malformed)?;
        Ok(Self { checkpoint, note })
    }

    /// Reads one and checks who signed it.
    ///
    /// # Errors
    /// It is not of the form, or not signed by one of the keys as its own.
    pub fn open(text: &str, keys: &[VerifierKey]) -> Result<Self, CheckpointError> {
        let signed = Self::parse(text)?;
        signed.verify(keys)?;
        Ok(signed)
    }

    /// Checks who signed it.
    ///
    /// # Errors
    /// None of the keys did, or one of another log.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(), CheckpointError> {
        let signers = self.note.verify(keys)?;
        let origin = &self.checkpoint.origin;
        match signers.iter().find(|key| key.name() != origin) {
            Some(key) => {
                Err(CheckpointError::Origin { origin: origin.clone(), signer: key.name().to_owned() })
            }
            None => Ok(()),
        }
    }

    /// What is signed.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// A decimal number in its one form: no sign, no leading zero.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|number| number.to_string() == text)
}
