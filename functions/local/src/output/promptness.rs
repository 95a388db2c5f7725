//! How long revocations took.

use revocation::{Quantiles, TimeToRevoke};

use super::{Cell, Column, Listed};

const fn column(title: &'static str, wide: bool, cell: fn(&TimeToRevoke) -> Cell) -> Column<TimeToRevoke> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<TimeToRevoke>] = &[
    column("MONTH", false, |row| (&row.month).into()),
    column("TRIGGER", false, |row| (&row.trigger).into()),
    column("REVOCATIONS", false, |row| row.revocations.into()),
    column("P50", false, |row| seconds(row.occurred_to_confirmed.p50)),
    column("P95", false, |row| seconds(row.occurred_to_confirmed.p95)),
    column("P99", false, |row| seconds(row.occurred_to_confirmed.p99)),
    column("UNTIL-RECEIVED", true, |row| all(row.occurred_to_received)),
    column("FROM-THERE-ON", true, |row| all(row.received_to_confirmed)),
];

fn seconds(seconds: f64) -> Cell {
    format!("{seconds:.1}s").into()
}

fn all(Quantiles { p50, p95, p99 }: Quantiles) -> Cell {
    format!("{p50:.1}s {p95:.1}s {p99:.1}s").into()
}

impl Listed for TimeToRevoke {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("time-to-revoke/{}/{}", self.month, self.trigger)
    }
}
