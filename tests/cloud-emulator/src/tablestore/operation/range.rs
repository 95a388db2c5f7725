//! GetRange: a page of rows in the order of their keys, or against it.

use std::ops::Bound::{Excluded, Included};

use super::{Desk, View};
use crate::tablestore::capacity;
use crate::tablestore::error::OtsError;
use crate::tablestore::limits;
use crate::tablestore::message::{GetRangeRequest, GetRangeResponse};
use crate::tablestore::plainbuffer::{WireRow, read_key, write_rows};
use crate::tablestore::rows::Row;
use crate::tablestore::selection::{Selection, Wanted};
use crate::tablestore::value::Key;

/// How much of a range one call looks at.
struct Limits {
    /// Rows that are answered.
    returned: usize,
    /// Rows that are looked at, also those that the filter drops: a page can be empty and yet not be the last.
    scanned: usize,
}

pub(super) fn get(desk: &mut Desk<'_>, request: &GetRangeRequest) -> Result<GetRangeResponse, OtsError> {
    let start = read_key(&request.inclusive_start_primary_key)?;
    let end = read_key(&request.exclusive_end_primary_key)?;
    let selection = Selection::new(&Wanted {
        columns_to_get: &request.columns_to_get,
        start_column: request.start_column.as_ref(),
        end_column: request.end_column.as_ref(),
        time_range: request.time_range,
        max_versions: request.max_versions,
        filter: request.filter.as_ref(),
    })?;
    let returned = match request.limit {
        None => usize::MAX,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| *limit > 0)
            .ok_or_else(|| OtsError::parameter("The limit must be greater than 0."))?,
    };
    let scanned = usize::try_from(desk.knobs.scanned_rows).unwrap_or(usize::MAX);
    let limits = Limits { returned, scanned: scanned.clamp(1, limits::SCANNED_ROWS) };
    let transaction = request.transaction_id.as_deref();
    let view = desk.view(&request.table_name, transaction)?;
    let (start, end) = (view.schema.bound(&start)?, view.schema.bound(&end)?);
    let response = match request.direction {
        0 if start >= end => Err(OtsError::parameter("Begin key must less than end key in FORWARD")),
        1 if start <= end => Err(OtsError::parameter("Begin key must more than end key in BACKWARD")),
        0 => {
            let rows = view.rows.range::<Key, _>((Included(&start), Excluded(&end)));
            Ok(page(&view, rows, &selection, &limits))
        }
        1 => {
            let rows = view.rows.range::<Key, _>((Excluded(&end), Included(&start))).rev();
            Ok(page(&view, rows, &selection, &limits))
        }
        other => Err(OtsError::parameter(format!("Invalid direction: {other}."))),
    }?;
    if let Some(id) = transaction {
        desk.check_partition(id, &start)?;
    }
    Ok(response)
}

fn page<'a>(
    view: &View<'_>,
    rows: impl Iterator<Item = (&'a Key, &'a Row)>,
    selection: &Selection,
    limits: &Limits,
) -> GetRangeResponse {
    let mut found: Vec<WireRow> = Vec::new();
    let (mut scanned, mut data, mut read) = (0_usize, 0_usize, 0_usize);
    let mut next = None;
    for (key, row) in rows {
        let size = view.schema.size(key) + row.size();
        // A single row may be larger than a page.
        let full = scanned > 0 && data + size > limits::SCANNED_DATA;
        if full || scanned >= limits.scanned || found.len() >= limits.returned {
            next = Some(WireRow { key: view.schema.wire(key), ..WireRow::default() });
            break;
        }
        scanned += 1;
        data += size;
        let (picked, size) = selection.pick(view.schema, key, row);
        read += size;
        found.extend(picked);
    }
    GetRangeResponse {
        consumed: capacity::read(read),
        rows: write_rows(&found),
        next_start_primary_key: next.map(|key| write_rows([&key])),
    }
}
