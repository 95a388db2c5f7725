//! People of a chat and their bounds; and one person behind several doors.

use rstest::rstest;
use serde_json::{Value, json};

use crate::chat_systems::{Chats, config, slack_buttons, world};
use crate::world::{ALICE, ANNA, ARNO, BATCH, BOB, DEV, OLGA, PROD, World};

/// A role that was deleted, and has nothing in prod.
const LEGACY_CI: &str = "300000000000000203";

/// olga and anna are bounded to prod; vera to bob.
async fn bounded() -> (World, Chats) {
    let chats = Chats::start().await;
    let mut config = config(&chats);
    for scope in [format!("olga:cluster:{PROD}"), format!("anna:cluster:{PROD}"), format!("vera:uid:{BOB}")] {
        config.access.scopes.push(scope.parse().unwrap());
    }
    let world = World::with_config(config).await;
    world.look().await;
    (world, chats)
}

async fn ask(world: &World, chats: &mut Chats, who: &str, words: &str) -> String {
    world.ask(chats, who, words).await.to_string()
}

#[rstest]
#[case::a_cluster("olga", &format!("status alice {DEV}"), "status alice c-nobody-knows", DEV, "c-nobody-knows")]
#[case::a_cluster_by_its_name("olga", "revoke alice dev", "revoke alice nowhere", "dev", "nowhere")]
#[case::a_name("olga", "status legacy-ci", "status no-such-body", "legacy-ci", "no-such-body")]
#[case::a_number("olga", &format!("status {LEGACY_CI}"), "status 299999999999999999", LEGACY_CI, "299999999999999999")]
#[case::another_name("vera", "status alice", "status nobody", "alice", "nobody")]
#[case::the_history_of_a_name("vera", "history alice", "history nobody", "alice", "nobody")]
#[case::the_history_of_a_number("vera", &format!("history {ALICE}"), "history 299999999999999999", ALICE, "299999999999999999")]
#[tokio::test]
async fn what_lies_out_of_the_scope_is_answered_like_what_does_not_exist(
    #[case] who: &str,
    #[case] outside: &str,
    #[case] nowhere: &str,
    #[case] there: &str,
    #[case] not_there: &str,
) {
    let (world, mut chats) = bounded().await;
    let outside = ask(&world, &mut chats, who, outside).await.replace(there, "…");
    let nowhere = ask(&world, &mut chats, who, nowhere).await.replace(not_there, "…");
    assert_eq!(outside, nowhere);
}

#[tokio::test]
async fn answers_have_only_what_lies_within() {
    let (world, mut chats) = bounded().await;
    // olga's bounds are those of her token, too.
    assert_eq!(world.revoke(LEGACY_CI, &[DEV]).await.problem(), "out-of-scope");
    world.post("/v1/revocations", ARNO, &json!({ "uid": LEGACY_CI, "clusters": [DEV] })).await;
    world.revoke(BOB, &[PROD]).await;
    for words in ["status alice", "held", "history", "history alice", &format!("history cluster:{PROD}")] {
        let shown = ask(&world, &mut chats, "olga", words).await;
        for id in [DEV, BATCH, LEGACY_CI, "SweepCompleted"] {
            assert!(!shown.contains(id), "{words}: {shown}");
        }
        assert!(shown.contains(PROD), "{words}: {shown}");
    }
    assert!(ask(&world, &mut chats, "arno", "held").await.contains(DEV), "who has no bounds sees it");
}

#[tokio::test]
async fn all_clusters_are_all_within_the_scope() {
    let (world, mut chats) = bounded().await;
    let preview = world.ask(&mut chats, "olga", "revoke alice all").await;
    assert!(!preview.to_string().contains(DEV), "{preview}");
    let (_, confirm) = slack_buttons(&preview).into_iter().find(|(label, _)| label == "Revoke (1)").unwrap();
    world.press(&mut chats, "olga", &confirm).await;
    let cleans = [PROD, BATCH, DEV].map(|cluster| world.emulator.cleans(cluster, ALICE).received);
    assert_eq!(cleans, [1, 0, 0]);
}

#[tokio::test]
async fn what_is_held_out_of_the_scope_cannot_be_decided_on() {
    let (world, mut chats) = bounded().await;
    let held =
        world.post("/v1/revocations", ARNO, &json!({ "uid": LEGACY_CI, "clusters": [DEV] })).await.body;
    let id = held["outcomes"][0]["revocation"].as_str().unwrap();
    let nobody = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11";
    let length = world.log_length().await;
    for word in ["approve", "reject"] {
        let outside = ask(&world, &mut chats, "anna", &format!("{word} {id}")).await.replace(id, "…");
        let nowhere = ask(&world, &mut chats, "anna", &format!("{word} {nobody}")).await.replace(nobody, "…");
        assert_eq!(outside, nowhere);
    }
    world.answered(4).await;
    assert_eq!(world.log_length().await, length + 8, "four commands and their answers, and no decision");
    assert!(
        ask(&world, &mut chats, "arno", &format!("reject {id}")).await.contains("rejected"),
        "it is there"
    );
}

/// The names of tokens and people are one: who asked at one door may not approve at another.
#[tokio::test]
async fn nobody_approves_at_another_door_what_they_asked_for() {
    let (world, mut chats) = world().await;
    let over_http = world.post("/v1/revocations", ANNA, &json!({ "uid": BOB, "clusters": [PROD] })).await;
    assert_eq!(over_http.outcomes(), ["held"], "used within the week: force needs a second person");
    let id = over_http.body["outcomes"][0]["revocation"].as_str().unwrap().to_owned();
    let own = ask(&world, &mut chats, "anna", &format!("approve {id}")).await;
    assert!(own.contains("another person has to approve it"), "{own}");
    assert!(ask(&world, &mut chats, "arno", &format!("approve {id}")).await.contains("confirmed"));

    // dev has no audit log, so that nobody knows whether it is used.
    let preview = world.ask(&mut chats, "anna", &format!("revoke alice {DEV}")).await;
    let (_, request) =
        slack_buttons(&preview).into_iter().find(|(label, _)| label.contains("approval")).unwrap();
    world.press(&mut chats, "anna", &request).await;
    let held = world.get("/v1/held").await.body;
    let open = &held["revocations"][0]["open_revocation"];
    assert_eq!(open["requested_by"], "anna via slack-bot (slack)", "bot and person are both kept");
    let path = format!("/v1/revocations/{}/approval", open["id"].as_str().unwrap());
    let own = world.post(&path, ANNA, &json!({})).await;
    assert_eq!((own.problem(), &own.body["rule"]), ("self-approval", &Value::from("secondPerson")));
    assert_eq!(world.emulator.cleans(DEV, ALICE).received, 0);
    assert_eq!(world.post(&path, OLGA, &json!({})).await.problem(), "forbidden");
    assert_eq!(world.post(&path, ARNO, &json!({})).await.body["outcome"], "confirmed");
}
