//! Tamper evidence: a signed hash tree over the commits of an event store, and proofs that anybody can check.
//!
//! Each commit, exactly as its bytes are stored, is a leaf of one tree as in RFC 6962 (`tree`). Sealing (`sealing`)
//! adds the commits that are new, signs the root and stores both as an event. Verifying (`verify`) makes the tree anew
//! from the stored bytes and names the first commit that is not what was sealed. A proof (`proof`) ties one commit to
//! a signed root and is checked without the store.
//!
//! The formats are public ones: checkpoints are those of c2sp.org/tlog-checkpoint, signed as c2sp.org/signed-note
//! says, and proofs are those of c2sp.org/tlog-proof.

mod checkpoint;
mod diagnosis;
mod file;
mod finding;
mod key;
mod key_ring;
mod misfiled;
mod note;
mod proof;
mod record;
mod report;
mod sealing;
mod seals;
pub mod tree;
mod values;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
pub use file::{keep_checkpoint, kept_checkpoint};
pub use finding::{Finding, Place};
pub use key::{KeyError, SignerKey, VerifierKey};
pub use key_ring::{KeyFileError, KeyPlace, KeyRing};
pub use note::{Note, NoteError};
pub use proof::{ConsistencyProof, EventProof, ProofError, Proven};
pub use report::Report;
pub use sealing::{BATCH, SealError, Sealed, Sealing};
pub use seals::{StoredSeal, latest};
pub use tree::{Hash, Tree};
pub use verify::{ProveError, VerifyError, prove_event, prove_extension, verify};
