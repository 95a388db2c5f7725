//! Erasing personal values: from their table, from what events are found by, and from the pages of the file.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::query::BODY;
use super::{Options, connection};
use crate::body::{HUMAN, Opened};
use crate::disclosure::Digest;
use crate::error::StoreError;
use kubeconfig::personal::ERASED;

/// How long others may keep the file from being cleaned.
const PATIENCE: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(20);

const DELETE: &str = "DELETE FROM disclosures WHERE commit_no = ?1 AND digest = ?2";

pub(super) fn erase(path: &Path, options: &Options, values: &[(u64, Digest)]) -> Result<u64, StoreError> {
    let mut conn = connection::connect(path, options, false)?;
    // What is deleted is overwritten at once; pages that were copied before are for `scrub`.
    conn.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut erased = 0;
    for (position, digest) in values {
        let number = i64::try_from(*position).unwrap_or(i64::MAX);
        let gone = tx.prepare_cached(DELETE)?.execute(params![number, digest.as_bytes()])?;
        erased += gone as u64;
        forget_actor(&tx, number, digest)?;
    }
    tx.commit()?;
    Ok(erased)
}

/// What events are found by must not say whom an envelope does not name any more.
fn forget_actor(conn: &Connection, number: i64, digest: &Digest) -> Result<(), StoreError> {
    let body = conn.prepare_cached(BODY)?.query_row([number], |row| row.get(0)).optional()?;
    let Some(body): Option<Vec<u8>> = body else { return Ok(()) };
    let digests = Opened::envelope(number.cast_unsigned(), &body)?.digests()?;
    let actors = digests.into_iter().filter(|(_, at, known)| at == HUMAN && known == digest);
    for (ordinal, ..) in actors {
        let position = (number << 8) | i64::try_from(ordinal).unwrap_or(0);
        conn.prepare_cached("UPDATE events SET actor = ?2 WHERE position = ?1")?
            .execute(params![position, ERASED])?;
    }
    Ok(())
}

/// Writes all pages of the file anew, and empties the write-ahead log: SQLite copies cells when it splits pages, and leaves
/// what they held before in the parts that no cell uses, so that overwriting what is deleted is not enough.
pub(super) fn scrub(path: &Path, options: &Options) -> Result<(), StoreError> {
    let conn = connection::connect(path, options, false)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        match conn.execute_batch("VACUUM").map_err(StoreError::from) {
            Err(StoreError::Busy) if Instant::now() < deadline => thread::sleep(PAUSE),
            done => break done?,
        }
    }
    loop {
        // Readers of an older state keep the log from being emptied for as long as they read.
        let kept: bool = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get(0))?;
        match kept {
            false => return Ok(()),
            true if Instant::now() >= deadline => return Err(StoreError::Busy),
            true => thread::sleep(PAUSE),
        }
    }
}
