//! Verifying: makes the tree anew from the stored bytes, in one pass, by the log alone and never by an index.
//!
//! A seal follows the commits that it seals. What was read since the last seal is kept until the next one says what it
//! has to be.

use std::collections::VecDeque;

use event_store::{EventStore, MAX_PAGE, StoreError, StoredCommit};
use kubeconfig::EventId;

use crate::checkpoint::{Checkpoint, CheckpointError, SignedCheckpoint};
use crate::diagnosis::{Leaf, first_difference, same};
use crate::finding::{Finding, Place};
use crate::key::VerifierKey;
use crate::misfiled::misfiled;
use crate::note::NoteError;
use crate::proof::{ConsistencyProof, EventProof};
use crate::record::{self, Marker, Record};
use crate::report::Report;
use crate::tree::{self, Hash, Tree};
use crate::values::Values;

/// Why it could not be found out.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A checkpoint to compare with is not signed by a known key: it says nothing.
    #[error("the earlier checkpoint is not accepted: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// It could not be found out.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// What is stored is not what was sealed.
    #[error("the store is not as it was sealed, nothing can be proven from it: {0}")]
    Changed(Finding),
    /// There is no such event.
    #[error("there is no event {0}")]
    NoSuchEvent(EventId),
    /// It was stored after the latest seal.
    #[error("event {0} is not sealed yet: the next sweep does it")]
    NotSealed(EventId),
    /// The store is shorter than the checkpoint.
    #[error("the earlier checkpoint has {0} commits, the seals of the store fewer")]
    TooShort(u64),
}

/// Reads the whole store and says whether it is what was sealed, and the beginning of it what each earlier checkpoint
/// sealed. `progress` is told how many commits were read; each is read twice, the second time for what it is filed under.
///
/// # Errors
/// The store cannot be read for a reason of its own, or an earlier checkpoint is by none of the keys.
pub async fn verify(
    store: &dyn EventStore,
    keys: &[VerifierKey],
    earlier: &[SignedCheckpoint],
    mut progress: impl FnMut(u64) + Send,
) -> Result<Report, VerifyError> {
    let mut walk = Walk::new(keys, earlier)?;
    walk.run(store, &mut progress).await?;
    let mut report = walk.report;
    (report.erased, report.not_erased) = (walk.values.erased(), walk.values.not_erased());
    report.finding = report.finding.or_else(|| walk.values.finding());
    if report.finding.is_none() {
        report.finding = misfiled(store, report.commits, &mut progress).await?.or(walk.unknown);
    }
    Ok(report)
}

/// The proof that an event is part of the sealed log, under the latest checkpoint.
///
/// # Errors
/// The event is not there or not sealed yet, or the store is not what was sealed.
pub async fn prove_event(
    store: &dyn EventStore,
    keys: &[VerifierKey],
    id: EventId,
    mut progress: impl FnMut(u64) + Send,
) -> Result<EventProof, ProveError> {
    let mut walk = Walk::new(keys, &[]).map_err(VerifyError::from)?;
    walk.collected = Some(Collected { wanted: Some(id.to_string()), ..Collected::default() });
    let (collected, checkpoint) = walk.collect(store, &mut progress).await?;
    let (number, commit) = collected.found.ok_or(ProveError::NoSuchEvent(id))?;
    let (path, checkpoint) =
        tree::inclusion(&collected.leaves, number).zip(checkpoint).ok_or(ProveError::NotSealed(id))?;
    let StoredCommit { bytes, disclosures, .. } = commit;
    Ok(EventProof { commit: bytes, disclosures, index: number, path, checkpoint })
}

/// The proof that an earlier checkpoint is the beginning of the latest one.
///
/// # Errors
/// The earlier checkpoint is not of this store, or the store is not what was sealed.
pub async fn prove_extension(
    store: &dyn EventStore,
    keys: &[VerifierKey],
    earlier: &SignedCheckpoint,
    mut progress: impl FnMut(u64) + Send,
) -> Result<ConsistencyProof, ProveError> {
    let mut walk = Walk::new(keys, std::slice::from_ref(earlier)).map_err(VerifyError::from)?;
    walk.collected = Some(Collected::default());
    let (collected, checkpoint) = walk.collect(store, &mut progress).await?;
    let old = earlier.checkpoint().size;
    let (path, checkpoint) =
        tree::consistency(&collected.leaves, old).zip(checkpoint).ok_or(ProveError::TooShort(old))?;
    Ok(ConsistencyProof { old, path, checkpoint })
}

/// What proofs are made from.
#[derive(Default)]
struct Collected {
    /// The id of an event, as it stands in its commit.
    wanted: Option<String>,
    /// The number of its commit in the log, from 0, and the commit.
    found: Option<(u64, StoredCommit)>,
    /// All leaves that were sealed.
    leaves: Vec<Hash>,
}

