//! One identity's access to one cluster: what it amounts to, why, and how it came to that.

use jiff::Timestamp;
use kubeconfig::{EventId, Recorded};
use maud::{Markup, html};
use revocation::views::{PairView, RevocationView};

use crate::address::{cluster_path, identity_path};
use crate::element::{account_state, check, empty, nothing, phase, scrolling, status};
use crate::held::{decision, trigger};
use crate::history::search_path;
use crate::layout::{Page, Place, frame};
use crate::pairs::{cluster_name, user_name};
use crate::text::{plain, shown};
use crate::visitor::Visitor;
use crate::{events, time, timeline};

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The pair.
    pub pair: &'a PairView,
    /// Its events, the oldest first.
    pub events: &'a [Recorded],
    /// Whether there are older ones that are left out.
    pub is_cut: bool,
    /// What somebody has just decided.
    pub decided: Option<&'a str>,
    /// The present.
    pub now: Timestamp,
}

/// The page of a pair.
pub fn page(visitor: &Visitor, facts: &Facts<'_>) -> Page {
    let pair = facts.pair;
    let decided_by: Vec<EventId> = pair.decided_by.iter().filter_map(|id| id.parse().ok()).collect();
    let newest: Vec<Recorded> = facts.events.iter().rev().cloned().collect();
    let history = search_path(&format!("cluster:{} uid:{}", pair.cluster, pair.uid));
    let identity = visitor.path(&identity_path(&pair.uid));
    let columns = events::Columns { names: None, decided_by: &decided_by, evidence: true };
    let body = html! {
        p.eyebrow {
            a href=(visitor.path(&cluster_path(&pair.cluster))) { (shown(cluster_name(pair))) } " / "
            a href=(identity) { (shown(user_name(pair))) }
        }
        h1 { (shown(user_name(pair))) " in " (shown(cluster_name(pair))) " " (status(pair.status)) }
        @if let Some(decided) = facts.decided { p.done role="status" { (decided) } }
        (information(pair, &identity))
        @if let Some(open) = &pair.open_revocation { (revocation(visitor, pair, open)) }
        @if let Some(refused) = &pair.refused {
            p.alert { "The latest revocation was refused by the rule " code { (refused.rule) } ": " (shown(&refused.text)) }
        }
        h2 { "Timeline" }
        (timeline::picture(facts.events, facts.now))
        h2 { "Why this status" }
        (why(facts.events, &decided_by, pair))
        h2 { "Events" }
        @if facts.is_cut { p.hint { "The latest " (facts.events.len()) " events. " a href=(history) { "All of them" } } }
        @else { p.hint { a href=(history) { "In the history" } } }
        (events::table("Events of this access", &newest, columns))
    };
    let title = format!("{} in {}", user_name(pair), cluster_name(pair));
    frame(&plain(&title), Place::Elsewhere, Some(visitor), &body)
}

fn information(pair: &PairView, identity: &str) -> Markup {
    html! {
        div.columns {
            section { h2 { "User information" } dl.facts.stacked {
                div { dt { "User name" } dd { (shown(user_name(pair))) } }
                div { dt { "User ID" } dd { a.id href=(identity) { (pair.uid) } } }
                div { dt { "Account type" } dd { (pair.account_kind.as_deref().map_or_else(nothing, shown)) } }
                div { dt { "Account status" } dd { (account_state(pair.account_state.as_deref())) } }
            } }
            section { h2 { "Kubeconfig information" } dl.facts.stacked {
                div { dt { "Status" } dd { (status(pair.status)) } }
                div { dt { "Expires" } dd { (pair.expires_at.map_or_else(nothing, time::minute)) } }
                div { dt { "Access in 7 days" } dd { (check(pair.last_check.as_ref()))
                    @if let Some(at) = pair.last_check.as_ref().and_then(|check| check.checked_at) { ", asked " (time::minute(at)) } } }
                div { dt { "Certificates" } dd { (certificates(pair)) } }
            } }
            section { h2 { "Permissions on the cluster" } (permissions(pair)) }
        }
    }
}

fn certificates(pair: &PairView) -> Markup {
    html! {
        @if pair.certificates.is_empty() { (nothing()) }
        @else { ul.plain { @for certificate in &pair.certificates { li {
            (shown(&certificate.state.to_string()))
            @if let Some(end) = certificate.expires_at { ", until " (time::day(end)) }
        } } } }
    }
}

fn permissions(pair: &PairView) -> Markup {
    match &pair.permissions {
        None => empty("Not read", "They are read when a revocation is asked for."),
        Some(permissions) if permissions.is_empty() => {
            empty("None", "The latest reading found no RBAC permissions.")
        }
        Some(permissions) => scrolling(
            "Permissions",
            &html! {
                table {
                    thead { tr { th scope="col" { "Role" } th scope="col" { "Type" } th scope="col" { "On" } } }
                    tbody { @for permission in permissions { tr {
                        th scope="row" { (shown(&permission.role_name)) }
                        td { (shown(&permission.role_type)) }
                        td { (shown(&permission.resource_type)) }
                    } } }
                }
            },
        ),
    }
}

fn revocation(visitor: &Visitor, pair: &PairView, open: &RevocationView) -> Markup {
    html! {
        section.card.held aria-labelledby="open" {
            h2 id="open" { "Revocation under way " (phase(open)) }
            dl.facts {
                @if let Some(because) = &open.held_because { div.wide { dt { "Waits because" } dd { (shown(because)) } } }
                div { dt { "Asked for by" } dd { (shown(&open.requested_by)) ", " (time::minute(open.requested_at)) } }
                div { dt { "Because" } dd { (trigger(&open.trigger)) @if let Some(reason) = &open.reason { ": " (shown(reason)) } } }
                div { dt { "Calls made" } dd { (open.attempts) } }
            }
            @if open.held_because.is_some() && !visitor.is_elsewhen() { (decision(visitor, pair, open)) }
        }
    }
}

fn why(all: &[Recorded], decided_by: &[EventId], pair: &PairView) -> Markup {
    let deciding: Vec<_> = all.iter().filter(|event| decided_by.contains(&event.id)).collect();
    html! {
        @if deciding.is_empty() { (empty("No reading yet", "Nobody has read this access so far.")) }
        @else {
            p { (status(pair.status)) " follows from:" }
            ol.deciding { @for event in deciding { li value=(event.version) {
                a href={ "#event-" (event.id) } { (events::what(event)) } ", " (time::second(event.occurred_at))
            } } }
        }
    }
}
