//! What `doctor` found.

use revocation::doctor::{Finding, Grade};
use serde::Serialize;

use super::pairs::optional;
use super::{Cell, Column, Listed, Tone};

/// A finding as a row.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct FindingRow(pub(crate) Finding);

const fn column(title: &'static str, wide: bool, cell: fn(&FindingRow) -> Cell) -> Column<FindingRow> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<FindingRow>] = &[
    column("RESULT", false, result),
    column("CHECK", false, |row| row.0.check.into()),
    column("ABOUT", false, |row| optional(row.0.about.as_ref())),
    column("FOUND", false, |row| (&row.0.found).into()),
    column("NEXT", false, |row| optional(row.0.next.as_ref())),
];

impl Listed for FindingRow {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        match &self.0.about {
            Some(about) => format!("{}/{about}", self.0.check),
            None => self.0.check.to_owned(),
        }
    }
}

fn result(row: &FindingRow) -> Cell {
    let tone = match row.0.result {
        Grade::Ok => Tone::Good,
        Grade::Warn => Tone::Warning,
        Grade::Fail => Tone::Bad,
        Grade::Skip => Tone::Plain,
    };
    Cell::from(row.0.result.as_str()).tone(tone)
}
