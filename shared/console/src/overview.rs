//! How things stand, and what wants a person's attention first.

use jiff::{SignedDuration, Timestamp};
use kubeconfig::{Projection, Recorded, Status};
use maud::{Markup, html};
use revocation::views::PairView;
use revocation::{Overview, Silence, counted};

use crate::element::{empty, sentence, status};
use crate::layout::{Page, Place, frame};
use crate::pairs::{Columns, table};
use crate::visitor::Visitor;
use crate::{events, time};

/// What ends within this time is about to expire.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A sweep or a seal older than this is late: sweeps come every hour.
const LATE: SignedDuration = SignedDuration::from_hours(3);

/// Rows of a list on this page.
const ROWS: usize = 20;

/// What the page is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The numbers.
    pub overview: &'a Overview,
    /// Every access.
    pub pairs: &'a [PairView],
    /// The latest events.
    pub latest: &'a [Recorded],
    /// When the store was last sealed.
    pub sealed_at: Option<Timestamp>,
    /// Whose names the events mention.
    pub names: &'a Projection,
    /// Why the numbers say nothing, where they do not.
    pub silence: Option<Silence>,
    /// The present.
    pub now: Timestamp,
}

/// The first page.
pub fn page(visitor: &Visitor, facts: &Facts<'_>) -> Page {
    let Facts { overview, now, .. } = *facts;
    let failed: Vec<_> = facts.pairs.iter().filter(|pair| is_failed(pair)).cloned().collect();
    let mut expiring: Vec<_> = facts.pairs.iter().filter(|pair| is_expiring(pair, now)).cloned().collect();
    expiring.sort_by_key(|pair| pair.expires_at);
    let swept_late =
        overview.swept_at.is_none_or(|at| now.duration_since(at) > LATE) || !overview.swept_everything;
    let about = events::Columns { names: Some(facts.names), ..Default::default() };
    let body = html! {
        h1 { "Overview" }
        @if overview.unrecognised > 0 {
            p.alert { (overview.unrecognised) " stored events are of a newer version than this one, which does nothing about what they are about." }
        }
        @if let Some(silence) = facts.silence { p.alert { (sentence(silence)) } }
        ul.tiles {
            (tile("Held for a person", &html! { (overview.held) }, (!visitor.is_elsewhen()).then_some("/held"), overview.held > 0))
            (tile("Leftovers of deleted identities", &html! { (overview.leftovers) }, Some(&visitor.path("/leftovers")), overview.leftovers > 0))
            (tile("Failed or unknown", &html! { (failed.len()) }, (!failed.is_empty()).then_some("#failed"), !failed.is_empty()))
            (tile("Expire within 30 days", &html! { (expiring.len()) }, (!expiring.is_empty()).then_some("#expiring"), false))
            (tile("Last sweep", &swept(overview, now), None, swept_late))
            // Seals are about everybody, and not told to somebody who has bounds; nor is the latest one about the past.
            @if visitor.principal().scope().is_everything() && !visitor.is_elsewhen() {
                (tile("Last seal", &ago(facts.sealed_at, now), None, facts.sealed_at.is_some_and(|at| now.duration_since(at) > LATE)))
            }
        }
        (list(visitor, "failed", "Revocations that failed, or whose outcome is unknown", &failed))
        (list(visitor, "expiring", "Kubeconfigs that expire within 30 days", &expiring))
        (by_status(overview))
        h2 { "What happened last" }
        @if facts.latest.is_empty() { (empty("Nothing yet", "The first sweep fills the history.")) }
        @else {
            (events::table("The latest events", facts.latest, about))
            p { a href="/history" { "The whole history" } }
        }
    };
    frame("Overview", Place::Overview, Some(visitor), &body)
}

fn tile(label: &str, value: &Markup, path: Option<&str>, wants_attention: bool) -> Markup {
    let inner = html! { span.label { (label) } span.value { (value) } };
    html! {
        li.tile.attention[wants_attention] {
            @match path { Some(path) => a href=(path) { (inner) }, None => div { (inner) } }
        }
    }
}

