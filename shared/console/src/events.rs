//! Tables of events.

use kubeconfig::{EventId, Projection, Recorded, StreamId};
use maud::{Markup, html};
use revocation::headline;

use crate::address::{cluster_path, identity_path, pair_path};
use crate::element::scrolling;
use crate::text::{cell, shown};
use crate::time;

/// The most bytes of an event's data on a page. Whole messages and seals are longer.
const DATA_MAX: usize = 8192;

/// What a table tells beside what happened, when, and who caused it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Columns<'a> {
    /// Whose names stand in a column that says what each is about; absent where the page says it already.
    pub(crate) names: Option<&'a Projection>,
    /// Which of them decided a status.
    pub(crate) decided_by: &'a [EventId],
    /// Whether each has its id, and its data to unfold: what somebody needs to prove it.
    pub(crate) evidence: bool,
}

/// Events, one a row.
pub(crate) fn table(label: &str, events: &[Recorded], columns: Columns<'_>) -> Markup {
    let Columns { names, decided_by, evidence } = columns;
    let table = html! {
        table.events {
            thead {
                tr {
                    @if names.is_none() { th scope="col" { "No." } }
                    th scope="col" { "When" }
                    @if names.is_some() { th scope="col" { "About" } }
                    th scope="col" { "What" }
                    th scope="col" { "Who" }
                }
            }
            tbody {
                @for event in events {
                    tr id={ "event-" (event.id) } class=[decided_by.contains(&event.id).then_some("decided")] {
                        @if names.is_none() { td.number { (event.version) } }
                        td.when { (time::second(event.occurred_at)) }
                        @if let Some(names) = names { td.about { (about(&event.stream, names)) } }
                        td.what {
                            (what(event)) @if decided_by.contains(&event.id) { " " span.badge.mark { "decided the status" } }
                            @if evidence { (data(event)) }
                        }
                        td.by { (cell(&event.actor.to_string())) }
                    }
                }
            }
        }
    };
    scrolling(label, &table)
}

/// The type, and what it says.
pub(crate) fn what(event: &Recorded) -> Markup {
    let (name, line) = (event.event.type_name(), headline(event));
    let detail = line.strip_prefix(&name).unwrap_or(&line).trim_start_matches(": ");
    html! { span.type { (shown(&name)) } @if !detail.is_empty() { " " span.detail { (shown(detail)) } } }
}

/// The id, as `reaper prove` takes it, and what is stored of the event, folded.
fn data(event: &Recorded) -> Markup {
    let stored = event.event.to_stored().data;
    let text = serde_json::to_string_pretty(&stored).unwrap_or_default();
    let end = text.floor_char_boundary(DATA_MAX);
    html! {
        div.evidence {
            span.id { (event.id) }
            details {
                summary { "Data" }
                pre { code { @for line in text[..end].lines() { (shown(line)) "\n" } } }
                @if end < text.len() { p.hint { "The rest is in the history as a file." } }
            }
        }
    }
}

/// What a stream is about, by name, with the way to its page.
fn about(stream: &StreamId, names: &Projection) -> Markup {
    let cluster =
        |id| names.clusters.get(id).map(|cluster| cluster.name.as_str()).filter(|name| !name.is_empty());
    let identity = |uid| {
        names.identities.get(uid).map(|identity| identity.name.as_str()).filter(|name| !name.is_empty())
    };
    match stream {
        StreamId::Kubeconfig(key) => html! {
            a href=(pair_path(&key.cluster, &key.uid)) {
                (cell(identity(&key.uid).unwrap_or(key.uid.as_str()))) " in "
                (cell(cluster(&key.cluster).unwrap_or(key.cluster.as_str())))
            }
        },
        StreamId::Identity(uid) => {
            html! { a href=(identity_path(uid)) { (cell(identity(uid).unwrap_or(uid.as_str()))) } }
        }
        StreamId::Cluster(id) => {
            html! { a href=(cluster_path(id)) { (cell(cluster(id).unwrap_or(id.as_str()))) } }
        }
        StreamId::Intake(_) => html! { "a message" },
        StreamId::Run(_) => html! { "a run" },
    }
}
