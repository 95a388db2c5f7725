//! Messages that wait for a person.

use revocation::views::HeldIntakeView;

use super::{Cell, Column, Listed, moment};

const fn column(
    title: &'static str,
    wide: bool,
    cell: fn(&HeldIntakeView) -> Cell,
) -> Column<HeldIntakeView> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<HeldIntakeView>] = &[
    column("MESSAGE", false, |row| (&row.id).into()),
    column("KIND", false, |row| (&row.kind).into()),
    column("NAME", false, |row| (&row.name).into()),
    column("DELETED-AT", false, |row| moment(row.deleted_at).into()),
    column("WHY", false, |row| (&row.why).into()),
    column("CANDIDATES", false, |row| row.candidates.join(" ").into()),
    column("RECEIVED-AT", true, |row| moment(row.received_at).into()),
];

impl Listed for HeldIntakeView {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("intake/{}", self.id)
    }
}
