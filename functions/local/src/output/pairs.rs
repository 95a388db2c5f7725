//! Pairs of identity and cluster, as the console's panels show them.

use kubeconfig::Status;
use kubeconfig::reading::AccountState;
use revocation::views::PairView;

use super::{Cell, Column, Listed, Tone, moment};

const fn column(title: &'static str, wide: bool, cell: fn(&PairView) -> Cell) -> Column<PairView> {
    Column { title, wide, cell }
}

const COLUMNS: &[Column<PairView>] = &[
    column("CLUSTER", false, |pair| pair.cluster_name.as_ref().unwrap_or(&pair.cluster).into()),
    column("NAME", false, |pair| optional(pair.name.as_ref())),
    column("UID", false, |pair| (&pair.uid).into()),
    column("ACCOUNT", false, account),
    column("STATUS", false, status),
    column("EXPIRES", false, |pair| optional(pair.expires_at.map(moment))),
    column("REVOCATION", false, revocation),
    column("CLUSTER-ID", true, |pair| (&pair.cluster).into()),
    column("KIND", true, |pair| optional(pair.account_kind.as_ref())),
    column("CERTIFICATES", true, |pair| pair.certificates.len().into()),
    column("PERMISSIONS", true, permissions),
    column("LAST-CHECK", true, last_check),
    column("REVOCATION-ID", true, |pair| optional(pair.open_revocation.as_ref().map(|open| &open.id))),
    column("DECIDED-BY", true, |pair| pair.decided_by.join(" ").into()),
];

impl Listed for PairView {
    fn columns() -> &'static [Column<Self>] {
        COLUMNS
    }

    fn name(&self) -> String {
        format!("kubeconfig/{}/{}", self.cluster, self.uid)
    }
}

/// Nothing where there is nothing.
pub(super) fn optional(text: Option<impl ToString>) -> Cell {
    text.map(|text| text.to_string()).unwrap_or_default().into()
}

/// The status, and how good that is: what works for a deleted account is what this program is for.
pub(super) fn status(pair: &PairView) -> Cell {
    let leftover = is_deleted(pair) && pair.status.is_deletable();
    let tone = match pair.status {
        _ if leftover => Tone::Bad,
        Status::Effective | Status::NotIssued => Tone::Plain,
        Status::Deleted | Status::Revoked => Tone::Good,
        Status::EffectiveResidualRbac | Status::Expired | Status::Unknown => Tone::Warning,
    };
    Cell::from(pair.status).tone(tone)
}

fn is_deleted(pair: &PairView) -> bool {
    pair.account_state.as_deref() == Some(AccountState::Deleted.as_str())
}

fn account(pair: &PairView) -> Cell {
    let tone = if is_deleted(pair) { Tone::Bad } else { Tone::Plain };
    optional(pair.account_state.as_ref()).tone(tone)
}

/// What is under way, or why nothing is.
fn revocation(pair: &PairView) -> Cell {
    match (&pair.open_revocation, &pair.refused) {
        (Some(open), _) => match &open.held_because {
            Some(why) => Cell::from(format!("{}: {why}", open.phase)).tone(Tone::Warning),
            None => (&open.phase).into(),
        },
        (None, Some(refused)) => format!("Refused: {}", refused.rule).into(),
        (None, None) => "".into(),
    }
}

fn permissions(pair: &PairView) -> Cell {
    match &pair.permissions {
        None => "not read".into(),
        Some(permissions) => {
            permissions.iter().map(|p| p.role_name.as_str()).collect::<Vec<_>>().join(" ").into()
        }
    }
}

fn last_check(pair: &PairView) -> Cell {
    optional(pair.last_check.as_ref().map(|check| match check.last_access {
        Some(at) => format!("{} {}", check.result, moment(at)),
        None => check.result.clone(),
    }))
}
