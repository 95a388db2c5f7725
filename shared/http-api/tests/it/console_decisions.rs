//! Approving and rejecting from the pages: the same use case and the same rules as over HTTP.

use axum::http::{Method, StatusCode};
use rstest::rstest;

use crate::browser::Browser;
use crate::world::{ANNA, ARNO, BOB, OLGA, PROD, VERA, World};

/// Bob's kubeconfig was used three hours ago, so that asking for its end is held. Answers the id.
async fn held(world: &World, token: &str) -> String {
    let body = serde_json::json!({ "uid": BOB, "clusters": [PROD] });
    let answer = world.post("/v1/revocations", token, &body).await;
    answer.body["outcomes"][0]["revocation"].as_str().unwrap().to_owned()
}

fn pair() -> String {
    format!("/clusters/{PROD}/identities/{BOB}")
}

#[tokio::test]
async fn an_approver_lets_it_go_on_and_sees_what_became_of_it() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, ANNA).await;
    assert!(browser.get("/held").await.html.contains(&format!(r#"action="/held/{id}/approval""#)));
    let approval = format!("/held/{id}/approval");
    let fields = [("hold", "1"), ("note", "asked the team, <nobody> uses it")];
    let answer = browser.submit("/held", &approval, &fields).await;
    let place = format!("{}?decided=confirmed", pair());
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, place.as_str()));
    let page = browser.get(&place).await.html;
    assert!(page.contains("The access is gone") && page.contains("badge Deleted"));
    assert_eq!(world.emulator.cleans(PROD, BOB).effective, 1);

    let event = &world.get("/v1/events?type=RevocationApproved").await.body["events"][0];
    assert_eq!(
        (event["actorprincipal"].as_str(), event["actorchannel"].as_str()),
        (Some("anna"), Some("http"))
    );
    assert_eq!(event["data"]["note"], "asked the team, <nobody> uses it");
    assert!(browser.get("/held").await.html.contains("Nothing waits for a person"));
}

#[tokio::test]
async fn an_approver_stops_it_and_the_access_stays() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, ANNA).await;
    let answer =
        browser.submit(&pair(), &format!("/held/{id}/rejection"), &[("hold", "1"), ("note", "")]).await;
    assert_eq!(answer.header("location"), format!("{}?decided=rejected", pair()));
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
    let again = browser.submit("/held", &format!("/held/{id}/approval"), &[("hold", "1")]).await;
    assert_eq!(
        (again.status.as_u16(), again.heading().as_str()),
        (409, "The revocation does not wait for a person")
    );
}

/// The second-person rule counts people, not doors: the same name over HTTP and on a page is one person.
#[tokio::test]
async fn who_asked_may_not_approve_on_a_page_either() {
    let world = World::seen().await;
    let id = held(&world, ANNA).await;
    let path = format!("/held/{id}/approval");
    let own = Browser::of(&world, ANNA).await.submit("/held", &path, &[("hold", "1")]).await;
    assert_eq!(
        (own.status.as_u16(), own.heading().as_str()),
        (409, "Who asked for a revocation may not approve it")
    );
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
    let other = Browser::of(&world, ARNO).await.submit("/held", &path, &[("hold", "1")]).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER);
}

#[rstest]
#[case(VERA)]
#[case(OLGA)]
#[tokio::test]
async fn a_lower_role_sees_no_form_and_its_form_has_no_effect(#[case] token: &str) {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, token).await;
    let page = browser.get("/held").await.html;
    assert!(!page.contains("/approval") && page.contains("Deciding takes the role approver"));
    for decision in ["approval", "rejection"] {
        let answer = browser.submit("/held", &format!("/held/{id}/{decision}"), &[("hold", "1")]).await;
        assert_eq!(
            (answer.status.as_u16(), answer.heading().as_str()),
            (403, "Your role does not reach so far")
        );
    }
    assert_eq!(world.get("/v1/overview").await.body["held"], 1);
}

/// Another site can make a browser send a form with its cookies. It knows no form token, and the browser names its origin.
#[tokio::test]
async fn a_forged_form_has_no_effect() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, ANNA).await;
    let path = format!("/held/{id}/approval");
    let mine = browser.get("/held").await.form_token();
    let of_another = Browser::of(&world, ARNO).await.get("/held").await.form_token();
    for token in ["", "AAAA", &of_another, &mine[1..]] {
        let answer = browser.post(&path, &[("hold", "1"), ("form_token", token)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{token}");
    }
    assert_eq!(browser.post(&path, &[("hold", "1")]).await.status, StatusCode::FORBIDDEN);
    let twice = browser.post(&path, &[("form_token", &mine), ("form_token", &mine), ("hold", "1")]).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    browser.origin = Some("https://evil.example".into());
    let answer = browser.post(&path, &[("hold", "1"), ("form_token", &mine)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let link = browser.get(&path).await;
    assert_eq!(link.status, StatusCode::METHOD_NOT_ALLOWED, "following a link decides nothing");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
    assert_eq!(world.get("/v1/overview").await.body["held"], 1);
}

#[tokio::test]
async fn a_page_that_was_open_for_long_answers_no_later_hold() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, ANNA).await;
    let answer = browser.submit("/held", &format!("/held/{id}/approval"), &[("hold", "0")]).await;
    assert_eq!(answer.header("location"), format!("{}?decided=held", pair()));
    assert!(browser.get(&format!("{}?decided=held", pair())).await.html.contains("Nothing was decided"));
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
}

#[rstest]
#[case::no_hold(&[("note", "x")])]
#[case::no_number(&[("hold", "one")])]
#[case::too_long(&[("hold", "1"), ("note", Box::leak("x".repeat(1001).into_boxed_str()))])]
#[case::unknown(&[("hold", "1"), ("force", "yes")])]
#[tokio::test]
async fn a_form_that_does_not_fit_has_no_effect(#[case] fields: &[(&str, &str)]) {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let answer =
        Browser::of(&world, ANNA).await.submit("/held", &format!("/held/{id}/approval"), fields).await;
    assert_eq!((answer.status.as_u16(), answer.heading().as_str()), (422, "The form does not fit"));
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
}

#[tokio::test]
async fn a_form_is_bounded_and_declared() {
    let world = World::seen().await;
    let id = held(&world, OLGA).await;
    let mut browser = Browser::of(&world, ANNA).await;
    let path = format!("/held/{id}/approval");
    let huge = format!("hold=1&note={}", "x".repeat(70_000));
    assert_eq!(browser.send(Method::POST, &path, Some(huge)).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}
