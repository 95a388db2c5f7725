//! Searching the history.

use axum::http::StatusCode;
use rstest::rstest;
use serde_json::Value;

use crate::snapshot::assert_answer;
use crate::world::{ALICE, BATCH, BOB, CAROL, PROD, World};

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
