//! Proofs as files. Both are checked without the store, with a key alone.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event_store::{Disclosure, StoreError, StoredCommit};
use kubeconfig::Recorded;

use crate::checkpoint::{CheckpointError, SignedCheckpoint, decimal};
use crate::key::VerifierKey;
use crate::tree::{self, Hash};

/// The first line of a proof (c2sp.org/tlog-proof).
const HEAD: &str = "c2sp.org/tlog-proof@v1";

/// More hashes than a tree can be high.
const MAX_HASHES: usize = 64;

/// Why a proof proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// Not of the form.
    #[error("not a proof: {0}")]
    Malformed(&'static str),
    /// Its checkpoint is not accepted.
    #[error("the checkpoint of the proof is not accepted: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// The hashes do not lead from the commit to the root.
    #[error("the proof is wrong: the commit in it is not the one that was sealed at this place")]
    NotIncluded,
    /// The hashes do not lead from the old root to the new one.
    #[error("the proof is wrong: the earlier tree is not the beginning of the later one")]
    NotExtended,
    /// A personal value in it is not the one that was hashed.
    #[error("the proof is wrong: a personal value in it is not the one that the commit holds the hash of")]
    Forged,
    /// It proves something about bytes that are no commit that this version can read.
    #[error("the proof holds, but what it proves cannot be read: {0}")]
    Unreadable(#[source] StoreError),
}

/// That a commit is part of a sealed log (c2sp.org/tlog-proof). The commit itself is in it, as extra data, and behind it, each
/// on a line of its own, the personal values that it holds the hashes of, as far as they had not been erased: without them
/// the proof proves the same of what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventProof {
    /// The bytes of the commit.
    pub commit: Vec<u8>,
    /// Personal values that it holds the hashes of.
    pub disclosures: Vec<Disclosure>,
    /// Its place among the leaves, from 0.
    pub index: u64,
    /// From the sibling of the leaf to the child of the root.
    pub path: Vec<Hash>,
    /// The signed root.
    pub checkpoint: SignedCheckpoint,
}

/// What a proof showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The events of the commit.
    pub events: Vec<Recorded>,
    /// Its place among the leaves, from 0.
    pub index: u64,
    /// The signed root.
    pub checkpoint: SignedCheckpoint,
}

impl EventProof {
    /// Reads one. Nothing is checked yet.
    ///
    /// # Errors
    /// It is not of the form.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let malformed = ProofError::Malformed;
        let rest = text.strip_prefix(HEAD).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(malformed("the first line is not c2sp.org/tlog-proof@v1"))?;
        let (extra, rest) = line(rest, "extra ").ok_or(malformed("the commit is missing (extra …)"))?;
        let (index, rest) = line(rest, "index ").ok_or(malformed("the index is missing (index …)"))?;
        let (path, checkpoint) = hashes(rest)?;
        let extra = STANDARD.decode(extra).map_err(|_| malformed("the commit is not base64"))?;
        // JSON as it is stored has no line feeds.
        let mut lines = extra.split(|byte| *byte == b'\n');
        let commit = lines.next().unwrap_or_default().to_vec();
        let values = lines.map(|line| std::str::from_utf8(line).ok()?.parse().ok());
        Ok(Self {
            commit,
            disclosures: values.collect::<Option<_>>().ok_or(malformed("a personal value is none"))?,
            index: decimal(index).ok_or(malformed("the index is not a number"))?,
            path,
            checkpoint: SignedCheckpoint::parse(checkpoint)?,
        })
    }

    /// Checks it.
    ///
    /// # Errors
    /// None of the keys signed its checkpoint, or the commit is not in the tree.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<Proven, ProofError> {
        let Self { commit: bytes, disclosures, index, path, checkpoint } = self;
        checkpoint.verify(keys)?;
        let signed = checkpoint.checkpoint();
        if !tree::includes(signed.size, &signed.root, &bytes, index, &path) {
            return Err(ProofError::NotIncluded);
        }
        let commit = StoredCommit { position: index + 1, bytes, disclosures };
        if commit.misfit().map_err(ProofError::Unreadable)?.is_some() {
            return Err(ProofError::Forged);
        }
        let events = commit.events().map_err(ProofError::Unreadable)?;
        Ok(Proven { events, index, checkpoint })
    }
}

impl fmt::Display for EventProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut extra = self.commit.clone();
        for disclosure in &self.disclosures {
            extra.push(b'\n');
            extra.extend_from_slice(disclosure.to_string().as_bytes());
        }
        writeln!(f, "{HEAD}\nextra {}\nindex {}", STANDARD.encode(extra), self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// That an earlier tree is the beginning of a later one, in the form in which witnesses are asked to sign (c2sp.org/
/// tlog-witness, "add-checkpoint").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// The size of the earlier tree.
    pub old: u64,
    /// As in RFC 6962, section 2.1.2.
    pub path: Vec<Hash>,
    /// The signed root of the later tree.
    pub checkpoint: SignedCheckpoint,
}

impl ConsistencyProof {
    /// Reads one. Nothing is checked yet.
    ///
    /// # Errors
    /// It is not of the form.
    pub fn parse(text: &str) -> Result<Self, ProofError> {
        let malformed = ProofError::Malformed;
        let (old, rest) = line(text, "old ").ok_or(malformed("the earlier size is missing (old …)"))?;
        let (path, checkpoint) = hashes(rest)?;
        let old = decimal(old).ok_or(malformed("the earlier size is not a number"))?;
        Ok(Self { old, path, checkpoint: SignedCheckpoint::parse(checkpoint)? })
    }

    /// Checks it against the earlier checkpoint, which was kept elsewhere. Answers the later one.
    ///
    /// # Errors
    /// None of the keys signed the checkpoints, or the earlier tree is not the beginning of the later one.
    pub fn verify(
        self,
        earlier: &SignedCheckpoint,
        keys: &[VerifierKey],
    ) -> Result<SignedCheckpoint, ProofError> {
        earlier.verify(keys)?;
        self.checkpoint.verify(keys)?;
        let (old, new) = (earlier.checkpoint(), self.checkpoint.checkpoint());
        if old.origin != new.origin || old.size != self.old {
            return Err(ProofError::NotExtended);
        }
        let holds = tree::extends((old.size, &old.root), (new.size, &new.root), &self.path);
        if holds { Ok(self.checkpoint) } else { Err(ProofError::NotExtended) }
    }
}

impl fmt::Display for ConsistencyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The rest of a line that begins like this, and what follows it.
fn line<'a>(text: &'a str, begin: &str) -> Option<(&'a str, &'a str)> {
    text.strip_prefix(begin)?.split_once('\n')
}

/// Lines of hashes up to an empty line, and what follows it.
fn hashes(mut text: &str) -> Result<(Vec<Hash>, &str), ProofError> {
    let mut hashes = Vec::new();
    loop {
        let (line, rest) = text.split_once('\n').ok_or(ProofError::Malformed("the checkpoint is missing"))?;
        if line.is_empty() {
            return Ok((hashes, rest));
        }
        if hashes.len() == MAX_HASHES {
            return Err(ProofError::Malformed("more hashes than a tree can be high"));
        }
        hashes.push(line.parse().map_err(|_| ProofError::Malformed("a line is not a hash"))?);
        text = rest;
    }
}
