//! Pages as of another instant, and what they show as a file.

use axum::http::StatusCode;
use rstest::rstest;

use crate::browser::Browser;
use crate::world::{ALICE, ANNA, BOB, PROD, VERA, World};

/// When the latest event was stored.
async fn latest(world: &World) -> String {
    let page = world.get("/v1/events?limit=1").await.body;
    page["events"][0]["recordedtime"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_page_shows_what_was_known_then_and_its_links_stay_there() {
    let world = World::seen().await;
    let before = latest(&world).await;
    world.revoke(ALICE, &[PROD]).await;
    let mut browser = Browser::of(&world, VERA).await;
    let pair = format!("/clusters/{PROD}/identities/{ALICE}");
    let now = browser.get(&pair).await;
    assert!(now.heading().ends_with("Deleted") && now.html.contains("As of now"), "{}", now.heading());
    let then = browser.get(&format!("{pair}?as_of={before}")).await;
    assert_eq!(then.status, StatusCode::OK, "{}", then.html);
    assert!(then.heading().ends_with("Effective"), "{}", then.heading());
    assert!(then.html.contains("what was known then") && then.html.contains(r#"href="?""#));
    assert!(!then.html.contains("RevocationConfirmed"), "what came later does not show");
    let instant = before.replace(':', "%3A");
    for path in [format!("/clusters/{PROD}"), format!("/identities/{ALICE}"), "/leftovers".to_owned()] {
        let link = format!(r#"href="{path}?as_of={instant}&amp;by=recorded""#);
        assert!(then.html.contains(&link), "{link} is missing in {}", then.html);
        let page = browser.get(&format!("{path}?as_of={before}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
    }
    let cluster = browser.get(&format!("/clusters/{PROD}?as_of={before}")).await.html;
    assert!(cluster.contains(&format!(r#"href="{pair}?as_of={instant}&amp;by=recorded""#)), "{cluster}");
    let lists = ["/", "/clusters", "/identities"].map(|path| format!("{path}?as_of=2020-01-01&by=occurred"));
    for (path, words) in
        lists.iter().zip(["Nothing yet", "No cluster is known yet", "No identity is known yet"])
    {
        assert!(browser.get(path).await.html.contains(words), "{path}");
    }
}

/// What is held on a page of the past may long be decided.
#[tokio::test]
async fn nothing_is_decided_in_the_past() {
    let world = World::seen().await;
    assert_eq!(world.revoke(BOB, &[PROD]).await.outcomes(), ["held"]);
    let pair = format!("/clusters/{PROD}/identities/{BOB}");
    let mut browser = Browser::of(&world, ANNA).await;
    assert!(browser.get(&pair).await.html.contains("/approval"));
    let then = browser.get(&format!("{pair}?as_of={}", latest(&world).await)).await.html;
    assert!(then.contains("Revocation under way") && !then.contains("/approval"));
}

#[rstest]
#[case::no_instant("/clusters?as_of=yesterday")]
#[case::which_time_of_nothing("/clusters?by=occurred")]
#[case::the_queue_is_about_now("/held?as_of=7d")]
#[tokio::test]
async fn an_instant_that_is_none_is_told(#[case] path: &str) {
    let world = World::new().await;
    let page = Browser::of(&world, VERA).await.get(path).await;
    let told = (page.status, page.heading());
    assert_eq!(told, (StatusCode::UNPROCESSABLE_ENTITY, "The address does not fit".to_owned()));
}

#[tokio::test]
async fn the_history_is_taken_as_a_file_as_programs_get_it() {
    let world = World::seen().await;
    let mut browser = Browser::of(&world, VERA).await;
    let query = format!("uid:{ALICE}+kind:kubeconfig");
    let page = browser.get(&format!("/history?q={query}")).await.html;
    for format in ["csv", "ndjson", "cloudevents", "ocsf"] {
        let path = format!("/history/export?q={}&format={format}", query.replace(':', "%3A"));
        assert!(page.contains(&format!(r#"href="{}""#, path.replace('&', "&amp;"))), "{path}: {page}");
        let file = browser.get(&path).await;
        assert_eq!(file.status, StatusCode::OK);
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"reaper-events."));
        assert!(file.html.contains(ALICE), "{}", file.html);
    }
    let taken = world.get("/v1/events?q=type:ExportTaken+actor:vera").await.body;
    assert_eq!(taken["events"].as_array().unwrap().len(), 4);
    let mut stranger = Browser::new(&world.router);
    let refused = stranger.get("/history/export?q=&format=csv").await;
    assert_eq!((refused.status, refused.heading().as_str()), (StatusCode::UNAUTHORIZED, "Sign in"));
}

/// An empty list of the time before the history must not look like a clean bill of health.
#[tokio::test]
async fn where_nothing_was_known_a_page_says_so() {
    let world = World::seen().await;
    let mut browser = Browser::of(&world, VERA).await;
    let silence = "othing was known at 2020-01-01T00:00:00Z: the history begins at 20";
    for path in ["/", "/leftovers"] {
        let page = browser.get(&format!("{path}?as_of=2020-01-01")).await.html;
        assert!(page.contains(silence) && !page.contains("Nothing is left"), "{path}: {page}");
    }
    let pair = browser.get(&format!("/clusters/{PROD}/identities/{ALICE}?as_of=2020-01-01")).await;
    assert_eq!(pair.status, StatusCode::NOT_FOUND);
    let knew =
        format!("at 2020-01-01T00:00:00Z the history knew nothing of kubeconfig {PROD}/{ALICE}; n{silence}");
    assert!(pair.html.contains(&knew), "{}", pair.html);
    let unswept = World::new().await;
    let page = Browser::of(&unswept, VERA).await.get("/leftovers").await.html;
    assert!(page.contains("Nothing is known yet") && !page.contains("Nothing is left"), "{page}");
}