struct Walk<'a> {
    keys: &'a [VerifierKey],
    marker: Marker,
    /// Those not yet reached, the smallest first.
    earlier: VecDeque<Checkpoint>,
    /// What is sealed, up to the last seal that was read.
    tree: Tree,
    /// What was read behind it.
    pending: Vec<Leaf>,
    /// The last position that was read.
    position: u64,
    collected: Option<Collected>,
    values: Values,
    /// The first seal by a key that is not known, behind the last one by a known key.
    unknown: Option<Finding>,
    report: Report,
}

impl<'a> Walk<'a> {
    fn new(keys: &'a [VerifierKey], earlier: &[SignedCheckpoint]) -> Result<Self, CheckpointError> {
        earlier.iter().try_for_each(|checkpoint| checkpoint.verify(keys))?;
        let mut earlier: Vec<Checkpoint> = earlier.iter().map(|signed| signed.checkpoint().clone()).collect();
        earlier.sort_by_key(|checkpoint| checkpoint.size);
        Ok(Self {
            keys,
            marker: Marker::new(),
            earlier: earlier.into(),
            tree: Tree::default(),
            pending: vec![],
            position: 0,
            collected: None,
            values: Values::default(),
            unknown: None,
            report: Report::default(),
        })
    }

    /// Reads to the end. Nothing is compared any more behind the first thing that is wrong.
    async fn run(
        &mut self,
        store: &dyn EventStore,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), StoreError> {
        loop {
            let page = match self.page(store).await? {
                Ok(page) => page,
                Err(why) => {
                    self.stop(Finding::Unreadable { after: self.position, why });
                    return Ok(());
                }
            };
            if page.is_empty() {
                break;
            }
            for commit in page {
                if let Some(finding) = self.read(&commit) {
                    let finding = self.named(store, finding).await;
                    self.stop(finding);
                    return self.count_rest(store, progress).await;
                }
            }
            progress(self.report.commits);
        }
        self.report.unsealed = self.pending.len() as u64;
        self.end();
        Ok(())
    }

    /// The commits that follow, or why the store is too damaged to have any.
    async fn page(&self, store: &dyn EventStore) -> Result<Result<Vec<StoredCommit>, String>, StoreError> {
        match store.commits(self.position, MAX_PAGE).await {
            Ok(page) => Ok(Ok(page)),
            Err(StoreError::Damaged(why)) => Ok(Err(why)),
            Err(error) => Err(error),
        }
    }

    fn stop(&mut self, finding: Finding) {
        self.report.stopped = true;
        self.found(Some(finding));
    }

    fn found(&mut self, finding: Option<Finding>) {
        if matches!(finding, Some(Finding::Rewritten { .. })) {
            // It agrees with itself, and not with what was there.
            self.report.sound_up_to = 0;
        }
        self.report.finding = finding;
    }

