//! What a kubeconfig file or certificate says about its holder.

use jiff::Timestamp;
use serde::Serialize;

use super::pairs::optional;
use super::{Cell, Column, Listed, Tone, moment};

/// One context of a kubeconfig file, or a certificate by itself.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Holding {
    /// Name of the context.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<String>,
    /// Whether it is the current one.
    pub(crate) current: bool,
    /// The API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<String>,
    /// Id of the cluster, where the file names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<String>,
    /// `certificate`, `token`, `exec` or why nothing can be read.
    pub(crate) holds: String,
    /// The certificate's common name: the user name in Kubernetes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) common_name: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) uid: Option<String>,
    /// Groups in Kubernetes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<String>,
    /// Start of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_before: Option<Timestamp>,
    /// End of validity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) not_after: Option<Timestamp>,
    /// Whether it is valid by the clock of this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validity: Option<Validity>,
    /// SHA-256 of the certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sha256: Option<String>,
    /// What the store knows of the pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
}

/// Validity by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Validity {
    /// Its time has not begun.
    NotYetValid,
    /// Now.
    Valid,
    /// Its time is over.
    Expired,
}

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
