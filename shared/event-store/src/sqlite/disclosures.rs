//! Personal values, which stand in a table of their own.

use rusqlite::{Connection, params};

use super::raw::bytes;
use crate::disclosure::Disclosure;
use crate::error::StoreError;

const OF_RANGE: &str = "SELECT CAST(commit_no AS INTEGER), disclosure FROM disclosures
     WHERE commit_no >= ?1 AND commit_no <= ?2 ORDER BY commit_no, digest";

pub(super) const OF_COMMIT: &str = "SELECT disclosure FROM disclosures WHERE commit_no = ?1";

/// Those beside one commit.
pub(super) fn read(conn: &Connection, number: i64) -> Result<Vec<Disclosure>, StoreError> {
    let mut read = conn.prepare_cached(OF_COMMIT)?;
    let found = read.query_map([number], |row| row.get(0).map(Disclosure::from_json))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Those beside the commits from one number to another, both included, in their order, with the numbers of their commits.
pub(super) fn of_range(
    conn: &Connection,
    (first, last): (i64, i64),
) -> Result<Vec<(i64, Disclosure)>, StoreError> {
    let mut read = conn.prepare_cached(OF_RANGE)?;
    let found =
        read.query_map([first, last], |row| Ok((row.get(0)?, Disclosure::from_json(bytes(row, 1)?))))?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(super) fn insert(conn: &Connection, number: i64, disclosures: &[Disclosure]) -> Result<(), StoreError> {
    if disclosures.is_empty() {
        return Ok(());
    }
    let mut insert =
        conn.prepare_cached("INSERT INTO disclosures (commit_no, digest, disclosure) VALUES (?1, ?2, ?3)")?;
    for disclosure in disclosures {
        insert.execute(params![number, disclosure.digest().as_bytes(), disclosure.as_json()])?;
    }
    Ok(())
}
