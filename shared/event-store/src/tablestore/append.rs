//! Appending.
//!
//! A commit is put at the number behind the last one known, on the condition that nothing is there. If it succeeds,
//! nothing was stored since that last one was read, so that everything known of streams and ids was exact. If
//! something is there, it is read, and the commit is judged again.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use kubeconfig::EventId;
use sha2::{Digest, Sha256};
use tablestore_rs::operation::RowError;
use tablestore_rs::operation::batch_write_row::BatchWriteRowOutput;
use uuid::Uuid;

use super::Inner;
use super::kept::Kept;
use super::layout::{self, Entries, tag};
use super::remote::{fits, pause};
use super::tail::{Known, Snapshot};
use crate::body::Prepared;
use crate::error::{AppendError, StoreError};
use crate::store::{Appended, Order, StoredCommit};

/// What is known of a commit before it is put.
enum Verdict {
    /// It may be put.
    New,
    /// It is stored.
    Stored(Arc<Kept>),
    /// Another commit holds this id.
    Reused(EventId),
    /// Its stream is at another version.
    Elsewhere(u64),
}

/// What became of a put.
enum Put {
    Stored(Arc<Kept>),
    /// Somebody else was faster, or it may have been stored: the log knows.
    Look,
    /// It was certainly not stored, and may be next time.
    Again,
}

/// One call, with all its tries.
struct Call<'a> {
    prepared: &'a Prepared,
    end: Instant,
    /// Hashes of what was sent: an answer may be lost, and what is found later be our own.
    sent: HashSet<[u8; 32]>,
}

impl Inner {
    pub(super) async fn append(&self, prepared: &Prepared) -> Result<Appended, AppendError> {
        // One at a time: two puts of one process at the same number could only hinder each other.
        let _turn = self.turn.lock().await;
        let mut call = Call { prepared, end: self.remote.end(), sent: HashSet::new() };
        let mut snapshot = self.snapshot().await?;
        let mut current = false;
        let mut tries = 0;
        loop {
            match self.judge(prepared, &snapshot).await? {
                Verdict::Stored(kept) => {
                    let duplicate = !call.sent.contains(&hash(&kept.bytes));
                    return Ok(Appended { recorded: kept.open()?.events()?, duplicate });
                }
                Verdict::Reused(id) => return Err(AppendError::IdReused { id }),
                Verdict::Elsewhere(actual) if current => {
                    let (stream, expected) = (prepared.stream.clone(), prepared.expected);
                    return Err(AppendError::Conflict { stream, expected, actual });
                }
                // What is known may be old.
                Verdict::Elsewhere(_) => {}
                Verdict::New => {
                    tries += 1;
                    match self.put(&mut call, &snapshot).await? {
                        Put::Stored(kept) => {
                            return Ok(Appended { recorded: kept.open()?.events()?, duplicate: false });
                        }
                        Put::Look | Put::Again if Instant::now() >= call.end => {
                            return Err(StoreError::Busy.into());
                        }
                        Put::Look if tries == 1 => {}
                        Put::Look | Put::Again => pause(tries).await,
                    }
                }
            }
            snapshot = self.catch_up().await?;
            current = true;
        }
    }

    /// Everything that can speak against a commit, as of the snapshot.
    async fn judge(&self, prepared: &Prepared, snapshot: &Snapshot) -> Result<Verdict, StoreError> {
        if let Some((id, number)) = self.first_known(prepared, snapshot).await? {
            let kept = self.kept(number, snapshot).await?;
            return Ok(if kept.open()?.is(prepared)? {
                Verdict::Stored(kept)
            } else {
                Verdict::Reused(EventId::new(id))
            });
        }
        let actual = self.version(prepared, snapshot).await?;
        Ok(if actual == prepared.expected { Verdict::New } else { Verdict::Elsewhere(actual) })
    }

    /// The first of the commit's ids that is stored, and where. Asks the index only for ids that may be older than
    /// what this process has seen of the log.
    async fn first_known(
        &self,
        prepared: &Prepared,
        snapshot: &Snapshot,
    ) -> Result<Option<(Uuid, u64)>, StoreError> {
        let mut known: Vec<(Uuid, Known)> = {
            let tail = self.tail();
            let known = |id| tail.as_ref().map_or_else(|| snapshot.id(id), |tail| tail.id(id));
            prepared.keys.iter().map(|keys| (keys.id, known(&keys.id))).collect()
        };
        let open: Vec<usize> = (0..known.len()).filter(|at| known[*at].1 == Known::Perhaps).collect();
        if !open.is_empty() {
            let places: Vec<_> = open.iter().map(|at| (tag::id(&known[*at].0), 0)).collect();
            for (at, entry) in open.into_iter().zip(self.remote.entries(&places).await?) {
                known[at].1 = entry.map_or(Known::Nowhere, |entry| Known::In(entry.number));
            }
        }
        Ok(known.into_iter().find_map(|(id, known)| match known {
            Known::In(number) => Some((id, number)),
            Known::Nowhere | Known::Perhaps => None,
        }))
    }

