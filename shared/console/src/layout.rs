//! The frame around every page, and the headers that go with it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::assets::{ICON, SCRIPT, STYLE};
use crate::visitor::Visitor;
use crate::{form, moment};

/// A page may load our own stylesheet, script and icon, send forms to us, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
    base-uri 'none'; frame-ancestors 'none'";

/// With `no-referrer` browsers would keep the origin of a form from us, too.
const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
];

/// A whole page.
pub struct Page {
    status: StatusCode,
    html: String,
}

impl Page {
    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.html).into_response();
        for (name, value) in HEADERS {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

/// Where a page is among those of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Overview,
    Clusters,
    Identities,
    Leftovers,
    Held,
    History,
    Elsewhere,
}

impl Place {
    /// Whether it can be looked at as of another instant.
    const fn has_a_past(self) -> bool {
        !matches!(self, Self::Held | Self::History)
    }

    fn address(self, path: &str, visitor: Option<&Visitor>) -> String {
        match visitor {
            Some(visitor) if self.has_a_past() => visitor.path(path),
            _ => path.to_owned(),
        }
    }
}

/// The navigation: place, path, words, and the key after `g`.
const PLACES: [(Place, &str, &str, &str); 6] = [
    (Place::Overview, "/", "Overview", "o"),
    (Place::Clusters, "/clusters", "Clusters", "c"),
    (Place::Identities, "/identities", "Identities", "i"),
    (Place::Leftovers, "/leftovers", "Deleted identities", "d"),
    (Place::Held, "/held", "Held", "e"),
    (Place::History, "/history", "History", "h"),
];

/// A page around its own part.
pub(crate) fn frame(title: &str, place: Place, visitor: Option<&Visitor>, body: &Markup) -> Page {
    let html = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Reaper" }
                link rel="stylesheet" href=(STYLE.path());
                link rel="icon" type="image/svg+xml" href=(ICON.path());
                script src=(SCRIPT.path()) defer {}
            }
            body {
                a.skip href="#main" { "Skip to the content" }
                (header(place, visitor))
                main id="main" tabindex="-1" {
                    @if let Some(visitor) = visitor { (moment::control(visitor)) }
                    (body)
                }
                (footer(visitor.is_some()))
                (keys())
            }
        }
    };
    Page { status: StatusCode::OK, html: html.into_string() }
}

fn header(place: Place, visitor: Option<&Visitor>) -> Markup {
    html! {
        header.top {
            a.brand href="/" { img src=(ICON.path()) alt="" width="22" height="22"; "Reaper" }
            @if visitor.is_some() || place != Place::Elsewhere {
                nav aria-label="Pages" {
                    @for (of, path, words, key) in PLACES {
                        a href=(of.address(path, visitor)) data-key=(key) aria-current=[(of == place).then_some("page")] { (words) }
                    }
                }
            }
            @if let Some(visitor) = visitor {
                @if place != Place::History { (search()) }
                form.out method="post" action="/sign-out" {
                    span.who { (visitor.principal().name()) " " span.role { (visitor.principal().role()) } }
                    (form_token(visitor))
                    button type="submit" { "Sign out" }
                }
            }
        }
    }
}

/// The way to the history from everywhere. Its own page has a form with more room.
fn search() -> Markup {
    html! {
        form.find method="get" action="/history" role="search" aria-label="Search the history" {
            label.visually-hidden for="find" { "Search the history" }
            input id="find" name="q" type="search" placeholder="Search the history" data-search autocomplete="off"
                autocapitalize="off" spellcheck="false";
        }
    }
}

/// The field that every form of a page has to send along.
pub(crate) fn form_token(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(form::TOKEN) value=(visitor.form_token()); }
}

fn footer(is_signed_in: bool) -> Markup {
    html! {
        footer {
            span id="zone" { "All times are UTC." }
            @if is_signed_in { a href="/help" { "What the words mean" } }
            span.keys-hint { "Press " kbd { "?" } " for keys" }
        }
    }
}

/// Shown by the script alone. The same list is on the help page.
fn keys() -> Markup {
    html! {
        dialog id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { "Keys" }
            (key_list())
            form method="dialog" { button type="submit" { "Close" } }
        }
    }
}

pub(crate) fn key_list() -> Markup {
    html! {
        dl.keys {
            dt { kbd { "/" } } dd { "Search the history" }
            dt { kbd { "?" } } dd { "This list" }
            @for (_, _, words, key) in PLACES {
                dt { kbd { "g" } " " kbd { (key) } } dd { (words) }
            }
        }
    }
}
