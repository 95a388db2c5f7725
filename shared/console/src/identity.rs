//! Identities: the list, and one identity's kubeconfigs on every cluster.

use kubeconfig::Uid;
use kubeconfig::identity::Identity;
use maud::html;
use revocation::IdentityPanel;

use crate::address::identity_path;
use crate::element::{account_state, empty, nothing, scrolling};
use crate::history::search_path;
use crate::layout::{Page, Place, frame};
use crate::pairs::{Columns, table};
use crate::text::{cell, plain, shown};
use crate::time;
use crate::visitor::Visitor;

/// All identities, with the number of accesses of each.
pub fn list<'a>(visitor: &Visitor, identities: impl Iterator<Item = (&'a Uid, &'a Identity, usize)>) -> Page {
    let mut identities = identities.peekable();
    let body = html! {
        h1 { "Identities" }
        @if identities.peek().is_none() { (empty("No identity is known yet", "The first sweep lists them.")) }
        @else { (scrolling("Identities", &html! {
            table {
                thead { tr {
                    th scope="col" { "User name" } th scope="col" { "User ID" } th scope="col" { "Account type" }
                    th scope="col" { "Account status" } th scope="col" { "Created" } th.number scope="col" { "Kubeconfigs" }
                } }
                tbody { @for (uid, identity, pairs) in identities { tr {
                    th scope="row" { a href=(visitor.path(&identity_path(uid))) { (cell(name(identity.name.as_str(), uid.as_str()))) } }
                    td { span.id { (uid) } }
                    td { (cell(identity.kind.as_str())) }
                    td { (account_state(Some(identity.state.as_str()))) }
                    td.when { (identity.created_at.map_or_else(nothing, time::day)) }
                    td.number { (pairs) }
                } } }
            }
        })) }
    };
    frame("Identities", Place::Identities, Some(visitor), &body)
}

/// One identity and its access to every cluster.
pub fn page(visitor: &Visitor, identity: &IdentityPanel) -> Page {
    let title = name(identity.name.as_deref().unwrap_or_default(), &identity.uid);
    let body = html! {
        p.eyebrow { a href=(visitor.path("/identities")) { "Identities" } }
        h1 { (shown(title)) }
        dl.facts {
            div { dt { "User ID" } dd { span.id { (identity.uid) } } }
            div { dt { "Account type" } dd { (identity.kind.as_deref().map_or_else(nothing, shown)) } }
            div { dt { "Account status" } dd { (account_state(identity.state.as_deref())) } }
        }
        h2 { "Its kubeconfigs, cluster by cluster" }
        p.hint { a href=(search_path(&format!("uid:{}", identity.uid))) { "History of this identity" } }
        @if identity.kubeconfigs.is_empty() { (empty("No cluster is known yet", "The first sweep lists them.")) }
        @else { (table(visitor, "Kubeconfigs of this identity", &identity.kubeconfigs, Columns { user: false, cluster: true })) }
    };
    frame(&plain(title), Place::Identities, Some(visitor), &body)
}

fn name<'a>(name: &'a str, uid: &'a str) -> &'a str {
    if name.is_empty() { uid } else { name }
}