    async fn kept(&self, number: u64, snapshot: &Snapshot) -> Result<Arc<Kept>, StoreError> {
        match snapshot.recent.iter().find(|kept| kept.number == number) {
            Some(kept) => Ok(Arc::clone(kept)),
            None => Ok(Arc::new(self.remote.commit(number).await?)),
        }
    }

    /// The version of the commit's stream, as of the tail.
    async fn version(&self, prepared: &Prepared, snapshot: &Snapshot) -> Result<u64, StoreError> {
        let stream = &prepared.stream;
        if let Some(version) = self.tail().as_ref().and_then(|tail| tail.version(stream)) {
            return Ok(version);
        }
        let places = 1..=layout::signed(snapshot.number);
        let last = self.remote.tagged(&tag::stream(stream), places, Order::Newest, 1).await?;
        let indexed = last.found.first().and_then(|(_, entry)| entry.version);
        let recent = snapshot.recent.iter().filter(|kept| kept.stream == *stream);
        let version = recent.map(|kept| kept.last_version).chain(indexed).max().unwrap_or(0);
        let mut tail = self.tail();
        let Some(tail) = tail.as_mut() else { return Ok(version) };
        tail.learn(snapshot, stream, version);
        Ok(tail.version(stream).unwrap_or(version))
    }

    async fn put(&self, call: &mut Call<'_>, snapshot: &Snapshot) -> Result<Put, AppendError> {
        let entries = self.prepare_index(snapshot).await?;
        let number = snapshot.number + 1;
        let last = snapshot.recent.last().map_or(i64::MIN, |kept| kept.recorded_at);
        let (_, bytes) = call.prepared.written(number, last, &self.clock)?;
        call.sent.insert(hash(&bytes));
        let commit = StoredCommit { position: number, bytes, disclosures: call.prepared.disclosures.clone() };
        match self.remote.put(call.end, &commit, &entries).await {
            Ok(answer) => Ok(self.conclude(snapshot, commit, &answer)?),
            Err(error) if error.may_have_been_applied() => {
                tracing::debug!(%error, number, "what became of a commit is not known yet");
                Ok(Put::Look)
            }
            Err(error) => Err(StoreError::from(error).into()),
        }
    }

    /// What goes into the index with the next commit: the rows of the one before. Those of commits before that have to
    /// be there already, which is to be done only where another process put the last commit.
    async fn prepare_index(&self, snapshot: &Snapshot) -> Result<Entries, StoreError> {
        let indexed = self.tail().as_ref().map_or(0, |tail| tail.indexed).max(snapshot.indexed);
        let unindexed = snapshot.recent.iter().filter(|kept| kept.number > indexed).cloned();
        let (last, before): (Vec<_>, Vec<_>) = unindexed.partition(|kept| kept.number == snapshot.number);
        let of = |commits: &[Arc<Kept>]| commits.iter().flat_map(|kept| kept.entries()).collect::<Entries>();
        let (mut now, beside) = (of(&before), of(&last));
        let beside = if fits(&beside) {
            beside
        } else {
            now.extend(beside);
            Entries::new()
        };
        if !now.is_empty() {
            self.remote.write_index(&now).await?;
            let done = if beside.is_empty() { snapshot.number } else { snapshot.number.saturating_sub(1) };
            self.indexed(done);
        }
        Ok(beside)
    }

    /// Reads the answer to a put: the last result is that of the commit, those before it are of the index.
    fn conclude(
        &self,
        snapshot: &Snapshot,
        commit: StoredCommit,
        answer: &BatchWriteRowOutput,
    ) -> Result<Put, StoreError> {
        let Some((put, index)) = answer.results().split_last() else { return Ok(Put::Look) };
        if index.iter().all(|result| result.outcome.is_ok()) {
            self.indexed(snapshot.number);
        }
        match &put.outcome {
            Ok(_) => {
                let kept = Arc::new(Kept::read(commit)?);
                if let Some(tail) = self.tail().as_mut() {
                    tail.absorb(Arc::clone(&kept));
                }
                Ok(Put::Stored(kept))
            }
            Err(error) if error.is_condition_check_fail() || error.may_have_been_applied() => Ok(Put::Look),
            Err(error) if RowError::may_be_repeated(error) => Ok(Put::Again),
            Err(error) => Err(error.clone().into()),
        }
    }

    /// Takes note that all rows of the index are there, up to a commit.
    fn indexed(&self, number: u64) {
        if let Some(tail) = self.tail().as_mut() {
            tail.indexed = tail.indexed.max(number);
        }
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
