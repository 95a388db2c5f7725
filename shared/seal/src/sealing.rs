//! Sealing: adds what is new to the tree, signs the root, and stores both as an event.
//!
//! The stream of the seals orders them: a seal is appended behind the one that it continues, or not at all. So it does
//! not matter how many seal at once, and a crash leaves a seal that is whole or none.

use event_store::{AppendError, Commit, EventStore, MAX_PAGE, StoreError, StoredCommit};
use jiff::Timestamp;
use kubeconfig::run::{RunEvent, seals};
use kubeconfig::{Actor, Event, EventId, NewEvent};
use uuid::Uuid;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::diagnosis::Leaf;
use crate::key_ring::KeyRing;
use crate::record::{Marker, Record};
use crate::seals::{Seals, StoredSeal};
use crate::tree::{Hash, Tree};

/// The most commits of one seal. Its event has to stay below [`event_store::MAX_EVENT_BYTES`]: a leaf takes 43 bytes
/// in base64, and its position, where it is far from its neighbours, up to 25.
pub const BATCH: usize = 8192;

/// How often it is tried again because another was faster.
const RETRIES: u32 = 64;

/// Why nothing, or nothing more, was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The seal could not be appended.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The latest seal is not one that can be continued.
    #[error(
        "the latest seal, commit of version {version} of the seals, is not sound: {why}; nothing was sealed"
    )]
    Unsound {
        /// Its place among the seals.
        version: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A root that contradicts an earlier one is not signed.
    #[error(
        "the store is not the one whose first {kept} commits were sealed before: the seals in it do not agree with the \
         checkpoint that was kept; nothing was sealed, and `reaper verify` says more"
    )]
    Contradiction {
        /// The size of the checkpoint that was kept.
        kept: u64,
    },
    /// The checkpoint cannot be signed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// What was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How many commits are new in the tree.
    pub commits: u64,
    /// How many seals that took.
    pub seals: u64,
    /// The latest signed root.
    pub checkpoint: SignedCheckpoint,
}

/// What to seal with.
#[derive(Debug, Clone, Copy)]
pub struct Sealing<'a> {
    /// The keys.
    pub keys: &'a KeyRing,
    /// The checkpoint that was kept outside of the store, if there is one: nothing is signed that contradicts it.
    pub kept: Option<&'a SignedCheckpoint>,
    /// Who seals.
    pub actor: &'a Actor,
    /// What this belongs to.
    pub correlation: Uuid,
    /// Seal once even where nothing but seals is new: to show a new key.
    pub even_seals: bool,
}

/// Where the latest seal ends.
struct End {
    tree: Tree,
    /// The position of the last leaf.
    position: u64,
    /// The version of the stream of the seals.
    version: u64,
}

