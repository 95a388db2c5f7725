//! What deleted users and roles left behind.

use maud::html;
use revocation::counted;
use revocation::views::PairView;

use crate::element::empty;
use crate::layout::{Page, Place, frame};
use crate::pairs::{Columns, table};
use crate::visitor::Visitor;

/// Deleted identities whose kubeconfigs or permissions are still there.
pub fn page(visitor: &Visitor, pairs: &[PairView]) -> Page {
    let body = html! {
        h1 { "Deleted identities" }
        p.lead { "Users and roles that were deleted, and whose kubeconfigs or permissions are still there." }
        @if pairs.is_empty() {
            (empty("Nothing is left", "Every kubeconfig and permission of a deleted identity that was seen is gone."))
        } @else {
            p.hint { (counted(pairs.len(), "access", "accesses")) ". Each sweep ends what may be ended; the rest waits for a person in "
                a href="/held" { "Held" } "." }
            (table(visitor, "Leftovers", pairs, Columns { user: true, cluster: true }))
        }
    };
    frame("Deleted identities", Place::Leftovers, Some(visitor), &body)
}
