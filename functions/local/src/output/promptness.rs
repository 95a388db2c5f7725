//! How long revocations took.

use revocation::TimeToRevoke;

use super::{Cell, Column, Listed};

const fn column(title: &'static str, wide: bool, cell: fn(&TimeToRevoke) -> Cell) -> Column<TimeToRevoke> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<TimeToRevoke>] = &[
    column("MONTH", false, |row| (&row.month).into()),
    column("TRIGGER", false, |row| (&row.trigger).into()),
    column("REVOCATIONS", false, |row| row.revocations.into()),
    column("P50-SECONDS", false, |row| seconds(row.occurred_to_confirmed.p50)),
    column("P95-SECONDS", false, |row| seconds(row.occurred_to_confirmed.p95)),
    column("P99-SECONDS", false, |row| seconds(row.occurred_to_confirmed.p99)),
    column("UNTIL-RECEIVED-P50-SECONDS", true, |row| seconds(row.occurred_to_received.p50)),
    column("UNTIL-RECEIVED-P95-SECONDS", true, |row| seconds(row.occurred_to_received.p95)),
    column("UNTIL-RECEIVED-P99-SECONDS", true, |row| seconds(row.occurred_to_received.p99)),
    column("FROM-THERE-ON-P50-SECONDS", true, |row| seconds(row.received_to_confirmed.p50)),
    column("FROM-THERE-ON-P95-SECONDS", true, |row| seconds(row.received_to_confirmed.p95)),
    column("FROM-THERE-ON-P99-SECONDS", true, |row| seconds(row.received_to_confirmed.p99)),
];

fn seconds(seconds: f64) -> Cell {
    format!("{seconds:.1}").into()
}

impl Listed for TimeToRevoke {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("time-to-revoke/{}/{}", self.month, self.trigger)
    }
}
