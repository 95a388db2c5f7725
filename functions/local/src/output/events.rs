//! Events: a line for people, a CloudEvent for programs.

use kubeconfig::{CloudEvent, Recorded};
use revocation::headline;
use serde::{Serialize, Serializer};

use super::pairs::optional;
use super::{Cell, Column, Listed};

/// A stored event in a list. Serialises as a CloudEvent 1.0.
pub(crate) struct EventRow(pub(crate) Recorded);

impl Serialize for EventRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        CloudEvent::from(&self.0).serialize(serializer)
    }
}

const fn column(title: &'static str, wide: bool, cell: fn(&EventRow) -> Cell) -> Column<EventRow> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<EventRow>] = &[
    column("TIME", false, |row| Cell::time(row.0.occurred_at)),
    column("STREAM", false, |row| (&row.0.stream).into()),
    column("WHAT", false, |row| headline(&row.0).into()),
    column("ACTOR", false, |row| (&row.0.actor).into()),
    column("RECORDED", true, |row| Cell::time(row.0.recorded_at)),
    column("VERSION", true, |row| row.0.version.into()),
    column("ID", true, |row| row.0.id.into()),
    column("CAUSED-BY", true, |row| optional(row.0.causation)),
    column("SOURCE", true, |row| {
        optional(row.0.source.as_ref().map(|source| format!("{}/{}", source.source, source.id)))
    }),
];

impl Listed for EventRow {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("event/{}", self.0.id)
    }
}
