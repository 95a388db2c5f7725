//! Searching the history.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;

use crate::browser::Browser;
use crate::snapshot::assert_answer;
use crate::world::{ALICE, BATCH, BOB, CAROL, PROD, VERA, World};

async fn world_with_a_story() -> World {
    let world = World::seen().await;
    world.revoke(ALICE, &[PROD, BATCH]).await;
    world.revoke(BOB, &[PROD]).await;
    world
}

async fn types(world: &World, query: &str) -> Vec<String> {
    let answer = world.get(&format!("/v1/events?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    types_of(&answer.body)
}

fn types_of(body: &Value) -> Vec<String> {
    body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn the_story_of_a_kubeconfig_in_the_order_in_which_it_happened() {
    let world = world_with_a_story().await;
    let answer =
        world.get(&format!("/v1/events?cluster={PROD}&uid={ALICE}&kind=kubeconfig&order=oldest")).await;
    assert_eq!(
        types_of(&answer.body),
        [
            // At the first look, and with the permissions that only a request reads.
            "KubeconfigObserved",
            "KubeconfigObserved",
            "RevocationRequested",
            "AccessChecked",
            "PermissionsBackedUp",
            "RevocationSubmitted",
            "RevocationConfirmed"
        ]
    );
    assert_answer("story_of_a_kubeconfig", &answer);
}

#[tokio::test]
async fn newest_first_if_nothing_is_said() {
    let world = world_with_a_story().await;
    let mut newest = types(&world, &format!("uid={ALICE}")).await;
    newest.reverse();
    assert_eq!(newest, types(&world, &format!("uid={ALICE}&order=oldest")).await);
}

#[tokio::test]
async fn by_actor_type_kind_revocation_and_cause() {
    let world = world_with_a_story().await;
    let requested = world.get("/v1/events?actor=olga&type=RevocationRequested&order=oldest").await.body;
    assert_eq!(types_of(&requested), ["RevocationRequested"; 3]);
    let first = &requested["events"][0];
    assert_eq!((&first["actorchannel"], &first["actorprincipal"]), (&"http".into(), &"olga".into()));

    let revocation = first["data"]["revocation"].as_str().unwrap();
    let of_one = types(&world, &format!("revocation={revocation}")).await;
    assert_eq!(of_one.len(), 5, "{of_one:?}");
    let correlation = first["correlationid"].as_str().unwrap();
    let of_both = types(&world, &format!("correlation={correlation}")).await;
    assert_eq!(of_both.iter().filter(|name| *name == "RevocationRequested").count(), 2);

    let repeated = types(&world, "type=RevocationHeld&type=RevocationConfirmed").await;
    assert_eq!(repeated.len(), 3, "{repeated:?}");
    assert_eq!(repeated, types(&world, "type=RevocationHeld,RevocationConfirmed").await);
    assert_eq!(types(&world, "type=NeverHeardOf").await, Vec::<String>::new());
    assert!(types(&world, "kind=run").await.contains(&"SweepStarted".to_owned()));
    assert_eq!(types(&world, "actor=nobody").await, Vec::<String>::new());
}

#[tokio::test]
async fn by_time_of_storing() {
    let world = World::seen().await;
    let before = world.get("/v1/events?limit=1").await.body["events"][0]["recordedtime"].clone();
    world.revoke(CAROL, &[BATCH]).await;
    let since = before.as_str().unwrap();
    let later = types(&world, &format!("since={since}&uid={CAROL}&order=oldest")).await;
    assert!(later.contains(&"RevocationRequested".to_owned()), "{later:?}");
    let earlier = types(&world, &format!("until={since}&uid={CAROL}")).await;
    assert!(!earlier.iter().any(|name| name.starts_with("Revocation")), "{earlier:?}");
}

#[tokio::test]
async fn pages_join_to_the_whole() {
    let world = world_with_a_story().await;
    for order in ["newest", "oldest"] {
        let whole = world.get(&format!("/v1/events?order={order}&limit=1000")).await.body;
        assert_eq!(whole.get("next"), None);
        let (mut joined, mut query) = (vec![], format!("order={order}&limit=7"));
        loop {
            let page = world.get(&format!("/v1/events?{query}")).await.body;
            joined.extend(page["events"].as_array().unwrap().clone());
            let Some(next) = page["next"].as_str() else { break };
            query = format!("order={order}&limit=7&cursor={next}");
        }
        assert_eq!(&joined, whole["events"].as_array().unwrap());
    }
}

#[rstest]
#[case("limit=0", "limit")]
#[case("limit=1001", "limit")]
#[case("limit=-1", "limit")]
#[case("limit=ten", "limit")]
#[case("order=random", "order")]
#[case("kind=pod", "kind")]
#[case("since=yesterday", "since")]
#[case("until=2026-13-01T00:00:00Z", "until")]
#[case("uid=alice", "uid")]
#[case("cluster=a%2Fb", "cluster")]
#[case("revocation=1", "revocation")]
#[case("correlation=x", "correlation")]
#[case("type=", "type")]
#[case("type=Revocation%00", "type")]
#[case("type=A,,B", "type")]
#[case("actor=", "actor")]
#[case("actor=%0a", "actor")]
#[case("cursor=x", "cursor")]
#[case("order=newest&order=oldest", "order")]
#[case("tpye=RevocationHeld", "tpye")]
#[tokio::test]
async fn a_parameter_that_does_not_fit_is_named(#[case] query: &str, #[case] parameter: &str) {
    let world = World::new().await;
    let answer = world.get(&format!("/v1/events?{query}")).await;
    assert_eq!((answer.status, answer.problem()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-parameter"));
    assert_eq!(answer.body["parameter"], parameter);
    assert!(answer.body["expected"].as_str().is_some_and(|text| text.len() > 4), "{}", answer.body);
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let world = World::seen().await;
    let next = world.get("/v1/events?limit=1").await.body["next"].as_str().unwrap().to_owned();
    for other in ["order=oldest", "kind=run"] {
        let answer = world.get(&format!("/v1/events?limit=1&cursor={next}&{other}")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"cursor".into()), "{other}");
    }
}

#[tokio::test]
async fn more_types_than_a_question_may_name_are_refused() {
    let world = World::new().await;
    let many = vec!["Some"; 65].join(",");
    let answer = world.get(&format!("/v1/events?type={many}")).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"type".into()));
}

#[tokio::test]
async fn one_query_asks_for_all_of_it() {
    let world = world_with_a_story().await;
    let by_parameters = types(&world, &format!("uid={ALICE}&cluster={PROD}&type=RevocationConfirmed")).await;
    assert_eq!(by_parameters, ["RevocationConfirmed"]);
    for q in [
        "uid:alice cluster:prod type:RevocationConfirmed".to_owned(),
        format!("uid:{ALICE} cluster:{PROD} status:Deleted -kind:run"),
        "alice cluster:prod type:RevocationConfirmed channel:http since:1h".to_owned(),
    ] {
        assert_eq!(types(&world, &asked(&q)).await, by_parameters, "{q}");
    }
    // Both at once are one question.
    let both =
        types(&world, &format!("{}&cluster={PROD}&uid={ALICE}", asked("type:RevocationConfirmed"))).await;
    assert_eq!(both, by_parameters);
}

fn asked(q: &str) -> String {
    let mut query = String::from("q=");
    for byte in q.bytes() {
        query.push_str(&format!("%{byte:02x}"));
    }
    query
}

#[tokio::test]
async fn a_wrong_query_is_answered_with_the_column_and_what_was_expected() {
    let world = World::new().await;
    assert_answer("wrong_query", &world.get(&format!("/v1/events?{}", asked("uid:1 colour:red"))).await);
    let twice = world.get("/v1/events?q=a&q=b").await;
    assert_eq!((twice.status.as_u16(), &twice.body["expected"]), (422, &"given once".into()));
}

#[tokio::test]
async fn a_name_that_may_mean_several_is_answered_with_the_choices() {
    let world = World::seen().await;
    world.delete_user("alice");
    world
        .emulator
        .perform(cloud_emulator::Service::Ram, "CreateUser", &[("UserName", "alice")], crate::world::ROOT)
        .unwrap();
    world.look().await;
    let answer = world.get(&format!("/v1/events?{}", asked("uid:alice"))).await;
    assert_eq!((answer.status.as_u16(), &answer.body["parameter"]), (422, &"q".into()));
    assert_eq!(answer.body["choices"].as_array().map(Vec::len), Some(2), "{}", answer.body);
    let unknown = world.get(&format!("/v1/events/count?{}", asked("cluster:prd"))).await;
    assert_eq!(unknown.body["choices"].as_array().map(Vec::len), Some(3), "{}", unknown.body);
}

#[tokio::test]
async fn events_are_counted() {
    let world = world_with_a_story().await;
    for q in ["", "uid:alice", "type:RevocationConfirmed -cluster:prod"] {
        let listed = types(&world, &format!("{}&limit=1000", asked(q))).await.len();
        let counted = world.get(&format!("/v1/events/count?{}", asked(q))).await;
        assert_eq!((counted.status.as_u16(), &counted.body["count"]), (200, &listed.into()), "{q}");
        assert_eq!(counted.body.get("next"), None);
    }
    let refused = world.get("/v1/events/count?uid=1").await;
    assert_eq!((refused.status.as_u16(), &refused.body["expected"]), (422, &"one of q, cursor".into()));
}

#[tokio::test]
async fn a_type_is_known_in_any_case_and_one_that_is_not_known_is_told() {
    let world = World::seen().await;
    let found = world.get("/v1/events?q=type:sweepstarted&limit=1").await.body;
    assert_eq!(found["events"][0]["type"], "SweepStarted");
    assert!(found.get("unknown_types").is_none());
    let unknown = world.get("/v1/events?q=type:SweepBegun").await.body;
    assert_eq!(unknown["unknown_types"], serde_json::json!(["SweepBegun"]));
    let mut browser = Browser::of(&world, VERA).await;
    let told = browser.get("/history?q=type:SweepBegun").await.html;
    assert!(told.contains("does not know the type <code><bdi>SweepBegun</bdi></code>"), "{told}");
    assert!(!browser.get("/history?q=type:sweepstarted").await.html.contains("does not know"));
    assert!(browser.get("/help").await.html.contains("RevocationHeld"), "the help lists every type");
}