impl Sealing<'_> {
    /// Seals what is new, in as many seals as it takes, as long as `go_on` says so. `None`: nothing was new.
    ///
    /// Seals are commits, too. They are sealed by the next seal that is made for the sake of something else, so that a
    /// store in which nothing happens does not grow.
    ///
    /// # Errors
    /// The store failed, or holds what must not be continued. What was sealed before stays sealed.
    pub async fn seal(
        &self,
        store: &dyn EventStore,
        mut go_on: impl FnMut() -> bool + Send,
    ) -> Result<Option<Sealed>, SealError> {
        let mut end = self.end(store).await?;
        let mut sealed: Option<Sealed> = None;
        let (mut even_seals, mut tries) = (self.even_seals, 0);
        while go_on() {
            let Some(new) = new_leaves(store, end.position, even_seals).await? else { break };
            let checkpoint = match self.append(store, &end, &new).await {
                Ok(checkpoint) => checkpoint,
                Err(SealError::Append(AppendError::Conflict { .. })) if tries < RETRIES => {
                    tries += 1;
                    end = self.end(store).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            even_seals = false;
            end.tree.extend(new.iter().map(|(_, leaf)| *leaf));
            end.position = new.last().map_or(end.position, |(position, _)| *position);
            end.version += 1;
            let before = sealed.map_or((0, 0), |sealed| (sealed.commits, sealed.seals));
            sealed = Some(Sealed { commits: before.0 + new.len() as u64, seals: before.1 + 1, checkpoint });
        }
        Ok(sealed)
    }

    /// Where the latest seal ends, if it may be continued.
    async fn end(&self, store: &dyn EventStore) -> Result<End, SealError> {
        let mut seals = Seals::new(store);
        let Some(StoredSeal { version, seal, .. }) = seals.next().await? else {
            return match self.kept.map(SignedCheckpoint::checkpoint) {
                Some(kept) if kept.size > 0 => Err(SealError::Contradiction { kept: kept.size }),
                _ => Ok(End { tree: Tree::default(), position: 0, version: 0 }),
            };
        };
        let unsound = |why: String| SealError::Unsound { version, why };
        let record = Record::read(&seal).map_err(unsound)?;
        record.checkpoint.verify(&self.keys.verifiers()).map_err(|error| unsound(error.to_string()))?;
        let Some(&position) = record.positions.last() else {
            return Err(unsound("it seals nothing".to_owned()));
        };
        if let Some(kept) = self.kept {
            self.agrees(kept, &record, seals).await?;
        }
        Ok(End { tree: record.after, position, version })
    }

    /// Whether the checkpoint that was kept is one of the seals. Mostly it is the latest.
    async fn agrees(
        &self,
        kept: &SignedCheckpoint,
        latest: &Record,
        mut earlier: Seals<'_>,
    ) -> Result<(), SealError> {
        kept.verify(&self.keys.verifiers())?;
        let kept = kept.checkpoint();
        let mut there = latest.checkpoint.checkpoint().clone();
        while there.size > kept.size {
            let Some(before) = earlier.next().await? else { break };
            let Ok(signed) = SignedCheckpoint::parse(&before.seal.checkpoint) else { break };
            there = signed.checkpoint().clone();
        }
        if there == *kept || kept.size == 0 {
            Ok(())
        } else {
            Err(SealError::Contradiction { kept: kept.size })
        }
    }

    async fn append(
        &self,
        store: &dyn EventStore,
        end: &End,
        new: &[Leaf],
    ) -> Result<SignedCheckpoint, SealError> {
        let mut tree = end.tree.clone();
        tree.extend(new.iter().map(|(_, leaf)| *leaf));
        let checkpoint = Checkpoint::of(self.keys.name(), &tree).sign(self.keys.signers())?;
        let seal = Record::seal(&checkpoint, &end.tree, new);
        let event = NewEvent {
            // Signatures are the same each time: an append whose answer was lost is recognised when it is repeated.
            id: EventId::derived(&format!("seal/{}/{}", end.version, seal.checkpoint)),
            occurred_at: Timestamp::now(),
            actor: self.actor.clone(),
            correlation: self.correlation,
            causation: None,
            source: None,
            event: Event::Run(RunEvent::StoreSealed(seal)),
        };
        store.append(Commit { stream: seals(), expected: end.version, events: vec![event] }).await?;
        Ok(checkpoint)
    }
}

/// The next leaves behind a position, or none where there is nothing to seal.
async fn new_leaves(
    store: &dyn EventStore,
    mut position: u64,
    even_seals: bool,
) -> Result<Option<Vec<Leaf>>, StoreError> {
    let marker = Marker::new();
    let (mut new, mut worth_it) = (Vec::new(), even_seals);
    while new.len() < BATCH {
        let limit = u32::try_from(BATCH - new.len()).unwrap_or(MAX_PAGE).min(MAX_PAGE);
        let page = store.commits(position, limit).await?;
        let Some(last) = page.last() else { break };
        position = last.position;
        worth_it = worth_it || page.iter().any(|commit| !marker.is_on(commit));
        new.extend(page.iter().map(|StoredCommit { position, bytes, .. }| (*position, Hash::leaf(bytes))));
    }
    // So many seals in a row are worth one more: behind them there may be something else.
    let worth_it = worth_it || new.len() == BATCH;
    Ok((worth_it && !new.is_empty()).then_some(new))
}
