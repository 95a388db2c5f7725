//! Appending one commit within a transaction that others' commits share.

use kubeconfig::EventId;
use rusqlite::{Connection, OptionalExtension, params};

use super::disclosures;
use super::query::BODY;
use crate::body::{Opened, Prepared};
use crate::clock::Clock;
use crate::disclosure::Disclosure;
use crate::error::{AppendError, StoreError};

pub(super) const END: &str = "SELECT coalesce(max(number), 0), max(recorded_at) FROM commits
     WHERE number = (SELECT max(number) FROM commits)";

pub(super) const BY_ID: &str = "SELECT position FROM events WHERE id = ?1";

pub(super) const VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM commits INDEXED BY commits_by_stream WHERE stream = ?1";

/// A commit as it is stored.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) number: u64,
    pub(super) body: Vec<u8>,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) duplicate: bool,
}

/// Where the log ends, as seen from within the transaction.
pub(super) struct End {
    number: i64,
    recorded_at: i64,
}

impl End {
    pub(super) fn read(conn: &Connection) -> Result<Self, StoreError> {
        let mut last = conn.prepare_cached(END)?;
        let end = last.query_row((), |row| {
            Ok(Self { number: row.get(0)?, recorded_at: row.get::<_, Option<i64>>(1)?.unwrap_or(i64::MIN) })
        });
        Ok(end?)
    }
}

/// Stores the commit, or says why not. Everything that can speak against it is found before anything is written: an
/// inner error leaves the transaction as it was, and only an outer one spoils it.
pub(super) fn append(
    conn: &Connection,
    end: &mut End,
    clock: &Clock,
    prepared: &Prepared,
) -> Result<Result<Stored, AppendError>, StoreError> {
    match find(conn, prepared)? {
        Some(Ok(stored)) => return Ok(Ok(stored)),
        Some(Err(id)) => return Ok(Err(AppendError::IdReused { id })),
        None => {}
    }
    let actual = version(conn, prepared)?;
    if actual != prepared.expected {
        let (stream, expected) = (prepared.stream.clone(), prepared.expected);
        return Ok(Err(AppendError::Conflict { stream, expected, actual }));
    }
    let number = end.number + 1;
    let (recorded_at, body) = match prepared.written(number.cast_unsigned(), end.recorded_at, clock) {
        Ok(written) => written,
        Err(AppendError::Store(error)) => return Err(error),
        Err(error) => return Ok(Err(error)),
    };
    insert(conn, number, recorded_at, &body, prepared)?;
    *end = End { number, recorded_at };
    let disclosures = prepared.disclosures.clone();
    Ok(Ok(Stored { number: number.cast_unsigned(), body, disclosures, duplicate: false }))
}

/// The stored commit if it is this very one, or the id that another one holds.
fn find(conn: &Connection, prepared: &Prepared) -> Result<Option<Result<Stored, EventId>>, StoreError> {
    let mut by_id = conn.prepare_cached(BY_ID)?;
    let mut known = None;
    for keys in &prepared.keys {
        if let Some(position) =
            by_id.query_row([keys.id.as_bytes()], |row| row.get::<_, i64>(0)).optional()?
        {
            known = Some((position, EventId::new(keys.id)));
            break;
        }
    }
    let Some((position, id)) = known else { return Ok(None) };
    let number = position >> 8;
    let mut read = conn.prepare_cached(BODY)?;
    let body: Vec<u8> = read.query_row([number], |row| row.get(0))?;
    let same = Opened::envelope(number.cast_unsigned(), &body)?.is(prepared)?;
    if !same {
        return Ok(Some(Err(id)));
    }
    let disclosures = disclosures::read(conn, number)?;
    Ok(Some(Ok(Stored { number: number.cast_unsigned(), body, disclosures, duplicate: true })))
}

fn version(conn: &Connection, prepared: &Prepared) -> Result<u64, StoreError> {
    let mut last = conn.prepare_cached(VERSION)?;
    let version: i64 = last.query_row([prepared.stream.to_string()], |row| row.get(0))?;
    Ok(version.cast_unsigned())
}

fn insert(
    conn: &Connection,
    number: i64,
    recorded_at: i64,
    body: &[u8],
    prepared: &Prepared,
) -> Result<(), StoreError> {
    let stream = &prepared.stream;
    conn.prepare_cached(
        "INSERT INTO commits (number, stream, version, recorded_at, body) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        number,
        stream.to_string(),
        prepared.version().cast_signed(),
        recorded_at,
        body
    ])?;
    let mut event = conn.prepare_cached(
        "INSERT INTO events (position, commit_no, id, kind, cluster, uid, actor, type, revocation, correlation, channel)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for (position, keys) in (number << 8..).zip(&prepared.keys) {
        event.execute(params![
            position,
            number,
            keys.id.as_bytes(),
            stream.kind(),
            stream.cluster().map(|cluster| cluster.as_str()),
            stream.uid().map(|uid| uid.as_str()),
            keys.actor,
            keys.type_name,
            keys.revocation.as_ref().map(|revocation| revocation.as_uuid().as_bytes()),
            keys.correlation.as_bytes(),
            keys.channel,
        ])?;
    }
    disclosures::insert(conn, number, &prepared.disclosures)
}
