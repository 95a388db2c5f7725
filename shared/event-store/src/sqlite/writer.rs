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
        let (answer, outcome) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or(StoreError::Closed)?;
        jobs.send(Job { prepared, answer }).await.map_err(|_| StoreError::Closed)?;
        outcome.await.map_err(|_| StoreError::Closed)?
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
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                commits = group.len(),
                "group of commits failed"
            );
            for job in group {
                settle(conn, clock, vec![job]);
            }
        }
        Err(error) => {
            for job in group.into_iter().take(1) {
                let _ = job.answer.send(Err(error.into()));
                return;
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
