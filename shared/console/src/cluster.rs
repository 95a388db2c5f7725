//! Clusters: the list, and who holds the kubeconfig of one.

use maud::html;
use revocation::{ClusterPanel, counted};

use crate::address::cluster_path;
use crate::element::{empty, nothing, scrolling};
use crate::history::search_path;
use crate::layout::{Page, Place, frame};
use crate::pairs::{Columns, table};
use crate::text::{cell, plain, shown};
use crate::visitor::Visitor;

/// All clusters, with the number of accesses to each.
pub fn list(visitor: &Visitor, clusters: &[(ClusterPanel, usize)]) -> Page {
    let body = html! {
        h1 { "Clusters" }
        @if clusters.is_empty() { (empty("No cluster is known yet", "The first sweep lists them.")) }
        @else { (scrolling("Clusters", &html! {
            table {
                thead { tr {
                    th scope="col" { "Cluster name" } th scope="col" { "Cluster ID" } th scope="col" { "Region" }
                    th scope="col" { "State" } th scope="col" { "Profile" } th.number scope="col" { "Kubeconfigs" }
                } }
                tbody { @for (cluster, pairs) in clusters { tr {
                    th scope="row" { a href=(visitor.path(&cluster_path(&cluster.cluster))) { (cell(name(cluster))) } }
                    td { span.id { (cluster.cluster) } }
                    td { (cluster.region.as_deref().map_or_else(nothing, cell)) }
                    td { (cluster.state.as_deref().map_or_else(nothing, cell)) }
                    td { (cluster.profile.as_deref().map_or_else(nothing, cell)) }
                    td.number { (pairs) }
                } } }
            }
        })) }
    };
    frame("Clusters", Place::Clusters, Some(visitor), &body)
}

/// One cluster and everybody who holds, or held, access to it.
pub fn page(visitor: &Visitor, cluster: &ClusterPanel) -> Page {
    let fact = |fact: &Option<String>| fact.as_deref().map_or_else(nothing, shown);
    let body = html! {
        p.eyebrow { a href=(visitor.path("/clusters")) { "Clusters" } }
        h1 { (shown(name(cluster))) }
        dl.facts {
            div { dt { "Cluster ID" } dd { span.id { (cluster.cluster) } } }
            div { dt { "Region" } dd { (fact(&cluster.region)) } }
            div { dt { "State" } dd { (fact(&cluster.state)) } }
            div { dt { "Profile" } dd { (fact(&cluster.profile)) } }
        }
        h2 { "Who holds its kubeconfig, or still has permissions" }
        p.hint { (counted(cluster.kubeconfigs.len(), "identity", "identities")) ". "
            a href=(search_path(&format!("cluster:{}", cluster.cluster))) { "History of this cluster" } }
        @if cluster.kubeconfigs.is_empty() {
            (empty("Nobody", "No identity was seen with a kubeconfig of this cluster, or with permissions on it."))
        } @else { (table(visitor, "Kubeconfigs of this cluster", &cluster.kubeconfigs, Columns { user: true, cluster: false })) }
    };
    frame(&plain(name(cluster)), Place::Clusters, Some(visitor), &body)
}

fn name(cluster: &ClusterPanel) -> &str {
    cluster.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&cluster.cluster)
}
