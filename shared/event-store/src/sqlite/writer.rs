//! The one thread that writes. Commits that arrive while the disk is busy share the next transaction, and its one
//! wait for the disk.

use std::thread::{self, JoinHandle};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::append::{self, End, Stored};
use crate::body::Prepared;
use crate::clock::Clock;
use crate::error::{AppendError, StoreError};

/// The most commits that share a transaction; also how many wait before further callers have to.
const GROUP: usize = 64;

type Outcome = Result<Stored, AppendError>;

struct Job {
    prepared: Prepared,
    answer: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
pub(super) struct Writer {
    /// Present until the writer is dropped.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Connection, clock: Clock) -> Result<Self, StoreError> {
        let (jobs, incoming) = mpsc::channel(GROUP);
        let thread = thread::Builder::new()
            .name("event-store".to_owned())
            .spawn(move || run(conn, &clock, incoming))
            .map_err(|error| StoreError::Io(Box::new(error)))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(super) async fn append(&self, prepared: Prepared) -> Outcome {
        self.send(prepared).await?.await.map_err(|_| StoreError::Closed)?
    }

    /// Puts a commit in its turn. Its answer comes later.
    pub(super) async fn send(&self, prepared: Prepared) -> Result<oneshot::Receiver<Outcome>, StoreError> {
        let (answer, outcome) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(Job { prepared, answer }).await.map_err(|_| StoreError::Closed)?;
        Ok(outcome)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

fn run(mut conn: Connection, clock: &Clock, mut jobs: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
        settle(&mut conn, clock, std::mem::take(&mut group));
    }
}

/// Stores the commits of a group and answers each caller, after the disk has confirmed.
fn settle(conn: &mut Connection, clock: &Clock, group: Vec<Job>) {
    match write(conn, clock, &group) {
        Ok(outcomes) => {
            for (job, outcome) in group.into_iter().zip(outcomes) {
                // A caller that went away does not need the answer.
                let _ = job.answer.send(outcome);
            }
        }
        Err(StoreError::Busy) => {
            for job in group {
                let _ = job.answer.send(Err(StoreError::Busy.into()));
            }
        }
        // One may have failed all: each gets its own try. What was stored nevertheless is recognised by its ids.
        Err(error) if group.len() > 1 => {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(
                error,
                event_store.commits = group.len(),
                "a group of commits failed, trying each alone"
            );
            for job in group {
                settle(conn, clock, vec![job]);
            }
        }
        Err(error) => {
            if let Some(job) = group.into_iter().next() {
                let _ = job.answer.send(Err(error.into()));
            }
        }
    }
}

fn write(conn: &mut Connection, clock: &Clock, group: &[Job]) -> Result<Vec<Outcome>, StoreError> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut end = End::read(&tx)?;
    let mut outcomes = Vec::with_capacity(group.len());
    for job in group {
        outcomes.push(append::append(&tx, &mut end, clock, &job.prepared)?);
    }
    tx.commit()?;
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use kubeconfig::Event;
    use kubeconfig::Stored as Fields;
    use serde_json::Value;

    use super::*;
    use crate::contract::sample;
    use crate::sqlite::{Options, connection};

    /// A writer's connection to a file that may not grow beyond so many pages of 4 KiB.
    fn limited(folder: &tempfile::TempDir, pages: u32) -> Connection {
        let conn = connection::open(&folder.path().join("events.db"), &Options::default()).unwrap();
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
        conn
    }

    /// A commit on a stream of its own, with about so many bytes.
    fn prepared(uid: u32, bytes: usize) -> Prepared {
        let data = Value::String("x".repeat(bytes));
        let event = Event::Unrecognised(Fields { type_name: "Sized".to_owned(), schema: 1, data });
        Prepared::new(sample::of(&sample::identity(uid), 0, sample::new(event))).unwrap()
    }

    fn outcomes(conn: &mut Connection, group: Vec<Prepared>) -> Vec<Outcome> {
        let (jobs, answers): (Vec<Job>, Vec<_>) = group
            .into_iter()
            .map(|prepared| {
                let (answer, outcome) = oneshot::channel();
                (Job { prepared, answer }, outcome)
            })
            .unzip();
        settle(conn, &Clock::system(), jobs);
        answers.into_iter().map(|outcome| outcome.blocking_recv().unwrap()).collect()
    }

    #[test]
    fn a_full_disk_is_an_error_and_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = limited(&folder, 100);
        let full = outcomes(&mut conn, vec![prepared(1, 900_000)]);
        assert!(matches!(full[..], [Err(AppendError::Store(StoreError::Full))]), "{full:?}");
        let small = outcomes(&mut conn, vec![prepared(2, 100)]);
        assert!(matches!(&small[..], [Ok(Stored { number: 1, duplicate: false, .. })]), "{small:?}");
        conn.pragma_update_and_check(None, "max_page_count", 10_000, |_| Ok(())).unwrap();
        let later = outcomes(&mut conn, vec![prepared(1, 900_000)]);
        assert!(matches!(&later[..], [Ok(Stored { number: 2, .. })]), "{later:?}");
    }

    #[test]
    fn a_commit_that_fails_does_not_fail_those_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = limited(&folder, 100);
        let mixed = vec![prepared(1, 100), prepared(2, 900_000), prepared(3, 100)];
        let outcomes = outcomes(&mut conn, mixed);
        assert!(
            matches!(
                &outcomes[..],
                [
                    Ok(Stored { number: 1, .. }),
                    Err(AppendError::Store(StoreError::Full)),
                    Ok(Stored { number: 2, .. })
                ]
            ),
            "{outcomes:?}"
        );
    }

    #[test]
    fn a_conflict_within_a_group_is_a_conflict_with_what_came_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut conn = limited(&folder, 10_000);
        let outcomes = outcomes(&mut conn, vec![prepared(1, 1), prepared(1, 1), prepared(2, 1)]);
        assert!(
            matches!(
                &outcomes[..],
                [
                    Ok(Stored { number: 1, .. }),
                    Err(AppendError::Conflict { expected: 0, actual: 1, .. }),
                    Ok(Stored { number: 2, .. })
                ]
            ),
            "{outcomes:?}"
        );
    }
}
