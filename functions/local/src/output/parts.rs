//! What a store consists of.

use event_store::{Part, Standing};
use serde::Serialize;

use super::{Cell, Column, Listed, Tone};

/// A part of a store, and how it stands.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PartRow {
    part: String,
    /// `made`, `ok`, `missing` or `wrong`.
    result: &'static str,
    /// What it is, and what it has to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    finding: Option<String>,
}

impl From<Part> for PartRow {
    fn from(part: Part) -> Self {
        let (result, finding) = match part.standing {
            Standing::Made => ("made", None),
            Standing::Sound => ("ok", None),
            Standing::Missing => ("missing", None),
            Standing::Wrong(what) => ("wrong", Some(what)),
        };
        Self { part: part.name, result, finding }
    }
}

const fn column(title: &'static str, cell: fn(&PartRow) -> Cell) -> Column<PartRow> {
    Column { title, wide: false, cell }
}

const COLUMNS: &[Column<PartRow>] = &[
    column("PART", |row| (&row.part).into()),
    column("RESULT", |row| {
        Cell::from(row.result).tone(match row.result {
            "made" | "ok" => Tone::Good,
            _ => Tone::Bad,
        })
    }),
    column("FINDING", |row| row.finding.as_deref().unwrap_or_default().into()),
];

impl Listed for PartRow {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        self.part.clone()
    }
}