    /// Counts what was not read yet, as far as it can be read.
    async fn count_rest(
        &mut self,
        store: &dyn EventStore,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(), StoreError> {
        loop {
            let Ok(page) = self.page(store).await? else { return Ok(()) };
            let Some(last) = page.last() else { return Ok(()) };
            self.position = last.position;
            self.report.commits += page.len() as u64;
            self.report.seals += page.iter().filter(|commit| self.marker.is_on(commit)).count() as u64;
            progress(self.report.commits);
        }
    }

    async fn collect(
        mut self,
        store: &dyn EventStore,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<(Collected, Option<SignedCheckpoint>), ProveError> {
        self.run(store, progress).await.map_err(VerifyError::from)?;
        match self.report.finding.or_else(|| self.values.finding()) {
            Some(finding) => Err(ProveError::Changed(finding)),
            None => Ok((self.collected.unwrap_or_default(), self.report.checkpoint)),
        }
    }

    fn read(&mut self, commit: &StoredCommit) -> Option<Finding> {
        let number = self.report.commits;
        self.position = commit.position;
        self.report.commits += 1;
        if let Some(Collected { wanted: Some(wanted), found: found @ None, .. }) = &mut self.collected
            && holds(&commit.bytes, wanted)
            && commit.events().is_ok_and(|events| events.iter().any(|event| event.id.to_string() == *wanted))
        {
            *found = Some((number, commit.clone()));
        }
        self.values.read(commit);
        let is_seal = self.marker.is_on(commit);
        self.report.seals += u64::from(is_seal);
        let finding = if is_seal { self.seal(commit) } else { None };
        self.pending.push((commit.position, Hash::leaf(&commit.bytes)));
        finding
    }

    /// Holds what was read against what a seal says.
    fn seal(&mut self, commit: &StoredCommit) -> Option<Finding> {
        let bad = |why: String| Some(Finding::BadSeal { commit: Place::of(commit), why });
        let record = match record::of_commit(commit) {
            Ok(record) => record,
            Err(why) => return bad(why),
        };
        match record.checkpoint.verify(self.keys) {
            Ok(()) => {}
            // A later seal by a known key vouches for what this one does not.
            Err(CheckpointError::Note(NoteError::Unknown(named))) if !named.is_empty() => {
                self.unknown.get_or_insert(Finding::UnknownKey { commit: Place::of(commit), named });
                return None;
            }
            Err(error) => return bad(error.to_string()),
        }
        if let Some(finding) = self.catch_up(&record) {
            return Some(finding);
        }
        if record.before != self.tree {
            return bad("it does not continue the seal before it".to_owned());
        }
        let sealed: Vec<Leaf> = record.positions.iter().copied().zip(record.leaves.iter().copied()).collect();
        match first_difference(&sealed, &self.pending) {
            None => {}
            // Where a commit is, is not signed, only what it is and what is before it: the seal itself may be wrong.
            Some(_) if self.pending.iter().map(|(_, hash)| hash).take(sealed.len()).eq(&record.leaves) => {
                return bad(
                    "what it seals is there and in order, but not at the positions that it names".to_owned()
                );
            }
            Some(finding) => {
                let sound = same(&sealed, &self.pending).checked_sub(1);
                self.report.sound_up_to = sound.map_or(self.report.sound_up_to, |last| self.pending[last].0);
                return Some(finding);
            }
        }
        let finding = self.pass_earlier(&record.leaves, &record.after);
        self.pass(record.leaves.len());
        self.unknown = None;
        if let Some(collected) = &mut self.collected {
            collected.leaves.extend(&record.leaves);
        }
        self.tree = record.after;
        self.report.sealed = self.tree.size();
        self.report.checkpoint = Some(record.checkpoint);
        finding
    }

    /// Where seals before this one are gone: what they sealed has to add up to what this one continues. Which seal is
    /// gone then shows, as seals are sealed themselves.
    fn catch_up(&mut self, record: &Record) -> Option<Finding> {
        let (from, to) = (self.tree.size(), record.before.size());
        let gap = usize::try_from(to.checked_sub(from).filter(|gap| *gap > 0)?).unwrap_or(usize::MAX);
        let lost: Vec<Hash> = self.pending.iter().take(gap).map(|(_, hash)| *hash).collect();
        let mut tree = self.tree.clone();
        tree.extend(lost.iter().copied());
        if tree != record.before {
            return Some(Finding::SealsLost { from, to });
        }
        let finding = self.pass_earlier(&lost, &tree);
        self.pass(gap);
        if let Some(collected) = &mut self.collected {
            collected.leaves.extend(&lost);
        }
        self.tree = tree;
        finding
    }

    /// So many of those that were read are what was sealed.
    fn pass(&mut self, sealed: usize) {
        if let Some((last, _)) = self.pending.drain(..sealed).next_back() {
            self.report.sound_up_to = last;
        }
    }

    /// Looks at the earlier checkpoints that the tree passes as it grows by these leaves.
    fn pass_earlier(&mut self, leaves: &[Hash], after: &Tree) -> Option<Finding> {
        if self.earlier.front()?.size > after.size() {
            return None;
        }
        let mut tree = self.tree.clone();
        let mut leaves = leaves.iter();
        loop {
            while let Some(earlier) = self.earlier.pop_front_if(|earlier| earlier.size == tree.size()) {
                if earlier.root != tree.root() {
                    return Some(Finding::Rewritten { size: earlier.size });
                }
            }
            tree.push(*leaves.next()?);
        }
    }

    /// The earlier checkpoints that are larger than what is sealed now.
    fn end(&mut self) {
        let sealed = self.tree.size();
        let unsealed: Vec<Hash> = self.pending.iter().map(|(_, hash)| *hash).collect();
        let mut tree = self.tree.clone();
        tree.extend(unsealed.iter().copied());
        let left = tree.size();
        let beyond: Vec<Checkpoint> =
            self.earlier.iter().filter(|earlier| earlier.size > sealed).cloned().collect();
        let finding = self.pass_earlier(&unsealed, &tree);
        let finding = finding.or_else(|| {
            let were = beyond.last()?.size;
            Some(if were > left {
                Finding::Truncated { left, were }
            } else {
                Finding::Unsealed { sealed, were }
            })
        });
        self.found(finding);
    }

    /// Says more about the commit of a finding, where it is there.
    async fn named(&self, store: &dyn EventStore, mut finding: Finding) -> Finding {
        if let Finding::Altered { commit } | Finding::Inserted { commit } | Finding::Moved { commit, .. } =
            &mut finding
            && let Ok(page) = store.commits(commit.position - 1, 1).await
            && let Some(there) = page.first().filter(|there| there.position == commit.position)
        {
            *commit = Place::of(there);
        }
        finding
    }
}

/// Whether the bytes have the text in them.
fn holds(bytes: &[u8], text: &str) -> bool {
    let first = text.as_bytes().first();
    let mut starts = bytes.iter().enumerate().filter(|(_, byte)| Some(*byte) == first);
    starts.any(|(start, _)| bytes[start..].starts_with(text.as_bytes()))
}
