//! How often somebody may call. Every bucket holds two calls here, and gets another one only after half a minute.

use axum::Router;
use axum::http::{Method, StatusCode};
use history::Archive;
use http_api::Callers;
use revocation::Config;

use crate::browser::Browser;
use crate::chat_systems::{
    self, Chats, DINGTALK_SECRET, SLACK_SECRET, dingtalk_body, dingtalk_request, seconds, slack_form,
    slack_press, slack_request,
};
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

/// Two commands of olga are taken; what follows is told her once in each way that a chat can tell.
#[tokio::test]
async fn a_person_of_a_chat_has_so_many_commands_in_all_chats_together() {
    let mut chats = Chats::start().await;
    let mut config = chat_systems::config(&chats);
    config.chat.commands_per_minute = 2;
    let world = World::with_config(config).await;
    world.look().await;
    world.ask(&mut chats, "olga", "help").await;
    let body = dingtalk_body(&chats, "olga", "held", "m1");
    world.send(dingtalk_request(&body, DINGTALK_SECRET, seconds() * 1000)).await;
    chats.next().await;
    world.answered(2).await;
    let length = world.log_length().await;

    let refused = world.slash(&chats, "olga", "revoke alice all").await;
    let told = refused.body["text"].as_str().unwrap();
    assert!(told.contains("one too many") && told.contains("2 commands a minute"), "{told}");
    assert!(chats.is_silent(), "the acknowledgement has said it");
    let body = dingtalk_body(&chats, "olga", "held", "m2");
    let taken = world.send(dingtalk_request(&body, DINGTALK_SECRET, seconds() * 1000 + 1)).await;
    assert_eq!(taken.status, StatusCode::OK);
    assert!(chats.is_silent(), "she has been told within the minute");
    assert_eq!(world.log_length().await, length, "nothing was stored");

    assert!(world.ask(&mut chats, "anna", "help").await.to_string().contains("anna"), "others have theirs");
}

#[tokio::test]
async fn who_presses_too_many_buttons_is_told_once_where_no_acknowledgement_is_shown() {
    let mut chats = Chats::start().await;
    let mut config = chat_systems::config(&chats);
    config.chat.commands_per_minute = 1;
    let world = World::with_config(config).await;
    world.ask(&mut chats, "olga", "help").await;
    world.answered(1).await;
    let length = world.log_length().await;
    for at in ["1.5", "2.5", "3.5"] {
        let form = slack_press(&chats, "olga", "a-button", at);
        let taken = world.send(slack_request("actions", &form, SLACK_SECRET, seconds())).await;
        assert_eq!(taken.status, StatusCode::OK);
    }
    let (path, told) = chats.next().await;
    assert_eq!(path, "/actions/1.5");
    assert!(told.to_string().contains("one too many"), "{told}");
    assert!(chats.is_silent(), "once a minute");
    assert_eq!(world.log_length().await, length);
}
