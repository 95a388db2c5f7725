//! Reading: a page is a walk along one index from where the page before it ended.

use std::fmt::Write as _;

use kubeconfig::{Recorded, StreamId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::disclosures;
use crate::body::Opened;
use crate::cursor::{Cursor, Question};
use crate::error::StoreError;
use crate::filter::{Filter, MAX_VALUES, by_people, microsecond_from};
use crate::store::{Order, Page};

/// A page ends early once it has read this many bytes of commits, so that a page of large events fits in memory.
pub(super) const PAGE_BYTES: usize = 8 * 1024 * 1024;

const READ_STREAM: &str = "SELECT number, body FROM commits INDEXED BY commits_by_stream
     WHERE stream = ?1 AND version > ?2 ORDER BY version";

/// The first commit that is not before a time.
const FROM_TIME: &str = "SELECT number FROM commits INDEXED BY commits_by_time
     WHERE recorded_at >= ?1 ORDER BY recorded_at, number LIMIT 1";

const LAST: &str = "SELECT coalesce(max(position), 0) FROM events";

pub(super) const BODY: &str = "SELECT body FROM commits WHERE number = ?1";

pub(super) fn read_stream(
    conn: &Connection,
    stream: &StreamId,
    after: u64,
    limit: usize,
) -> Result<Vec<Recorded>, StoreError> {
    let mut events = Vec::new();
    let mut read = conn.prepare_cached(READ_STREAM)?;
    let mut rows = read.query((stream.to_string(), i64::try_from(after).unwrap_or(i64::MAX)))?;
    while events.len() < limit {
        let Some(row) = rows.next()? else { break };
        let number: i64 = row.get(0)?;
        let body = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
        let commit = Opened::new(number.cast_unsigned(), body, || disclosures::read(conn, number))?;
        let known = usize::try_from((after + 1).saturating_sub(commit.first_version())).unwrap_or(usize::MAX);
        for ordinal in (known..commit.len()).take(limit - events.len()) {
            events.push(commit.event(ordinal)?);
        }
    }
    Ok(events)
}

pub(super) fn page(
    conn: &Connection,
    tag: u32,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page, StoreError> {
    let question = Question { order, store: tag, filter: filter.fingerprint() };
    let end: i64 = conn.prepare_cached(LAST)?.query_row((), |row| row.get(0))?;
    let after = after.map(|cursor| question.position(&cursor, end.cast_unsigned())).transpose()?;
    let bounds = Bounds::new(conn, filter, order, after)?;
    let found = positions(conn, filter, order, &bounds, limit)?;
    let mut more = found.len() > limit;
    let mut position = after.unwrap_or(0);
    let mut bytes = 0;
    let mut events = Vec::with_capacity(found.len().min(limit));
    let mut seen = Vec::with_capacity(events.capacity());
    let mut read = conn.prepare_cached(BODY)?;
    for places in found[..found.len().min(limit)].chunk_by(|a, b| a >> 8 == b >> 8) {
        if bytes > PAGE_BYTES {
            more = true;
            break;
        }
        let number = places[0] >> 8;
        let body: Vec<u8> = read.query_row([number], |row| row.get(0))?;
        bytes += body.len();
        let commit = Opened::new(number.cast_unsigned(), &body, || disclosures::read(conn, number))?;
        for place in places {
            events.push(commit.event(usize::try_from(place & 0xff).unwrap_or(usize::MAX))?);
            position = place.cast_unsigned();
            seen.push(position);
        }
    }
    if order == Order::Oldest && !more {
        // All up to here was looked at: the next page need not look at it again.
        position = end.cast_unsigned();
    }
    Ok(Page { events, end: question.cursor(position), more, places: seen })
}

/// Positions between which events are asked for, both excluded. Times become positions because `recorded_at` never
/// falls along the log.
struct Bounds {
    above: i64,
    below: i64,
}

impl Bounds {
    fn new(conn: &Connection, filter: &Filter, order: Order, after: Option<u64>) -> Result<Self, StoreError> {
        let mut bounds = Self { above: 0, below: i64::MAX };
        if let Some(after) = after.map(u64::cast_signed) {
            match order {
                Order::Oldest => bounds.above = after,
                Order::Newest => bounds.below = after,
            }
        }
        if let Some(since) = filter.since {
            let first = first_commit(conn, microsecond_from(since))?.unwrap_or(i64::MAX >> 8);
            bounds.above = bounds.above.max((first << 8) - 1);
        }
        if let Some(until) = filter.until
            && let Some(first) = first_commit(conn, microsecond_from(until))?
        {
            bounds.below = bounds.below.min(first << 8);
        }
        Ok(bounds)
    }
}

fn first_commit(conn: &Connection, from: i64) -> Result<Option<i64>, StoreError> {
    Ok(conn.prepare_cached(FROM_TIME)?.query_row([from], |row| row.get(0)).optional()?)
}

/// The positions of the first events that pass, one more than the limit if there are more.
fn positions(
    conn: &Connection,
    filter: &Filter,
    order: Order,
    bounds: &Bounds,
    limit: usize,
) -> Result<Vec<i64>, StoreError> {
    let (sql, values) = select(filter, order, bounds, limit);
    let mut read = conn.prepare_cached(&sql)?;
    let rows = read.query_map(params_from_iter(values), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The one index that walks are along, the most telling first (a person does little, a rule does most of all), and the
/// columns that it begins with.
fn lead(filter: &Filter) -> (&'static str, &'static [&'static str]) {
    let person = by_people(&filter.actors);
    // Each pair takes a walk of its own.
    let pairs = filter.clusters.len() * filter.uids.len();
    match filter {
        Filter { ids, .. } if !ids.is_empty() => ("INDEXED BY events_by_id", &["id"]),
        Filter { revocations, .. } if !revocations.is_empty() => {
            ("INDEXED BY events_by_revocation", &["revocation"])
        }
        Filter { correlations, .. } if !correlations.is_empty() => {
            ("INDEXED BY events_by_correlation", &["correlation"])
        }
        _ if (1..=MAX_VALUES).contains(&pairs) => ("INDEXED BY events_by_pair", &["cluster", "uid"]),
        Filter { uids, .. } if !uids.is_empty() => ("INDEXED BY events_by_uid", &["uid"]),
        _ if person => ("INDEXED BY events_by_actor", &["actor"]),
        _ if by_people(&filter.channels) => ("INDEXED BY events_by_channel", &["channel"]),
        Filter { types, .. } if !types.is_empty() => ("INDEXED BY events_by_type", &["type"]),
        Filter { actors, .. } if !actors.is_empty() => ("INDEXED BY events_by_actor", &["actor"]),
        Filter { channels, .. } if !channels.is_empty() => ("INDEXED BY events_by_channel", &["channel"]),
        Filter { clusters, .. } if !clusters.is_empty() => ("INDEXED BY events_by_cluster", &["cluster"]),
        Filter { kinds, .. } if !kinds.is_empty() => ("INDEXED BY events_by_kind", &["kind"]),
        _ => ("NOT INDEXED", &[]),
    }
}

/// The columns that conditions are on, each with its values.
fn conditions(filter: &Filter) -> Vec<(&'static str, Vec<Value>)> {
    let text = |values: &[String]| values.iter().cloned().map(Value::Text).collect();
    let uuid = |uuid: &uuid::Uuid| Value::Blob(uuid.as_bytes().to_vec());
    let mut all = vec![
        ("cluster", filter.clusters.iter().cloned().map(|id| Value::Text(id.into())).collect()),
        ("uid", filter.uids.iter().cloned().map(|uid| Value::Text(uid.into())).collect()),
        ("actor", text(&filter.actors)),
        ("channel", text(&filter.channels)),
        ("kind", text(&filter.kinds)),
        ("revocation", filter.revocations.iter().map(|id| uuid(id.as_uuid())).collect()),
        ("correlation", filter.correlations.iter().map(uuid).collect()),
        ("id", filter.ids.iter().map(|id| uuid(id.as_uuid())).collect()),
        ("type", text(&filter.types)),
    ];
    all.retain(|(_, values): &(_, Vec<Value>)| !values.is_empty());
    all
}

fn select(filter: &Filter, order: Order, bounds: &Bounds, limit: usize) -> (String, Vec<Value>) {
    let mut values = vec![
        Value::Integer(bounds.above),
        Value::Integer(bounds.below),
        Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1)),
    ];
    let (index, leading) = lead(filter);
    // One walk for each value that leads, merged: `IN` there would have to sort.
    let mut walks =
        vec![format!("SELECT position FROM events {index} WHERE position > ?1 AND position < ?2")];
    for (column, wanted) in conditions(filter) {
        let first = values.len() + 1;
        values.extend(wanted);
        let names: Vec<String> = (first..=values.len()).map(|number| format!("?{number}")).collect();
        if leading.contains(&column) {
            let each = |walk: &String| -> Vec<String> {
                names.iter().map(|name| format!("{walk} AND {column} = {name}")).collect()
            };
            walks = walks.iter().flat_map(each).collect();
        } else {
            let condition = match names.as_slice() {
                [name] => format!(" AND {column} = {name}"),
                names => format!(" AND {column} IN ({})", names.join(", ")),
            };
            walks.iter_mut().for_each(|walk| walk.push_str(&condition));
        }
    }
    let direction = match order {
        Order::Oldest => "ASC",
        Order::Newest => "DESC",
    };
    let mut sql = walks.join(" UNION ALL ");
    // Writing to a text does not fail.
    let _ = write!(sql, " ORDER BY position {direction} LIMIT ?3");
    (sql, values)
}

#[cfg(test)]
#[path = "plans.rs"]
mod plans;
