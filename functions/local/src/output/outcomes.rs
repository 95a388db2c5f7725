//! What became of revocations.

use revocation::views::RevocationOutcome;

use super::pairs::{optional, status};
use super::{Cell, Column, Listed, Tone, moment};
use crate::exit::Exit;

const fn column(
    title: &'static str,
    wide: bool,
    cell: fn(&RevocationOutcome) -> Cell,
) -> Column<RevocationOutcome> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<RevocationOutcome>] = &[
    column("CLUSTER", false, |row| row.pair.cluster_name.as_ref().unwrap_or(&row.pair.cluster).into()),
    column("NAME", false, |row| optional(row.pair.name.as_ref())),
    column("UID", false, |row| (&row.pair.uid).into()),
    column("OUTCOME", false, outcome),
    column("STATUS", false, |row| status(&row.pair)),
    column("BECAUSE", false, because),
    column("CLUSTER-ID", true, |row| (&row.pair.cluster).into()),
    column("EXPIRES", true, |row| optional(row.pair.expires_at.map(moment))),
    column("REVOCATION-ID", true, |row| optional(row.revocation.as_ref())),
];

impl Listed for RevocationOutcome {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        self.pair.name()
    }
}

fn outcome(row: &RevocationOutcome) -> Cell {
    let tone = match Exit::of(row) {
        Exit::Done => Tone::Good,
        Exit::Held | Exit::Unknown => Tone::Warning,
        Exit::Refused => Tone::Plain,
        _ => Tone::Bad,
    };
    Cell::from(row.outcome.as_str()).tone(tone)
}

/// The rule, the reason, or in a preview the answer of the seven-day check.
fn because(row: &RevocationOutcome) -> Cell {
    if let Some(because) = &row.because {
        return (&because.text).into();
    }
    optional(row.check.as_ref().map(|check| match (check.last_access, &check.cause) {
        (Some(at), _) => format!("{}, last at {}", check.result, moment(at)),
        (None, Some(cause)) => format!("{}: {cause}", check.result),
        (None, None) => check.result.clone(),
    }))
}
