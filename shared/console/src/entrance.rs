//! Signing in and out, and what everybody may load.

use std::sync::Arc;

use axum::extract::{Extension, FromRequest, Path, Request};
use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_api::{Callers, Fields, Parameters, Problem, ProblemType};
use jiff::Timestamp;
use maud::{Markup, html};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::cookie::SESSION;
use crate::layout::{Page, Place, frame};
use crate::session::Session;
use crate::{Console, Form, Viewer, assets, form, help, issuer};

/// The pages that belong to no function.
pub fn entrance<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::default()
        .routes(routes!(form_page, sign_in))
        .routes(routes!(issuer::depart))
        .routes(routes!(issuer::arrive))
        .routes(routes!(sign_out))
        .routes(routes!(help_page))
        .routes(routes!(asset))
}

/// The form to sign in with
#[utoipa::path(get, path = "/sign-in", responses((status = 200, description = "The page.")))]
async fn form_page(Extension(console): Extension<Console>, parameters: Parameters) -> Result<Page, Problem> {
    parameters.finish(&[])?;
    Ok(page(&console, StatusCode::OK, "/", None))
}

/// Signs in
#[utoipa::path(post, path = "/sign-in", responses((status = 303, description = "Signed in.")))]
async fn sign_in(
    Extension(console): Extension<Console>,
    Extension(callers): Extension<Arc<Callers>>,
    request: Request,
) -> Result<Response, Problem> {
    let Some(keys) = &console.0.keys else {
        return Err(Problem::new(
            ProblemType::NoSuchRoute,
            "nobody can sign in here: `console.session_key` is not set",
        ));
    };
    // Also here: a foreign page must not sign somebody in as somebody else.
    let scheme = form::origin(&request)?;
    let mut fields = Fields::from_request(request, &()).await?;
    let (token, next) = (fields.one("token")?.unwrap_or_default(), fields.one("next")?.unwrap_or_default());
    fields.finish()?;
    let Some((principal, fingerprint)) = callers.open_session(token.trim()) else {
        callers.refuse()?;
        tracing::info!("sign-in refused: no such token");
        let wrong = "That token is not known here. Nobody was signed in.";
        return Ok(page(&console, StatusCode::UNAUTHORIZED, &next, Some(wrong)).into_response());
    };
    tracing::info!(principal = principal.name(), "signed in");
    let now = Timestamp::now();
    let session = Session::of_token(&fingerprint, now.saturating_add(console.0.session).unwrap_or(now));
    let cookie = session.to_cookie(keys, scheme == "https", now);
    Ok((StatusCode::SEE_OTHER, cookies([cookie]), [(LOCATION, place(&next))]).into_response())
}

/// Signs out
#[utoipa::path(post, path = "/sign-out", security(("session" = ["viewer"])),
    responses((status = 303, description = "Signed out.")))]
async fn sign_out(_: Viewer, Form(fields): Form) -> Result<Response, Problem> {
    fields.finish()?;
    let away = [(LOCATION, HeaderValue::from_static("/sign-in"))];
    Ok((StatusCode::SEE_OTHER, cookies(SESSION.forget()), away).into_response())
}

/// What the words mean, and the keys
#[utoipa::path(get, path = "/help", security(("session" = ["viewer"])), responses((status = 200, description = "The page.")))]
async fn help_page(Viewer(visitor): Viewer, parameters: Parameters) -> Result<Page, Problem> {
    parameters.finish(&[])?;
    Ok(help::page(&visitor))
}

/// Stylesheet, script and icon
#[utoipa::path(get, path = "/assets/{name}", responses((status = 200, description = "The file.")))]
async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    assets::find(&name).ok_or_else(|| Problem::new(ProblemType::NoSuchRoute, "there is nothing at this path"))
}

pub(crate) fn cookies(cookies: impl IntoIterator<Item = String>) -> HeaderMap {
    cookies.into_iter().filter_map(|cookie| Some((SET_COOKIE, HeaderValue::try_from(cookie).ok()?))).collect()
}

/// A place of ours to go on to: a path, never another host. What does not fit is the first page.
pub(crate) fn place(next: &str) -> HeaderValue {
    let mut characters = next.chars();
    let is_path = characters.next() == Some('/') && !matches!(characters.next(), Some('/' | '\\'));
    let fits = is_path && next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    HeaderValue::from_str(if fits { next } else { "/" }).unwrap_or(HeaderValue::from_static("/"))
}

/// The page to sign in on, which leads back to where somebody wanted to go.
pub(crate) fn page(console: &Console, status: StatusCode, next: &str, wrong: Option<&str>) -> Page {
    let body = if console.0.keys.is_some() { sign_in_form(console, next, wrong) } else { switched_off() };
    frame("Sign in", Place::Elsewhere, None, &body).with_status(status)
}

fn sign_in_form(console: &Console, next: &str, wrong: Option<&str>) -> Markup {
    let elsewhere = |host: &str| {
        let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
        html! { p { a.button href={ "/sign-in/issuer?" (next) } { "Sign in with " (host) } } }
    };
    html! {
        div.narrow {
            h1 { "Sign in" }
            p.lead { "Who had access to which cluster, when, and who removed it." }
            @if let Some(wrong) = wrong { p.alert role="alert" id="wrong" { (wrong) } }
            @if let Some(host) = &console.0.issuer { (elsewhere(host)) }
            form.card method="post" action="/sign-in" {
                label for="token" { "Token" }
                input id="token" name="token" type="password" required autocomplete="current-password" autofocus
                    spellcheck="false" maxlength="1000" aria-describedby=(if wrong.is_some() { "wrong token-help" } else { "token-help" });
                p.hint id="token-help" {
                    "An operator makes one with " code { "reaper token NAME ROLE" } ". The browser keeps a signed cookie in its place, for some hours."
                }
                input type="hidden" name="next" value=(next);
                button.primary type="submit" { "Sign in" }
            }
        }
    }
}

fn switched_off() -> Markup {
    html! {
        div.narrow {
            h1 { "Signing in is switched off" }
            p { "The pages need a key to sign sessions with. Set " code { "console.session_key" } " to a long random text, the same \
                for every function that serves pages. The HTTP interface under " code { "/v1" } " works without it." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leads_to_another_host() {
        for good in ["/", "/held", "/history?actor=a%20b&x=//y", "/clusters/c1/identities/2"] {
            assert_eq!(place(good), good);
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "held",
            "/a\r\nSet-Cookie: x",
            "/a b",
            "/\u{e9}",
            "/x\\y",
        ] {
            assert_eq!(place(bad), "/", "{bad}");
        }
    }
}
