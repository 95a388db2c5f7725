//! The console pages as a browser gets them.

use axum::http::{Method, StatusCode};
use revocation::Config;
use rstest::rstest;
use serde_json::{Value, json};

use crate::browser::{Browser, Shown};
use crate::world::{ALICE, ANNA, BATCH, BOB, CAROL, DAVE, DEV, OLGA, PROD, VERA, World};

/// Every page, with a world in which each has something to show.
fn pages() -> Vec<(&'static str, String)> {
    vec![
        ("overview", "/".to_owned()),
        ("clusters", "/clusters".to_owned()),
        ("cluster", format!("/clusters/{DEV}")),
        ("identities", "/identities".to_owned()),
        ("identity", format!("/identities/{ALICE}")),
        ("leftovers", "/leftovers".to_owned()),
        ("held", "/held".to_owned()),
        ("pair", format!("/clusters/{PROD}/identities/{BOB}")),
        ("history", format!("/history?q=uid:{BOB}&order=oldest&limit=4")),
        ("help", "/help".to_owned()),
        ("sign_in", "/sign-in".to_owned()),
    ]
}

/// One reading after the other, so that the order of events is the same each time.
async fn world_with_something_held() -> World {
    let mut config = Config::default();
    config.sweep.concurrency = 1;
    let world = World::with_config(config).await;
    world.look().await;
    assert_eq!(world.revoke(BOB, &[PROD]).await.outcomes(), ["held"]);
    world
}

