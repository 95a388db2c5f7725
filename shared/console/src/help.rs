//! What the words mean, and the keys.

use kubeconfig::{EVENT_TYPES, Status};
use maud::html;

use crate::element::{scrolling, status};
use crate::history::search_path;
use crate::layout::{Page, Place, frame, key_list};
use crate::visitor::Visitor;

/// What each status means, in the order of the README.
const MEANINGS: [(Status, &str); 7] = [
    (Status::NotIssued, "Never issued."),
    (Status::Effective, "Issued, and at least one certificate has not expired."),
    (Status::EffectiveResidualRbac, "The kubeconfig is deleted, RBAC permissions are left."),
    (Status::Expired, "Issued, and every certificate has expired. Permissions may still be there."),
    (Status::Deleted, "Kubeconfig and permissions are gone, read back."),
    (Status::Revoked, "The cloud says so."),
    (Status::Unknown, "The cloud does not say, or not enough could be read."),
];

/// The help page.
pub(crate) fn page(visitor: &Visitor) -> Page {
    let body = html! {
        h1 { "What the words mean" }
        h2 { "Status of a kubeconfig" }
        (scrolling("Statuses", &html! {
            table {
                thead { tr { th scope="col" { "Status" } th scope="col" { "Meaning" } } }
                tbody { @for (of, meaning) in MEANINGS { tr { th scope="row" { (status(of)) } td { (meaning) } } } }
            }
        }))
        p { "A deletion removes the kubeconfig's record and the bindings. The certificate itself stays valid until it expires, and proves an \
            identity that nothing is bound to." }
        h2 { "Access in the previous seven days" }
        dl.facts.stacked {
            div { dt { "No access" } dd { "The audit log has no record of it. By default the deletion goes on." } }
            div { dt { "Used" } dd { "It was used. By default a person has to decide." } }
            div { dt { "Check failed" } dd { "Nobody knows: no audit log, or the query failed. By default a person has to decide." } }
            div { dt { "Not asked" } dd { "No revocation has asked so far." } }
        }
        h2 id="types" { "Types of events" }
        (scrolling("Types of events", &html! {
            table {
                thead { tr { th scope="col" { "Type" } th scope="col" { "Meaning" } } }
                tbody { @for of in EVENT_TYPES { tr {
                    th scope="row" { a href=(search_path(&format!("type:{}", of.name))) { (of.name) } } td { (of.meaning) }
                } } }
            }
        }))
        h2 { "Keys" }
        (key_list())
        p.hint { "Keys and local times need JavaScript. Everything else works without." }
    };
    frame("Help", Place::Elsewhere, Some(visitor), &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_meaning() {
        assert_eq!(MEANINGS.map(|(status, _)| status), Status::ALL);
    }
}
