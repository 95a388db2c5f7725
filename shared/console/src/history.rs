//! The history, searched. The query stands in the address, so that it can be kept, sent and compared.

use std::fmt::Display;

use axum::http::StatusCode;
use kubeconfig::query::KEYS;
use kubeconfig::{Projection, Query, Recorded};
use maud::{Markup, html};
use revocation::{ExportFormat, counted};

use crate::element::{empty, scrolling};
use crate::events;
use crate::layout::{Page, Place, frame};
use crate::text::shown;
use crate::visitor::Visitor;

/// The most bytes of a query that a browser lets somebody type.
const QUERY_MAX: usize = kubeconfig::query::MAX_QUERY_BYTES;

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The query as it was written.
    pub query: &'a str,
    /// Whether the oldest come first.
    pub oldest_first: bool,
    /// Events on a page.
    pub limit: u32,
    /// Whether this is not the first page.
    pub is_later: bool,
}

/// The address of a search.
pub(crate) fn search_path(query: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", query).finish();
    format!("/history?{query}")
}

/// A page of the answer. `next` asks for the one behind it.
pub fn page(
    visitor: &Visitor,
    asked: &Asked<'_>,
    found: &[Recorded],
    next: Option<&str>,
    names: &Projection,
) -> Page {
    let evidence = events::Columns { names: Some(names), evidence: true, ..Default::default() };
    let body = html! {
        h1 { "History" }
        (form(asked, None))
        (unknown_types(asked.query))
        @if found.is_empty() && next.is_none() {
            (empty("No event fits", "Nothing that is stored passes this query."))
        } @else {
            p.hint { (counted(found.len(), "event", "events")) " on this page, "
                (if asked.oldest_first { "the oldest first" } else { "the newest first" }) "."
                @if found.is_empty() { " The search goes on with the next page." } }
            @if !found.is_empty() { (events::table("Events", found, evidence)) }
        }
        nav.pages aria-label="Pages of the history" {
            @if asked.is_later { a href=(address(asked, None)) rel="first" { "First page" } }
            @if let Some(next) = next { a href=(address(asked, Some(next))) rel="next" { "Next page" } }
        }
        @if !found.is_empty() { (export(asked.query)) }
    };
    frame("History", Place::History, Some(visitor), &body)
}

/// Types that are misspelt, or of a newer version: what they find, and do not find, is to be read with care.
fn unknown_types(query: &str) -> Markup {
    let query: Query = query.parse().unwrap_or_default();
    let unknown = query.unknown_types();
    html! {
        @if !unknown.is_empty() {
            p.alert role="status" { "This version does not know the type "
                @for (place, name) in unknown.iter().enumerate() { @if place > 0 { ", " } code { (shown(name)) } }
                ". " a href="/help#types" { "All types" } }
        }
    }
}

/// All that the query finds, on every page of it, as a file.
fn export(query: &str) -> Markup {
    let address = |format: ExportFormat| {
        let mut fields = form_urlencoded::Serializer::new(String::new());
        fields.append_pair("q", query).append_pair("format", format.as_str());
        format!("/history/export?{}", fields.finish())
    };
    html! {
        p.hint.export { "All of these events, on every page, as a file: "
            @for format in ExportFormat::ALL { a href=(address(format)) download { (format.as_str()) } " " }
            "That somebody took it becomes part of the history, with the next sweep at the latest." }
    }
}

/// The form with a query that cannot be read, or names somebody who is not known, and why.
pub fn misread(visitor: &Visitor, asked: &Asked<'_>, why: &impl Display) -> Page {
    let body = html! {
        h1 { "History" }
        (form(asked, Some(&why.to_string())))
    };
    frame("History", Place::History, Some(visitor), &body).with_status(StatusCode::UNPROCESSABLE_ENTITY)
}

fn form(asked: &Asked<'_>, wrong: Option<&str>) -> Markup {
    html! {
        form.filter.card method="get" action="/history" role="search" aria-label="Search the history" {
            @if let Some(wrong) = wrong { p.alert role="alert" id="wrong" { (shown(wrong)) } }
            div.query {
                div.grow {
                    label for="query" { "Query" }
                    input id="query" name="q" type="search" value=(asked.query) data-search maxlength=(QUERY_MAX)
                        placeholder="cluster:prod uid:alice type:RevocationHeld -channel:timer since:7d"
                        autocomplete="off" autocapitalize="off" spellcheck="false"
                        aria-invalid=[wrong.map(|_| "true")] aria-describedby=[wrong.map(|_| "wrong")];
                }
                div {
                    label for="order" { "Order" }
                    select id="order" name="order" {
                        option value="newest" selected[!asked.oldest_first] { "Newest first" }
                        option value="oldest" selected[asked.oldest_first] { "Oldest first" }
                    }
                }
                button.primary type="submit" { "Search" }
                @if !asked.query.is_empty() { a.clear href="/history" { "Clear" } }
            }
            (language())
        }
    }
}

/// The language, as far as a table can teach it.
fn language() -> Markup {
    html! {
        details.language {
            summary { "How to search" }
            p.hint { "Terms with spaces between: " code { "key:value" } ", or a free text, in quotes where it has spaces. Several values \
                of one key mean \u{201c}or\u{201d} (" code { "type:A type:B" } "; OR itself is a text), everything else \u{201c}and\u{201d}; "
                code { "-" } " before a term negates it. " a href="/help#types" { "All types of events" } }
            p.hint { "A text is looked for in what is stored of an event, and in names: not in the sentence that the table shows. \
                \u{201c}The cluster has no audit logging\u{201d} is stored, and found, as " code { "auditLoggingOff" } "." }
            (scrolling("Keys of the query language", &html! {
                table {
                    thead { tr { th scope="col" { "For example" } th scope="col" { "Events that are" } } }
                    tbody { @for key in KEYS { tr {
                        th scope="row" { code { (key.name) ":" (key.example) } } td { (key.meaning) }
                    } } }
                }
            }))
        }
    }
}

/// The address of a page of the same question.
fn address(asked: &Asked<'_>, cursor: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", asked.query);
    query.append_pair("order", if asked.oldest_first { "oldest" } else { "newest" });
    query.append_pair("limit", &asked.limit.to_string());
    if let Some(cursor) = cursor {
        query.append_pair("cursor", cursor);
    }
    format!("/history?{}", query.finish())
}