fn ago(at: Option<Timestamp>, now: Timestamp) -> Markup {
    at.map_or_else(|| html! { "never" }, |at| time::age(at, now))
}

/// When the latest sweep began, and what it did not see.
fn swept(overview: &Overview, now: Timestamp) -> Markup {
    let unseen = match overview.swept_unread {
        _ if overview.swept_at.is_none() || overview.swept_everything => String::new(),
        0 => " not all seen".to_owned(),
        parts => format!(" could not read {}", counted(parts, "part", "parts")),
    };
    html! { (ago(overview.swept_at, now)) @if !unseen.is_empty() { small { (unseen) } } }
}

/// How many accesses have which status: a table of numbers, and each number's share as a bar.
fn by_status(overview: &Overview) -> Markup {
    let total = overview.pairs.values().sum::<usize>();
    let counts: Vec<(Status, usize)> = Status::ALL
        .into_iter()
        .filter_map(|status| Some((status, *overview.pairs.get(status.as_str())?)))
        .collect();
    let shares = per_cent(&counts.iter().map(|(_, count)| *count).collect::<Vec<_>>());
    html! {
        h2 { "Kubeconfigs by status" }
        p.hint { (total) " in " (counted(overview.clusters, "cluster", "clusters")) ", of "
            (counted(overview.identities, "identity", "identities")) "." }
        @if total > 0 {
            table.bars {
                thead.visually-hidden { tr { th scope="col" { "Status" } th scope="col" { "Number" } th scope="col" { "Share" } } }
                tbody { @for ((of, count), share) in counts.iter().zip(shares) { tr {
                    th scope="row" { (status(*of)) }
                    td.number { (count) }
                    td.bar { svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                        rect class={ "fill " (of.as_str()) } width=(share) height="8" {}
                    } span.visually-hidden { (share) " per cent" } }
                } } }
            }
        }
    }
}

/// The share of each number in per cent. Together they are 100: what rounding down leaves goes to those that lost the most by it.
fn per_cent(counts: &[usize]) -> Vec<usize> {
    let total = counts.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = counts.iter().map(|count| count * 100 / total).collect();
    let mut by_loss: Vec<usize> = (0..counts.len()).collect();
    by_loss.sort_by_key(|&place| std::cmp::Reverse(counts[place] * 100 % total));
    let left = 100_usize.saturating_sub(shares.iter().sum());
    by_loss.into_iter().take(left).for_each(|place| shares[place] += 1);
    shares
}

/// A list that is there only where something is on it: its tile says so otherwise.
fn list(visitor: &Visitor, id: &str, title: &str, pairs: &[PairView]) -> Markup {
    html! {
        @if !pairs.is_empty() {
            h2 id=(id) { (title) }
            (table(visitor, title, &pairs[..pairs.len().min(ROWS)], Columns { user: true, cluster: true }))
            @if pairs.len() > ROWS { p.hint { "The first " (ROWS) " of " (pairs.len()) "." } }
        }
    }
}

fn is_failed(pair: &PairView) -> bool {
    pair.open_revocation.as_ref().is_some_and(|open| ["Failed", "Unknown"].contains(&open.phase.as_str()))
}

fn is_expiring(pair: &PairView, now: Timestamp) -> bool {
    let ends_soon = pair.expires_at.is_some_and(|end| end.duration_since(now) <= SOON);
    pair.status == Status::Effective && ends_soon
}

#[cfg(test)]
mod tests {
    use super::per_cent;

    #[test]
    fn shares_add_up_to_a_hundred() {
        assert_eq!(per_cent(&[1, 1, 1]), [34, 33, 33]);
        assert_eq!(per_cent(&[10, 1, 2, 1, 1, 2]), [59, 6, 12, 6, 6, 11]);
        assert_eq!(per_cent(&[5]), [100]);
    }
}
