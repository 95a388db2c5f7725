//! What a read wants of each row. The order is the service's: first the columns, then the filter over those columns
//! (DOC:tablestore/developer-reference/getrow), last the page of columns.

use std::collections::BTreeSet;

use super::error::OtsError;
use super::filter::ReadFilter;
use super::limits;
use super::message::TimeRange;
use super::plainbuffer::WireRow;
use super::rows::{Row, Stored};
use super::schema::KeySchema;
use super::value::{Key, Value};

/// The columns and rows that are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    columns: Option<BTreeSet<String>>,
    start: Option<String>,
    end: Option<String>,
    times: Times,
    filter: ReadFilter,
}

/// The fields of the requests that make a [`Selection`].
pub(crate) struct Wanted<'a> {
    pub(crate) columns_to_get: &'a [String],
    pub(crate) start_column: Option<&'a String>,
    pub(crate) end_column: Option<&'a String>,
    pub(crate) time_range: Option<TimeRange>,
    pub(crate) max_versions: Option<i32>,
    pub(crate) filter: Option<&'a Vec<u8>>,
}

/// Versions that are wanted, in milliseconds.
#[derive(Debug, Clone, Copy)]
enum Times {
    Every,
    At(i64),
    Between(i64, i64),
}

impl Times {
    fn new(range: Option<TimeRange>, versions: Option<i32>) -> Result<Self, OtsError> {
        if let Some(versions) = versions
            && versions <= 0
        {
            let message = format!("Invalid max versions: {versions}. Reason: Max versions must be positive.");
            return Err(OtsError::parameter(message));
        }
        let Some(range) = range else {
            let given = versions.is_some();
            let missing = || OtsError::parameter("No version condition is specified while querying row.");
            return given.then_some(Self::Every).ok_or_else(missing);
        };
        match (range.specific_time, range.start_time, range.end_time) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(OtsError::parameter(
                "Specific tiemstamp and time range cannot be given at the same time.",
            )),
            (Some(_), None, None) if versions.is_some() => Err(OtsError::parameter(
                "Specific tiemstamp and max versions cannot be given at the same time.",
            )),
            (Some(at), None, None) if at < 0 => {
                Err(OtsError::parameter("Specific timestamp cannot be less than 0."))
            }
            (Some(at), None, None) => Ok(Self::At(at)),
            (None, Some(start), Some(end)) => Ok(Self::Between(start, end)),
            (None, None, None) => Ok(Self::Every),
            _ => Err(OtsError::parameter("Start and end time must be given at the same time.")),
        }
    }

    const fn include(self, timestamp: i64) -> bool {
        match self {
            Self::Every => true,
            Self::At(at) => timestamp == at,
            Self::Between(start, end) => start <= timestamp && timestamp < end,
        }
    }
}

impl Selection {
    pub(crate) fn new(wanted: &Wanted<'_>) -> Result<Self, OtsError> {
        limits::check_columns_to_get(wanted.columns_to_get.len())?;
        let columns: BTreeSet<_> = wanted.columns_to_get.iter().cloned().collect();
        Ok(Self {
            columns: Some(columns).filter(|columns| !columns.is_empty()),
            start: wanted.start_column.cloned(),
            end: wanted.end_column.cloned(),
            times: Times::new(wanted.time_range, wanted.max_versions)?,
            filter: ReadFilter::decode(wanted.filter)?,
        })
    }

    /// The wanted part of a row, and its size in bytes. Nothing if the row has none of the columns or is filtered out.
    pub(crate) fn pick(&self, schema: &KeySchema, key: &Key, row: &Row) -> (Option<WireRow>, usize) {
        let picked: Vec<_> =
            row.columns.iter().filter(|(name, stored)| self.wants(name, stored.timestamp)).collect();
        let size = schema.size(key)
            + picked.iter().map(|(name, stored)| name.len() + stored.value.size()).sum::<usize>();
        let key_is_wanted = self
            .columns
            .as_ref()
            .is_none_or(|columns| columns.iter().any(|name| schema.position(name).is_some()));
        // A row with columns of which none is wanted is not shown; one that never had any is.
        if picked.is_empty() && !(key_is_wanted && (row.columns.is_empty() || self.columns.is_some())) {
            return (None, size);
        }
        let look = |name: &str| value_of(schema, key, &picked, name);
        if self.filter.filter.as_ref().is_some_and(|filter| !filter.accepts(&look)) {
            return (None, size);
        }
        let page = self.filter.page.map_or((0, usize::MAX), |page| (page.offset, page.limit));
        let cells = picked.iter().skip(page.0).take(page.1).map(|(name, stored)| stored.wire(name));
        (Some(WireRow { key: schema.wire(key), cells: cells.collect(), deleted: false }), size)
    }

    fn wants(&self, name: &str, timestamp: i64) -> bool {
        self.columns.as_ref().is_none_or(|columns| columns.contains(name))
            && self.start.as_ref().is_none_or(|start| start.as_str() <= name)
            && self.end.as_ref().is_none_or(|end| name < end.as_str())
            && self.times.include(timestamp)
    }
}

/// Filters see key columns as well; unconfirmed.
fn value_of(schema: &KeySchema, key: &Key, picked: &[(&String, &Stored)], name: &str) -> Option<Value> {
    let attribute = picked.iter().find(|(other, _)| *other == name).map(|(_, stored)| stored.value.clone());
    attribute.or_else(|| key.get(schema.position(name)?)?.to_value())
}
