//! Signing in and out of the pages, and who may see and send what.

use std::fmt::Write;

use axum::http::{Method, StatusCode};
use console::Console;
use history::Archive;
use http_api::Callers;
use revocation::Config;
use rstest::rstest;
use serde_json::Value;

use crate::browser::Browser;
use crate::world::{ANNA, OLGA, VERA, World, callers, console, request, send};

const KEY: &str = "a key of the configuration, 32 bytes or more";

/// Every page of both functions, with the role that it says it needs.
fn routes(world: &World) -> Vec<(Method, String, Option<String>)> {
    let console = console(&Config::default());
    let archive = Archive::of(world.reaper.history().clone());
    let api = revoke::api(world.reaper.clone(), &console).merge(history::api(archive, &console));
    let mut routes = vec![];
    for (path, item) in api.pages_document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let role = operation.pointer("/security/0/session/0").and_then(Value::as_str);
            routes.push((method.to_uppercase().parse().unwrap(), path.clone(), role.map(str::to_owned)));
        }
    }
    routes
}

fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect::<Vec<_>>().join("/")
}

/// The whole table. A page that is added shows up here, with who may see it; `-` is let through, to whatever the page then
/// says about things that do not exist.
#[tokio::test]
async fn every_page_by_every_kind_of_visitor() {
    let world = World::new().await;
    let mut table = format!("{:45} {:9} none forged viewer operator approver\n", "page", "needs");
    for (method, path, role) in routes(&world) {
        let mut forged = Browser::new(&world.router);
        forged.cookies.insert("__Host-reaper".into(), "e30.AAAA".into());
        let none = Browser::new(&world.router);
        let signed_in = [
            Browser::of(&world, VERA).await,
            Browser::of(&world, OLGA).await,
            Browser::of(&world, ANNA).await,
        ];
        write!(table, "{:45} {:9}", format!("{method} {path}"), role.as_deref().unwrap_or("nothing"))
            .unwrap();
        for (mut browser, width) in [none, forged].into_iter().chain(signed_in).zip([4, 6, 6, 8, 8]) {
            let body = match method {
                // The visitor's own form: what decides is the role.
                Method::POST if path != "/sign-in" => {
                    let token = browser.get("/held").await.html;
                    let token = token
                        .split_once(r#"name="form_token" value=""#)
                        .map(|(_, rest)| rest.split('"').next().unwrap());
                    Some(format!("form_token={}", token.unwrap_or_default()))
                }
                Method::POST => Some(format!("token={VERA}")),
                _ => None,
            };
            let answer = browser.send(method.clone(), &filled(&path), body).await;
            let word = match answer.status.as_u16() {
                status @ (401 | 403) => status.to_string(),
                _ => "-".to_owned(),
            };
            write!(table, " {word:width$}").unwrap();
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("page_routes", table);
    });
}

#[tokio::test]
async fn signing_in_leads_to_where_one_wanted_to_go() {
    let world = World::seen().await;
    let mut browser = Browser::new(&world.router);
    let asked = browser.get("/history?q=actor:olga&order=oldest").await;
    assert_eq!((asked.status, asked.heading().as_str()), (StatusCode::UNAUTHORIZED, "Sign in"));
    assert!(
        asked.html.contains(r#"name="next" value="/history?q=actor:olga&amp;order=oldest""#),
        "{}",
        asked.html
    );
    let answer =
        browser.post("/sign-in", &[("token", VERA), ("next", "/history?q=actor:olga&order=oldest")]).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/history?q=actor:olga&order=oldest")
    );
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-reaper="), "{cookie}");
    for part in ["; Path=/", "; Max-Age=28800", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(VERA), "the token itself is not kept");
    let page = browser.get("/").await;
    assert!(page.html.contains("vera") && page.html.contains("Sign out"));
    assert!(!page.html.contains(VERA));
}

#[tokio::test]
async fn without_tls_the_cookie_is_plain() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.router);
    browser.origin = Some("http://reaper.example.com".into());
    let cookie = browser.post("/sign-in", &[("token", VERA)]).await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("reaper-session=") && !cookie.contains("Secure"), "{cookie}");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
}

#[rstest]
#[case::wrong("not-a-token")]
#[case::empty("")]
#[case::a_digest("0c5a1dd8cbcd2ad6f9a6f6ba6d3b1f1d7b1b8f0f6f9e0f7a6f4fcd8d8c1d9a10")]
#[tokio::test]
async fn a_wrong_token_signs_nobody_in(#[case] token: &str) {
    let world = World::new().await;
    let mut browser = Browser::new(&world.router);
    let page = browser.post("/sign-in", &[("token", token), ("next", "/held")]).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::UNAUTHORIZED, "Sign in"));
    assert!(page.html.contains("That token is not known here") && browser.cookies.is_empty());
    assert!(token.is_empty() || !page.html.contains(token), "what was typed is not shown");
}

