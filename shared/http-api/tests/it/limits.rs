//! How often somebody may call. Every bucket holds two calls here, and gets another one only after half a minute.

use axum::Router;
use axum::http::{Method, StatusCode};
use history::Archive;
use http_api::Callers;
use revocation::Config;

use crate::browser::Browser;
use crate::chat_systems::{SLACK_SECRET, seconds, slack_form, slack_request};
use crate::world::{ANNA, Answer, OLGA, VERA, World, console, entries, request, send};

/// Both functions, with two calls a minute.
pub(crate) fn strict(world: &World, mut config: Config) -> Router {
    config.api.tokens = entries();
    (config.api.requests_per_minute, config.api.unauthenticated_per_minute) = (2, 2);
    let console = &console(&config);
    let archive = Archive::of(world.reaper.history().clone());
    let api = revoke::api(world.reaper.clone(), console).merge(history::api(archive, console));
    api.router(Callers::of(&config).unwrap())
}

async fn world_and_router() -> (World, Router) {
    let world = World::seen().await;
    let router = strict(&world, Config::default());
    (world, router)
}

async fn overview(router: &Router, token: Option<&str>) -> Answer {
    send(router, request(Method::GET, "/v1/overview", token, None)).await
}

pub(crate) fn assert_too_many(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.problem()), (429, "too-many-requests"));
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_caller_has_so_many_calls_whatever_they_ask_and_others_have_theirs() {
    let (world, router) = world_and_router().await;
    assert_eq!(overview(&router, Some(VERA)).await.status, StatusCode::OK);
    let above_her_role = request(Method::POST, "/v1/revocations", Some(VERA), Some("{}".into()));
    assert_eq!(send(&router, above_her_role).await.status, StatusCode::FORBIDDEN);
    let before = world.log_length().await;
    for path in ["/v1/overview", "/v1/held", "/v1/kubeconfigs/c-nobody-knows/1"] {
        assert_too_many(&send(&router, request(Method::GET, path, Some(VERA), None)).await);
    }
    assert_eq!(world.log_length().await, before);
    assert_eq!(overview(&router, Some(OLGA)).await.status, StatusCode::OK);
    assert_eq!(overview(&router, None).await.status, StatusCode::UNAUTHORIZED, "a bucket of its own");
    let health = send(&router, request(Method::GET, "/healthz", None, None)).await;
    assert_eq!(health.status, StatusCode::OK);
}

/// A second token of a name, or its session, gives it no more calls.
#[tokio::test]
async fn pages_and_programs_draw_from_the_same_bucket() {
    let (_world, router) = world_and_router().await;
    let mut browser = Browser::new(&router);
    browser.post("/sign-in", &[("token", VERA)]).await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(overview(&router, Some(VERA)).await.status, StatusCode::OK);
    assert_too_many(&overview(&router, Some(VERA)).await);
    let page = browser.get("/").await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.heading(), "That was one call too many");
    assert!(!page.header("retry-after").is_empty());
}

#[tokio::test]
async fn strangers_share_one_bucket_and_hold_up_nobody() {
    let (_world, router) = world_and_router().await;
    assert_eq!(overview(&router, None).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(overview(&router, Some("a-guess")).await.status, StatusCode::UNAUTHORIZED);
    for token in [None, Some("another-guess"), Some("a-guess")] {
        assert_too_many(&overview(&router, token).await);
    }
    let events = request(Method::POST, "/v1/events", Some("a-guess"), Some("[]".into()));
    assert_too_many(&send(&router, events).await);
    assert_eq!(overview(&router, Some(VERA)).await.status, StatusCode::OK);
    assert_eq!(overview(&router, Some(ANNA)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn wrong_sign_ins_count_as_strangers_and_a_good_one_does_not_wait() {
    let (_world, router) = world_and_router().await;
    let mut browser = Browser::new(&router);
    for _ in 0..2 {
        let page = browser.post("/sign-in", &[("token", "a-guess")]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
    }
    let page = browser.post("/sign-in", &[("token", "a-guess")]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!page.header("retry-after").is_empty());
    assert_too_many(&overview(&router, None).await);
    assert_eq!(browser.get("/").await.heading(), "Sign in", "who is not signed in still gets the form");
    assert_eq!(browser.post("/sign-in", &[("token", VERA)]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn bad_signatures_of_chats_count_as_strangers_and_good_ones_do_not_wait() {
    let (world, chats) = crate::chat_systems::world().await;
    let router = strict(&world, Config::default());
    let command = |secret, trigger| {
        slack_request("commands", &slack_form(&chats, "olga", "help", trigger), secret, seconds())
    };
    for _ in 0..2 {
        let refused = send(&router, command("not-the-secret", "t1")).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    }
    assert_too_many(&send(&router, command("not-the-secret", "t1")).await);
    assert_eq!(send(&router, command(SLACK_SECRET, "t2")).await.status, StatusCode::OK);
}
