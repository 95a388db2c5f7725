//! Commits as they are stored, and whether what is kept beside them follows from them.
//!
//! Whoever can write the file can put a value of any type into any column: here they are read as they are, so that the commit
//! can be named. Everywhere else such a value is damage.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row};

use super::disclosures;
use super::query::PAGE_BYTES;
use crate::body::Opened;
use crate::disclosure::Disclosure;
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
const HOMELESS: &str = "SELECT CAST(commit_no AS INTEGER) FROM disclosures
     WHERE NOT EXISTS (SELECT 1 FROM commits NOT INDEXED WHERE number = commit_no) LIMIT 1";

pub(super) fn commits(conn: &Connection, after: u64, limit: usize) -> Result<Vec<StoredCommit>, StoreError> {
    let mut read = conn.prepare_cached(COMMITS)?;
    let mut rows = read.query((signed(after), signed(limit as u64)))?;
    let mut commits = Vec::new();
    let mut size = 0;
    while size <= PAGE_BYTES {
        let row = match rows.next().map_err(StoreError::from) {
            Ok(row) => row,
            // What can be read is told first: behind it the next page begins, and says the same of itself.
            Err(StoreError::Damaged(_)) if !commits.is_empty() => None,
            Err(error) => return Err(error),
        };
        let Some(row) = row else { break };
        let commit = StoredCommit { position: number(row)?, bytes: bytes(row, 1)?, disclosures: Vec::new() };
        size += commit.bytes.len();
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
        last = Some(position);
        let body = bytes(row, 1)?;
        let (values, filed) = beside(conn, position)?;
        let mut wrong = |what: String| found.push(Misfiled { position, what });
        let Ok(opened) = Opened::new(position, &body, || Ok(values.clone())) else {
            wrong("its bytes cannot be read".to_owned());
            continue;
        };
        if !matches!(row.get_ref(1)?, ValueRef::Blob(_)) {
            wrong("its bytes are stored as something else than bytes".to_owned());
        }
        if !holds(row, 2, &row_of(&opened))? {
            wrong("its row names another stream, version or time".to_owned());
        }
        if let Some(what) = events(conn, position, &opened)? {
            wrong(what);
        }
        if !filed {
            wrong("a personal value beside it is filed under another digest than its own".to_owned());
        } else if let Some(what) = opened.misfit(&values)? {
            wrong(what);
        }
    }
    Ok((found, last))
}

/// What the row of a commit says behind its bytes.
fn row_of(opened: &Opened<'_>) -> [Value; 3] {
    [
        Value::Text(opened.stream().to_string()),
        Value::Integer(signed(opened.last_version())),
        Value::Integer(opened.recorded_at()),
    ]
}

/// The personal values beside a commit, and whether each is filed under its own digest.
fn beside(conn: &Connection, position: u64) -> Result<(Vec<Disclosure>, bool), StoreError> {
    let mut read = conn.prepare_cached("SELECT digest, disclosure FROM disclosures WHERE commit_no = ?1")?;
    let mut rows = read.query([signed(position)])?;
    let (mut values, mut filed) = (Vec::new(), true);
    while let Some(row) = rows.next()? {
        let value = Disclosure::from_json(bytes(row, 1)?);
        let expected =
            [Value::Blob(value.digest().as_bytes().to_vec()), Value::Blob(value.as_json().to_vec())];
        filed &= holds(row, 0, &expected)?;
        values.push(value);
    }
    Ok((values, filed))
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
        let blob = |uuid: &uuid::Uuid| Value::Blob(uuid.as_bytes().to_vec());
        let text = |name: Option<&str>| Value::from(name.map(str::to_owned));
        // In the order of the columns.
        let expected = [
            Value::Integer(first + ordinal as i64),
            Value::Integer(signed(position)),
            blob(&keys.id),
            text(Some(stream.kind())),
            text(stream.cluster().map(|cluster| cluster.as_str())),
            text(stream.uid().map(|uid| uid.as_str())),
            Value::Text(keys.actor),
            Value::Text(keys.type_name),
            keys.revocation.map_or(Value::Null, |id| blob(id.as_uuid())),
            blob(&keys.correlation),
            Value::Text(keys.channel),
        ];
        if !holds(row, 0, &expected)? {
            return wrong("the index says something else than the event");
        }
    }
    Ok(rows.next()?.map(|_| "the index has an event that is not in it".to_owned()))
}

/// Whether the columns from one on hold these values, in type and content.
fn holds(row: &Row<'_>, from: usize, expected: &[Value]) -> Result<bool, StoreError> {
    for (column, value) in (from..).zip(expected) {
        if row.get_ref(column)? != ValueRef::from(value) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The bytes in a column, whatever type they have; what is neither text nor bytes has none.
pub(super) fn bytes(row: &Row<'_>, column: usize) -> Result<Vec<u8>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

fn number(row: &Row<'_>) -> Result<u64, StoreError> {
    Ok(row.get::<_, i64>(0)?.cast_unsigned())
}

/// SQLite counts with a sign.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
