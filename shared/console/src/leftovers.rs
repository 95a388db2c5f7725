//! What deleted users and roles left behind.

use maud::html;
use revocation::views::PairView;
use revocation::{Silence, counted};

use crate::element::{empty, sentence};
use crate::layout::{Page, Place, frame};
use crate::pairs::{Columns, table};
use crate::visitor::Visitor;

/// Deleted identities whose kubeconfigs or permissions are still there. Where there are none, `silence` says why that says nothing.
pub fn page(visitor: &Visitor, pairs: &[PairView], silence: Option<Silence>) -> Page {
    let body = html! {
        h1 { "Deleted identities" }
        p.lead { "Users and roles that were deleted, and whose kubeconfigs or permissions are still there." }
        @if let (true, Some(silence)) = (pairs.is_empty(), silence) {
            (empty("Nothing can be said", &sentence(silence)))
        } @else if pairs.is_empty() {
            (empty("Nothing is left", "Every kubeconfig and permission of a deleted identity that was seen is gone."))
        } @else {
            p.hint { (counted(pairs.len(), "access", "accesses")) ". Each sweep ends what may be ended; the rest waits for a person in "
                a href="/held" { "Held" } "." }
            (table(visitor, "Leftovers", pairs, Columns { user: true, cluster: true }))
        }
    };
    frame("Deleted identities", Place::Leftovers, Some(visitor), &body)
}
