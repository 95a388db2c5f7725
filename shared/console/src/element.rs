//! Small parts that pages have in common.

use kubeconfig::Status;
use maud::{Markup, html};
use revocation::Silence;
use revocation::views::{CheckView, RevocationView};

use crate::text::cell;
use crate::time;

/// The words of a status for people.
pub(crate) const fn status_words(status: Status) -> &'static str {
    match status {
        Status::NotIssued => "Not issued",
        Status::Effective => "Effective",
        Status::EffectiveResidualRbac => "Effective, RBAC left",
        Status::Expired => "Expired",
        Status::Deleted => "Deleted",
        Status::Revoked => "Revoked",
        Status::Unknown => "Unknown",
    }
}

/// A status, told by word and by colour.
pub(crate) fn status(status: Status) -> Markup {
    html! { span class={ "badge " (status.as_str()) } { (status_words(status)) } }
}

/// The state of an account, marked where it is gone.
pub(crate) fn account_state(state: Option<&str>) -> Markup {
    match state {
        Some("Deleted") => html! { span.badge.gone { "Deleted" } },
        Some(state) => html! { (cell(state)) },
        None => nothing(),
    }
}

/// How far an open revocation is.
pub(crate) fn phase(revocation: &RevocationView) -> Markup {
    html! { span class={ "badge phase-" (revocation.phase) } { (revocation.phase) } }
}

/// The answer of the seven-day check, for a cell.
pub(crate) fn check(check: Option<&CheckView>) -> Markup {
    let Some(check) = check else { return html! { span.none { "Not asked" } } };
    match (check.result.as_str(), check.last_access) {
        ("NoRecords", _) => html! { "No access" },
        ("RecordsFound", Some(at)) => html! { "Used " (time::minute(at)) },
        ("RecordsFound", None) => html! { "Used" },
        _ => html! { span title=[check.cause.as_deref().map(crate::text::plain)] { "Check failed" } },
    }
}

/// Where there is nothing to say.
pub(crate) fn nothing() -> Markup {
    html! { span.none aria-label="none" role="img" { "–" } }
}

/// What stands where a list is empty.
pub(crate) fn empty(title: &str, text: &str) -> Markup {
    html! { div.empty { p.empty-title { (title) } p { (text) } } }
}

/// A table that scrolls sideways by itself where the window is narrow.
pub(crate) fn scrolling(label: &str, table: &Markup) -> Markup {
    html! { div.scroll role="region" aria-label=(label) tabindex="0" { (table) } }
}

/// Why nothing can be said, as a sentence that stands alone.
pub(crate) fn sentence(silence: Silence) -> String {
    let words = silence.to_string();
    let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}