#[track_caller]
fn assert_page(name: &str, page: &Shown) {
    insta::with_settings!({
        filters => vec![
            (r#"name="form_token" value="[^"]*""#, r#"name="form_token" value="[form token]""#),
            (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
            (r"(style|script|icon)-[0-9a-f]{16}", "$1-[hash]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "[time]"),
            (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?( UTC)?", "[time]"),
            (r"\d{4}-\d\d-\d\d", "[day]"),
            (r"\d\d:\d\d:\d\d", "[clock]"),
            (r"(just now|\d+ (s|min|h|days|years) ago)", "[age]"),
            (r"cursor=[^&\x22]*", "cursor=[cursor]"),
            // Where things stand in it depends on milliseconds; tests of its own hold it.
            (r#"(?s)<svg viewBox="0 0 980.*?</svg>"#, "[timeline]"),
            // One element a line, so that a difference can be read.
            ("><", ">\n<"),
        ],
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(format!("page_{name}"), page.html);
    });
}

#[tokio::test]
async fn every_page_whole() {
    let world = world_with_something_held().await;
    let mut browser = Browser::of(&world, ANNA).await;
    for (name, path) in pages() {
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.html);
        assert_page(name, &page);
    }
}

#[tokio::test]
async fn before_anything_is_known_each_page_says_so() {
    let world = World::new().await;
    let mut browser = Browser::of(&world, VERA).await;
    for (path, words) in [
        ("/", "Nothing yet"),
        ("/clusters", "No cluster is known yet"),
        ("/identities", "No identity is known yet"),
        ("/leftovers", "Nothing is known yet: the first sweep begins the history."),
        ("/held", "Nothing waits for a person"),
        ("/history", "No event fits"),
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.html.contains(words), "{path}: {}", page.html);
    }
}

/// Neither scripts nor styles in the page itself, so that the policy can forbid them.
#[tokio::test]
async fn a_page_loads_from_us_alone_and_is_neither_stored_nor_framed() {
    let world = world_with_something_held().await;
    let mut browser = Browser::of(&world, ANNA).await;
    for (_, path) in pages() {
        let page = browser.get(&path).await;
        let policy = page.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert_eq!(page.header("x-frame-options"), "DENY");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "same-origin");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        for inline in [" style=", "<style", "onclick", "onload", "javascript:", "http://", "https://"] {
            assert!(!page.html.contains(inline), "{path} has {inline}");
        }
        assert_eq!(page.html.matches("<script").count(), 1, "{path}");
    }
}

#[tokio::test]
async fn assets_are_for_everybody_and_for_ever() {
    let world = World::new().await;
    let mut browser = Browser::new(&world.router);
    let page = browser.get("/sign-in").await.html;
    for (stem, kind) in [("style", "text/css"), ("script", "text/javascript"), ("icon", "image/svg+xml")] {
        let (_, rest) = page.split_once(&format!("/assets/{stem}-")).unwrap();
        let path = format!("/assets/{stem}-{}", rest.split('"').next().unwrap());
        let asset = browser.get(&path).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert!(asset.header("content-type").starts_with(kind));
        assert_eq!(asset.header("cache-control"), "public, max-age=31536000, immutable");
    }
    assert_eq!(browser.get("/assets/style-0000000000000000.css").await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get("/assets/..%2f..%2fetc%2fpasswd").await.status, StatusCode::NOT_FOUND);
}

#[rstest]
#[case::unknown_path("/nowhere", 404, "No such page")]
#[case::unknown_cluster("/clusters/c-nobody-knows", 404, "Nothing is known of it")]
#[case::unknown_identity("/identities/299999999999999999", 404, "Nothing is known of it")]
#[case::not_an_id("/identities/alice", 422, "The address does not fit")]
#[case::unknown_parameter("/held?uid=1", 422, "The address does not fit")]
#[case::misspelt_parameter("/history?cluster=c1", 422, "The address does not fit")]
#[case::outcome_of_somebody(
    "/clusters/c0a1b2c3d4e5f60718293a4b5c6d7e8f9/identities/200000000000000102?decided=you+won",
    422,
    "The address does not fit"
)]
#[tokio::test]
async fn a_problem_is_a_page_for_a_browser(#[case] path: &str, #[case] status: u16, #[case] heading: &str) {
    let world = World::seen().await;
    let page = Browser::of(&world, VERA).await.get(path).await;
    assert_eq!((page.status.as_u16(), page.heading().as_str()), (status, heading));
    assert!(page.html.contains(page.header("x-request-id")), "it says what to quote");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn what_programs_call_is_a_problem_for_programs_also_in_a_browser() {
    let world = World::new().await;
    let answer = Browser::new(&world.router).get("/v1/overview").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_method_is_a_page_that_names_the_right_one() {
    let world = World::new().await;
    let page = Browser::of(&world, VERA).await.send(Method::DELETE, "/held", None).await;
    assert_eq!((page.status, page.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
    assert!(page.html.contains("<!DOCTYPE html>"));
}

/// User information and kubeconfig information, in the columns that the cloud's own panels have.
#[tokio::test]
async fn the_three_panels_have_the_columns_that_users_know() {
    let world = World::seen().await;
    let mut browser = Browser::of(&world, VERA).await;
    let user = ["User name", "User ID", "Account type", "Account status"];
    let kubeconfig = ["Expires", "Status", "Access in 7 days"];
    for (path, groups) in [
        (format!("/clusters/{PROD}"), [&user[..], &kubeconfig[..]].concat()),
        (format!("/identities/{ALICE}"), [&["Cluster name", "Cluster ID"][..], &kubeconfig[..]].concat()),
        ("/leftovers".to_owned(), [&user[..], &["Cluster name"][..], &kubeconfig[..]].concat()),
    ] {
        let html = browser.get(&path).await.html;
        for column in groups {
            assert!(html.contains(&format!(r#"<th scope="col">{column}</th>"#)), "{path}: {column}");
        }
    }
    let leftovers = browser.get("/leftovers").await.html;
    assert!(leftovers.contains(DAVE) && !leftovers.contains(ALICE));
}

#[tokio::test]
async fn the_page_of_an_access_says_why_it_stands_as_it_does() {
    let world = World::seen().await;
    world.revoke(CAROL, &[BATCH]).await;
    let pair = world.get(&format!("/v1/kubeconfigs/{BATCH}/{CAROL}")).await.body;
    let html =
        Browser::of(&world, VERA).await.get(&format!("/clusters/{BATCH}/identities/{CAROL}")).await.html;
    for id in pair["decided_by"].as_array().unwrap() {
        let id = id.as_str().unwrap();
        assert!(html.contains(&format!(r##"href="#event-{id}""##)), "the reason leads to its event");
        assert!(html.contains(&format!(r#"id="event-{id}""#)));
    }
    for told in
        ["Deleted from", "RevocationSubmitted", "RevocationConfirmed", "Not used in the seven days before"]
    {
        assert!(html.contains(told), "{told}");
    }
}

#[tokio::test]
async fn the_filter_of_the_history_stands_in_the_address_and_leads_on() {
    let world = World::seen().await;
    let mut browser = Browser::of(&world, VERA).await;
    let asked = format!("uid:{ALICE}+kind:kubeconfig+-type:RevocationHeld");
    let mut path = format!("/history?q={asked}&order=oldest&limit=2&cursor=");
    let mut found = vec![];
    for _ in 0..10 {
        let html = browser.get(&path).await.html;
        found.extend(html.split(r#"<tr id="event-"#).skip(1).map(|row| row[..36].to_owned()));
        let kept = format!(r#"value="uid:{ALICE} kind:kubeconfig -type:RevocationHeld""#);
        assert!(html.contains(&kept), "the form keeps what was asked");
        let Some((before, _)) = html.split_once(r#"" rel="next""#) else { break };
        path = before.rsplit_once('"').unwrap().1.replace("&amp;", "&");
        assert!(path.contains("order=oldest") && path.contains("limit=2") && path.contains("cursor="));
    }
    let all = world.get(&format!("/v1/events?q={asked}&order=oldest")).await.body;
    let all: Vec<&str> =
        all["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert_eq!(found, all, "the pages together are what the interface for programs says");
}

/// The query stays in the form, beside what is wrong with it.
#[rstest]
#[case::unknown_key("cluser:prod", "column 1: ")]
#[case::open_quote("kind:run \"left", "column 10: ")]
#[case::unknown_name("uid:nobody", "nobody")]
#[tokio::test]
async fn a_query_that_cannot_be_read_says_where(#[case] query: &str, #[case] told: &str) {
    let world = World::seen().await;
    let query: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let page = Browser::of(&world, VERA).await.get(&format!("/history?q={query}")).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "History"));
    let alert = page.html.split_once(r#"role="alert""#).unwrap().1.split("</p>").next().unwrap().to_owned();
    assert!(alert.contains(told), "{alert}");
    assert!(page.html.contains(r#"aria-invalid="true""#));
}

/// What the numbers on the first page count is what their lists show.
#[tokio::test]
async fn the_first_page_counts_what_the_others_list() {
    let world = world_with_something_held().await;
    let overview = world.get("/v1/overview").await.body;
    let html = Browser::of(&world, OLGA).await.get("/").await.html;
    let tile = |label: &str| {
        let (_, rest) =
            html.split_once(&format!(r#"<span class="label">{label}</span><span class="value">"#)).unwrap();
        json!(rest.split('<').next().unwrap().parse::<u64>().unwrap())
    };
    assert_eq!(tile("Held for a person"), overview["held"]);
    assert_eq!(tile("Leftovers of deleted identities"), overview["leftovers"]);
    assert_eq!(tile("Expire within 30 days"), Value::from(0));
    assert!(html.contains(">never<"), "nothing was sealed yet");
}

#[tokio::test]
async fn a_sweep_that_could_not_read_parts_is_told_as_one() {
    let world = World::new().await;
    world.emulator.tune(|knobs| {
        let faults = cloud_emulator::Faults { error_rate: 1.0, ..Default::default() };
        knobs.operations.insert("ListClusterKubeconfigStates".into(), faults);
    });
    world.look().await;
    let overview = world.get("/v1/overview").await.body;
    assert_eq!((&overview["swept_everything"], &overview["swept_unread"]), (&json!(false), &json!(3)));
    let html = Browser::of(&world, VERA).await.get("/").await.html;
    assert!(html.contains("<small> could not read 3 parts</small>"), "{html}");
}

/// What ties a row to `reaper prove`, and to what is stored.
#[tokio::test]
async fn a_row_of_the_history_has_the_event_s_id_and_its_data_as_text() {
    let world = World::seen().await;
    let reason = "<script>alert(1)</script>";
    let body = json!({ "uid": ALICE, "clusters": [DEV], "reason": reason });
    world.post("/v1/revocations", OLGA, &body).await;
    let found = world.get("/v1/events?q=type:RevocationRequested").await.body;
    let id = found["events"][0]["id"].as_str().unwrap();
    let mut browser = Browser::of(&world, VERA).await;
    for path in
        ["/history?q=type:RevocationRequested".to_owned(), format!("/clusters/{DEV}/identities/{ALICE}")]
    {
        let html = browser.get(&path).await.html;
        assert!(html.contains(&format!(r#"<span class="id">{id}</span>"#)), "{path}: {html}");
        let data = "&quot;reason&quot;: &quot;&lt;script&gt;alert(1)&lt;/script&gt;&quot;";
        assert!(html.contains(data) && !html.contains(reason), "{path}: {html}");
    }
}
