//! What a change makes of a row, without doing it.

use jiff::Timestamp;

use super::capacity;
use super::change::{Edit, Existence, Kind, Returns, RowChange};
use super::error::OtsError;
use super::message::ConsumedCapacity;
use super::plainbuffer::WireRow;
use super::rows::{Row, Rows, Stored};
use super::schema::WrittenKey;
use super::table::Table;
use super::value::{Key, KeyValue, Value};

/// What is to be done, and what is to be said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) key: Key,
    /// The row as it will be; none if it will be gone.
    pub(crate) row: Option<Row>,
    /// Nothing is to be stored otherwise.
    pub(crate) changed: bool,
    pub(crate) consumed: ConsumedCapacity,
    pub(crate) answer: Option<WireRow>,
}

/// Checks a change against the table and the row as it is. `rows` are those of the table, or what a transaction sees
/// of them.
pub(crate) fn outcome(
    table: &Table,
    rows: &Rows,
    change: &RowChange,
    now: Timestamp,
) -> Result<Outcome, OtsError> {
    let key = key_of(table, change)?;
    check_columns(table, change, now)?;
    let old = rows.get(&key);
    let looked_at = (!change.unconditional()).then(|| {
        table.schema.size(&key) + if change.condition.is_some() { old.map_or(0, Row::size) } else { 0 }
    });
    check_condition(table, &key, old, change)?;
    let new = match change.kind {
        Kind::Delete => None,
        Kind::Put => Some(edited(Row::default(), change, now)?),
        Kind::Update => {
            let creates = change
                .edits
                .iter()
                .any(|(_, edit)| matches!(edit, Edit::Put { .. } | Edit::Increment { .. }));
            // Deleting columns of a row that is not there makes no row.
            if old.is_some() || creates {
                Some(edited(old.cloned().unwrap_or_default(), change, now)?)
            } else {
                None
            }
        }
    };
    Ok(Outcome {
        answer: answer(table, &key, new.as_ref(), &change.returns),
        consumed: capacity::written(change.size, looked_at),
        changed: old != new.as_ref(),
        row: new,
        key,
    })
}

fn key_of(table: &Table, change: &RowChange) -> Result<Key, OtsError> {
    match table.schema.written(&change.key)? {
        WrittenKey::Given(key) => Ok(key),
        WrittenKey::AutoIncrement(..) if change.kind == Kind::Delete => {
            Err(OtsError::parameter("Invalid row to delete which with pk auto increment."))
        }
        WrittenKey::AutoIncrement(..) if change.condition.is_some() => {
            Err(OtsError::parameter("Can't set condition when modify row with pk auto increment."))
        }
        WrittenKey::AutoIncrement(..) if change.existence != Existence::Ignore => {
            let expect = match change.existence {
                Existence::Expect => "EXPECT_EXIST",
                _ => "EXPECT_NOT_EXIST",
            };
            let message = format!("Invalid expect:{expect} when modify row with pk auto increment.");
            Err(OtsError::parameter(message))
        }
        WrittenKey::AutoIncrement(mut key, place) => {
            if let Some(value) = key.get_mut(place) {
                *value = KeyValue::Integer(table.last_number + 1);
            }
            Ok(key)
        }
    }
}

/// Checks names, types and versions of the written columns against the table.
fn check_columns(table: &Table, change: &RowChange, now: Timestamp) -> Result<(), OtsError> {
    if change.kind == Kind::Update && table.options.allow_update == Some(false) {
        return Err(OtsError::parameter("Updates are not allowed on this table.")); // message invented
    }
    let deviation =
        table.options.deviation_cell_version_in_sec.unwrap_or(i64::MAX / 1000).saturating_mul(1000);
    for (name, edit) in &change.edits {
        if table.schema.position(name).is_some() {
            let message = format!("Duplicated attribute column name with primary key column: '{name}'.");
            return Err(OtsError::parameter(message));
        }
        let Edit::Put { value, timestamp } = edit else { continue };
        // Refused by the service as far as an index needs the column; unconfirmed for others.
        if let Some(kind) = table.defined.get(name).filter(|kind| **kind != value.kind()) {
            let found = value.kind();
            return Err(OtsError::parameter(format!(
                "Invalid column type: {found}. Predefined column '{name}' is {kind}." // message invented
            )));
        }
        let now = now.as_millisecond();
        if timestamp.is_some_and(|at| at < now - deviation || at >= now + deviation) {
            return Err(OtsError::parameter(format!("Invalid timestamp. Cell:'{name}'.")));
        }
    }
    Ok(())
}

fn check_condition(table: &Table, key: &Key, old: Option<&Row>, change: &RowChange) -> Result<(), OtsError> {
    let fits = match change.existence {
        Existence::Ignore => true,
        Existence::Expect => old.is_some(),
        Existence::ExpectNot => old.is_none(),
    };
    let column = |name: &str| {
        let row = old?;
        let attribute = row.columns.get(name).map(|stored| stored.value.clone());
        attribute.or_else(|| key.get(table.schema.position(name)?)?.to_value())
    };
    let fits = fits && change.condition.as_ref().is_none_or(|condition| condition.accepts(&column));
    if fits { Ok(()) } else { Err(OtsError::condition()) }
}

fn edited(mut row: Row, change: &RowChange, now: Timestamp) -> Result<Row, OtsError> {
    for (name, edit) in &change.edits {
        let found = row.columns.get(name);
        match edit {
            Edit::Put { value, timestamp } => {
                let timestamp = timestamp.unwrap_or_else(|| now.as_millisecond());
                // An older version than the one that is there is not the one version that is kept.
                if found.is_none_or(|stored| stored.timestamp <= timestamp) {
                    row.columns.insert(name.clone(), Stored { value: value.clone(), timestamp });
                }
            }
            Edit::DeleteAll => {
                row.columns.remove(name);
            }
            Edit::DeleteOne { timestamp } => {
                if found.is_some_and(|stored| stored.timestamp == *timestamp) {
                    row.columns.remove(name);
                }
            }
            Edit::Increment { by } => {
                let number = match found.map(|stored| &stored.value) {
                    None => 0,
                    Some(Value::Integer(number)) => *number,
                    Some(other) => {
                        // Message invented.
                        let message = format!("Column '{name}' is {}, not INTEGER.", other.kind());
                        return Err(OtsError::parameter(message));
                    }
                };
                let value = Value::Integer(number.wrapping_add(*by));
                row.columns.insert(name.clone(), Stored { value, timestamp: now.as_millisecond() });
            }
        }
    }
    Ok(row)
}

fn answer(table: &Table, key: &Key, new: Option<&Row>, returns: &Returns) -> Option<WireRow> {
    let shown = |cells| Some(WireRow { key: table.schema.wire(key), cells, deleted: false });
    match returns {
        Returns::Nothing => None,
        Returns::Key => shown(Vec::new()),
        Returns::AfterModify(names) => {
            let columns = names.iter().filter_map(|name| Some(new?.columns.get(name)?.wire(name)));
            shown(columns.collect())
        }
    }
}
