//! What a kubeconfig file or certificate says about its holder.

use revocation::inspection::{Holding, Validity};

use super::pairs::optional;
use super::{Cell, Column, Listed, Tone, moment};

const fn column(title: &'static str, wide: bool, cell: fn(&Holding) -> Cell) -> Column<Holding> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<Holding>] = &[
    column("CONTEXT", false, |row| match (&row.context, row.current) {
        (Some(name), true) => format!("*{name}").into(),
        (name, _) => optional(name.as_ref()),
    }),
    column("UID", false, |row| optional(row.uid.as_ref())),
    column("HOLDS", false, |row| (&row.holds).into()),
    column("VALIDITY", false, |row| match row.validity {
        None => "".into(),
        Some(Validity::NotYetValid) => Cell::from("not yet valid").tone(Tone::Warning),
        Some(Validity::Valid) => "valid".into(),
        Some(Validity::Expired) => Cell::from("expired").tone(Tone::Warning),
    }),
    column("UNTIL", false, |row| optional(row.not_after.map(moment))),
    column("STATUS", false, |row| optional(row.status.as_ref())),
    column("SERVER", false, |row| optional(row.server.as_ref())),
    column("FROM", true, |row| optional(row.not_before.map(moment))),
    column("COMMON-NAME", true, |row| optional(row.common_name.as_ref())),
    column("GROUPS", true, |row| row.groups.join(" ").into()),
    column("CLUSTER-ID", true, |row| optional(row.cluster.as_ref())),
    column("SHA256", true, |row| optional(row.sha256.as_ref())),
];

impl Listed for Holding {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        match (&self.cluster, &self.uid) {
            (Some(cluster), Some(uid)) => format!("kubeconfig/{cluster}/{uid}"),
            (None, Some(uid)) => format!("identity/{uid}"),
            _ => format!("context/{}", self.context.as_deref().unwrap_or("-")),
        }
    }
}