#[tokio::test]
async fn signing_out_ends_the_session_of_this_browser() {
    let world = World::new().await;
    let mut browser = Browser::of(&world, VERA).await;
    let out = browser.submit("/", "/sign-out", &[]).await;
    assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(browser.cookies.is_empty());
    assert_eq!(browser.get("/").await.status, StatusCode::UNAUTHORIZED);
}

/// A foreign page can neither sign somebody out nor in as somebody else.
#[rstest]
#[case::another_site(Some("https://evil.example"))]
#[case::a_sandbox(Some("null"))]
#[case::nothing(None)]
#[tokio::test]
async fn a_form_from_elsewhere_is_refused(#[case] origin: Option<&str>) {
    let world = World::new().await;
    let mut browser = Browser::of(&world, ANNA).await;
    let token = browser.get("/").await.form_token();
    browser.origin = origin.map(str::to_owned);
    for (path, field) in [("/sign-out", ("form_token", token.as_str())), ("/sign-in", ("token", VERA))] {
        let page = browser.post(path, &[field]).await;
        assert_eq!(
            (page.status.as_u16(), page.heading().as_str()),
            (403, "The form does not come from a page of this service")
        );
    }
    assert_eq!(browser.cookies.len(), 1);
}

#[tokio::test]
async fn a_cookie_opens_pages_and_not_the_interface_for_programs() {
    let world = World::seen().await;
    let browser = Browser::of(&world, ANNA).await;
    let (name, value) = browser.cookies.iter().next().unwrap();
    let mut api = request(Method::GET, "/v1/overview", None, None);
    api.headers_mut().insert("cookie", format!("{name}={value}").parse().unwrap());
    assert_eq!(send(&world.router, api).await.status, StatusCode::UNAUTHORIZED);
    let page = request(Method::GET, "/", Some(ANNA), None);
    assert_eq!(send(&world.router, page).await.problem(), "unauthenticated", "nor does a token open pages");
}

/// Two functions, two processes: the same key, the same session.
#[tokio::test]
async fn processes_of_one_key_know_each_others_sessions() {
    let world = World::new().await;
    let mut config = Config::default();
    config.console.session_key = Some(KEY.to_owned().try_into().unwrap());
    let archive = || Archive::of(world.reaper.history().clone());
    let history = |console: Console| history::router(archive(), callers(&Config::default()), &console);
    let mut browser = Browser::new(&history(Console::new(&config)));
    browser.post("/sign-in", &[("token", VERA)]).await;
    let session = browser.cookies.clone();
    let mut other = Browser { cookies: session.clone(), ..Browser::new(&history(Console::new(&config))) };
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    config.console.session_key = Some(KEY.to_uppercase().try_into().unwrap());
    let mut of_another_key = Browser { cookies: session, ..Browser::new(&history(Console::new(&config))) };
    assert_eq!(of_another_key.get("/").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_a_key_nobody_signs_in_and_the_page_says_why() {
    let world = World::new().await;
    let archive = Archive::of(world.reaper.history().clone());
    let router = history::router(archive, callers(&Config::default()), &Console::new(&Config::default()));
    let mut browser = Browser::new(&router);
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    assert!(page.html.contains("console.session_key"));
    assert_eq!(browser.post("/sign-in", &[("token", VERA)]).await.status, StatusCode::NOT_FOUND);
    assert!(browser.cookies.is_empty());
}

/// A token that is taken out of the configuration takes its sessions along.
#[tokio::test]
async fn a_session_ends_with_its_token() {
    let world = World::new().await;
    let mut config = Config::default();
    config.console.session_key = Some(KEY.to_owned().try_into().unwrap());
    let archive = || Archive::of(world.reaper.history().clone());
    let with = |callers| history::router(archive(), callers, &Console::new(&config));
    let mut browser = Browser::new(&with(callers(&Config::default())));
    browser.post("/sign-in", &[("token", VERA)]).await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let mut without = Config::default();
    without.api.tokens =
        crate::world::entries().into_iter().filter(|entry| !entry.starts_with("vera:")).collect();
    let mut later =
        Browser { cookies: browser.cookies, ..Browser::new(&with(Callers::of(&without).unwrap())) };
    assert_eq!(later.get("/").await.status, StatusCode::UNAUTHORIZED);
}
