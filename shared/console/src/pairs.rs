//! Tables of accesses: user information, cluster information and kubeconfig information, as the cloud's own panels group
//! them.

use maud::{Markup, html};
use revocation::views::PairView;

use crate::address::{cluster_path, identity_path, pair_path};
use crate::element::{account_state, check, nothing, phase, scrolling, status};
use crate::text::cell;
use crate::time;
use crate::visitor::Visitor;

/// Which groups of columns a table has beside the kubeconfig's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    pub(crate) user: bool,
    pub(crate) cluster: bool,
}

/// The name of a pair's identity, or its id where it has none.
pub(crate) fn user_name(pair: &PairView) -> &str {
    pair.name.as_deref().unwrap_or(&pair.uid)
}

/// The name of a pair's cluster, or its id where it has none.
pub(crate) fn cluster_name(pair: &PairView) -> &str {
    pair.cluster_name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&pair.cluster)
}

pub(crate) fn table(visitor: &Visitor, label: &str, pairs: &[PairView], columns: Columns) -> Markup {
    let Columns { user, cluster } = columns;
    let table = html! {
        table {
            thead {
                tr.groups {
                    @if user { th colspan="4" scope="colgroup" { "User information" } }
                    @if cluster { th colspan=(if user { 1 } else { 2 }) scope="colgroup" { "Cluster information" } }
                    th colspan="4" scope="colgroup" { "Kubeconfig information" }
                }
                tr {
                    @if user {
                        th scope="col" { "User name" } th scope="col" { "User ID" }
                        th scope="col" { "Account type" } th scope="col" { "Account status" }
                    }
                    @if cluster { th scope="col" { "Cluster name" } @if !user { th scope="col" { "Cluster ID" } } }
                    th scope="col" { "Expires" } th scope="col" { "Status" }
                    th scope="col" { "Access in 7 days" } th scope="col" { "Revocation" }
                }
            }
            tbody { @for pair in pairs { (row(visitor, pair, columns)) } }
        }
    };
    scrolling(label, &table)
}

fn row(visitor: &Visitor, pair: &PairView, Columns { user, cluster }: Columns) -> Markup {
    let path = visitor.path(&pair_path(&pair.cluster, &pair.uid));
    let cluster_path = visitor.path(&cluster_path(&pair.cluster));
    html! {
        tr {
            @if user {
                th scope="row" { a href=(path) { (cell(user_name(pair))) } }
                td { a.id href=(visitor.path(&identity_path(&pair.uid))) { (pair.uid) } }
                td { (pair.account_kind.as_deref().map_or_else(nothing, cell)) }
                td { (account_state(pair.account_state.as_deref())) }
            }
            @if cluster {
                // Beside a person there is room for the name alone: it leads to the page that has the id.
                @if user { td { a href=(cluster_path) { (cell(cluster_name(pair))) } } }
                @else {
                    th scope="row" { a href=(path) { (cell(cluster_name(pair))) } }
                    td { a.id href=(cluster_path) { (pair.cluster) } }
                }
            }
            td.when { (pair.expires_at.map_or_else(nothing, time::day)) }
            td { (status(pair.status)) }
            td { (check(pair.last_check.as_ref())) }
            td { (revocation(pair)) }
        }
    }
}

fn revocation(pair: &PairView) -> Markup {
    match (&pair.open_revocation, &pair.refused) {
        (Some(open), _) => html! { (phase(open)) },
        (None, Some(refused)) => {
            html! { span.none title=(crate::text::plain(&refused.text)) { "Refused: " (refused.rule) } }
        }
        (None, None) => nothing(),
    }
}
