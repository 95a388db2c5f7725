//! Commits as they are stored, and whether what is kept beside them follows from them.

use rusqlite::{Connection, OptionalExtension, Row};

use super::disclosures;
use super::query::PAGE_BYTES;
use crate::body::Opened;
use crate::disclosure::{Digest, Disclosure};
use crate::error::StoreError;
use crate::store::{Misfiled, StoredCommit};

/// By the table itself: no index has a say in which commits there are.
const COMMITS: &str =
    "SELECT number, body FROM commits NOT INDEXED WHERE number > ?1 ORDER BY number LIMIT ?2";

const FILED: &str = "SELECT number, body, stream, version, recorded_at FROM commits NOT INDEXED
     WHERE number > ?1 ORDER BY number LIMIT ?2";

const EVENTS: &str =
    "SELECT position, commit_no, id, kind, cluster, uid, actor, type, revocation, correlation, channel
     FROM events NOT INDEXED WHERE position >= ?1 AND position <= ?2 ORDER BY position";

/// What may not be there: a position that no commit has.
const OUTSIDE: &str =
    "SELECT position >> 8 FROM events NOT INDEXED WHERE position < 256 OR position >= ?1 LIMIT 1";

/// What may not be there either: a value of no commit.
const HOMELESS: &str = "SELECT commit_no FROM disclosures
     WHERE NOT EXISTS (SELECT 1 FROM commits NOT INDEXED WHERE number = commit_no) LIMIT 1";

pub(super) fn commits(conn: &Connection, after: u64, limit: usize) -> Result<Vec<StoredCommit>, StoreError> {
    let mut read = conn.prepare_cached(COMMITS)?;
    let mut rows = read.query((signed(after), signed(limit as u64)))?;
    let mut commits = Vec::new();
    let mut bytes = 0;
    while bytes <= PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let commit = StoredCommit { position: number(row)?, bytes: row.get(1)?, disclosures: Vec::new() };
        bytes += commit.bytes.len();
        commits.push(commit);
    }
    if let (Some(first), Some(last)) = (commits.first(), commits.last()) {
        let range = (signed(first.position), signed(last.position));
        let mut values = disclosures::of_range(conn, range)?.into_iter().peekable();
        for commit in &mut commits {
            while let Some((_, value)) = values.next_if(|(position, _)| *position == signed(commit.position))
            {
                commit.disclosures.push(value);
            }
        }
    }
    Ok(commits)
}

pub(super) fn misfiled(
    conn: &Connection,
    after: u64,
    limit: usize,
) -> Result<(Vec<Misfiled>, Option<u64>), StoreError> {
    let mut found = Vec::new();
    if after == 0 {
        whole(conn, &mut found)?;
    }
    let mut read = conn.prepare_cached(FILED)?;
    let mut rows = read.query((signed(after), signed(limit as u64)))?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let position = number(row)?;
        let body: Vec<u8> = row.get(1)?;
        let (digests, values) = beside(conn, position)?;
        let Ok(opened) = Opened::new(position, &body, || Ok(values.clone())) else {
            found.push(Misfiled { position, what: "its bytes cannot be read".to_owned() });
            last = Some(position);
            continue;
        };
        let filed: (String, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        if filed != (opened.stream().to_string(), signed(opened.last_version()), opened.recorded_at()) {
            found.push(Misfiled {
                position,
                what: "its row names another stream, version or time".to_owned(),
            });
        }
        if let Some(what) = events(conn, position, &opened)? {
            found.push(Misfiled { position, what });
        }
        if values.iter().map(Disclosure::digest).ne(digests) {
            let what = "a personal value beside it is filed under another digest than its own".to_owned();
            found.push(Misfiled { position, what });
        } else if let Some(what) = opened.misfit(&values)? {
            found.push(Misfiled { position, what });
        }
        last = Some(position);
    }
    Ok((found, last))
}

/// What the personal values beside a commit are filed under, and the values.
fn beside(conn: &Connection, position: u64) -> Result<(Vec<Digest>, Vec<Disclosure>), StoreError> {
    let mut read = conn.prepare_cached("SELECT digest, disclosure FROM disclosures WHERE commit_no = ?1")?;
    let filed = |row: &Row<'_>| Ok((Digest::from_bytes(row.get(0)?), Disclosure::from_json(row.get(1)?)));
    Ok(read.query_map([signed(position)], filed)?.collect::<Result<_, _>>()?)
}

/// What is about the file and not about a commit.
fn whole(conn: &Connection, found: &mut Vec<Misfiled>) -> Result<(), StoreError> {
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if verdict != "ok" {
        found.push(Misfiled { position: 0, what: format!("SQLite finds the file inconsistent: {verdict}") });
    }
    let first: Option<i64> = conn.query_row("SELECT min(number) FROM commits", (), |row| row.get(0))?;
    if let Some(first) = first.filter(|first| *first < 1) {
        found.push(Misfiled {
            position: 0,
            what: format!("a commit has the number {first}; numbers start at 1"),
        });
    }
    let last: i64 = conn.query_row("SELECT coalesce(max(number), 0) FROM commits", (), |row| row.get(0))?;
    let outside: Option<i64> =
        conn.prepare(OUTSIDE)?.query_row([(last + 1) << 8], |row| row.get(0)).optional()?;
    if let Some(commit) = outside {
        let what = format!("the index has an event of commit {commit}, which is not there");
        found.push(Misfiled { position: 0, what });
    }
    let homeless: Option<i64> = conn.prepare(HOMELESS)?.query_row((), |row| row.get(0)).optional()?;
    if let Some(commit) = homeless {
        let what = format!("there is a personal value of commit {commit}, which is not there");
        found.push(Misfiled { position: 0, what });
    }
    Ok(())
}

/// What is wrong with the index rows of a commit.
fn events(conn: &Connection, position: u64, opened: &Opened<'_>) -> Result<Option<String>, StoreError> {
    let (stream, first) = (opened.stream(), signed(position) << 8);
    let mut read = conn.prepare_cached(EVENTS)?;
    let mut rows = read.query((first, first | 0xff))?;
    for ordinal in 0..opened.len() {
        let wrong = |what: &str| Ok(Some(format!("event {ordinal}: {what}")));
        let Some(row) = rows.next()? else { return wrong("it is missing in the index") };
        let Ok(keys) = opened.keys(ordinal) else { return wrong("it cannot be read") };
        let place: (i64, i64) = (row.get(0)?, row.get(1)?);
        let names: [Option<String>; 6] =
            [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(10)?];
        let ids: [Option<Vec<u8>>; 3] = [row.get(2)?, row.get(8)?, row.get(9)?];
        let bytes = |uuid: &uuid::Uuid| uuid.as_bytes().to_vec();
        let expected_names = [
            Some(stream.kind().to_owned()),
            stream.cluster().map(ToString::to_string),
            stream.uid().map(ToString::to_string),
            Some(keys.actor),
            Some(keys.type_name),
            Some(keys.channel),
        ];
        let expected_ids = [
            Some(bytes(&keys.id)),
            keys.revocation.map(|id| bytes(id.as_uuid())),
            Some(bytes(&keys.correlation)),
        ];
        if place != (first + ordinal as i64, signed(position))
            || names != expected_names
            || ids != expected_ids
        {
            return wrong("the index says something else than the event");
        }
    }
    Ok(rows.next()?.map(|_| "the index has an event that is not in it".to_owned()))
}

fn number(row: &Row<'_>) -> Result<u64, StoreError> {
    Ok(row.get::<_, i64>(0)?.cast_unsigned())
}

/// SQLite counts with a sign.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
