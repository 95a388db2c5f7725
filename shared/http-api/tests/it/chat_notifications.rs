//! Buttons of notifications: what is held is decided on where it is told, by those who may, and once.

use chat::Secret;
use revocation::TimeBudget;
use revocation::config::MoreTarget;
use serde_json::{Value, json};

use crate::chat_systems::{
    self, Chats, DINGTALK_SECRET, dingtalk_body, dingtalk_request, seconds, slack_buttons,
};
use crate::world::{BOB, DEV, PROD, World};

/// Slack's channel and a DingTalk robot are told of what is held; the console has an address.
async fn world() -> (World, Chats) {
    let chats = Chats::start().await;
    let mut config = chat_systems::config(&chats);
    let url = |path: &str| Secret::try_from(format!("{}{path}", chats.origin)).unwrap();
    config.notify.private_hosts = vec![chats.origin.clone()];
    config.notify.expiring_days = 0;
    config.notify.slack.url = Some(url("/services/T1"));
    let line = format!("robot dingtalk {}/robot/send kinds=held", chats.origin);
    config.notify.targets = vec![line.parse::<MoreTarget>().unwrap()];
    config.console.origin = Some("https://reaper.example.com".into());
    let world = World::with_config(config).await;
    // From here on everything is told.
    world.reaper.notify(TimeBudget::UNLIMITED).await.unwrap();
    world.look().await;
    (world, chats)
}

/// What each target was told, by its path.
async fn told(world: &World, chats: &mut Chats, messages: u32) -> Vec<(String, Value)> {
    let told = world.reaper.notify(TimeBudget::UNLIMITED).await.unwrap();
    assert_eq!((told.delivered, told.failed), (messages, 0));
    let mut all = vec![];
    for _ in 0..messages {
        all.push(chats.next().await);
    }
    all
}

fn to<'a>(told: &'a [(String, Value)], path: &str) -> &'a Value {
    &told.iter().find(|(to, _)| to == path).unwrap_or_else(|| panic!("nothing to {path}")).1
}

/// The buttons that come back, and the addresses of the others.
fn buttons(message: &Value) -> (Vec<(String, String)>, Vec<String>) {
    let mut message = message.clone();
    let mut links = vec![];
    for block in message["blocks"].as_array_mut().unwrap() {
        let Some(elements) = block["elements"].as_array_mut() else { continue };
        links.extend(elements.iter().filter_map(|element| element["url"].as_str().map(str::to_owned)));
        elements.retain(|element| element["url"].is_null());
    }
    (slack_buttons(&message), links)
}

async fn with_a_hold(world: &World, chats: &mut Chats) -> Vec<(String, Value)> {
    world.revoke(BOB, &[PROD]).await;
    told(world, chats, 2).await
}

#[tokio::test]
async fn what_is_held_is_approved_where_it_was_told_by_another_approver_and_once() {
    let (world, mut chats) = world().await;
    let held = with_a_hold(&world, &mut chats).await;
    let message = to(&held, "/services/T1");
    let (buttons, links) = buttons(message);
    let labels: Vec<&str> = buttons.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!((labels, links), (vec!["Approve", "Reject"], vec!["https://reaper.example.com/held".into()]));
    let (approve, reject) = (&buttons[0].1, &buttons[1].1);

    let viewer = world.press(&mut chats, "vera", approve).await.to_string();
    assert!(viewer.contains("takes the role approver"), "{viewer}");
    // olga has asked for it, with her token.
    let operator = world.press(&mut chats, "olga", approve).await.to_string();
    assert!(operator.contains("takes the role approver"), "{operator}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);

    let approved = world.press(&mut chats, "anna", approve).await.to_string();
    assert!(approved.contains("confirmed") && approved.contains("decided by anna"), "{approved}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);
    let again = world.press(&mut chats, "arno", approve).await.to_string();
    assert!(again.contains("confirmed"), "it is over: {again}");
    let late = world.press(&mut chats, "arno", reject).await.to_string();
    assert!(late.contains("does not wait for a person"), "{late}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1, "a button works once");
    let actor = world.get("/v1/events?type=RevocationApproved").await.body;
    let actors: Vec<_> =
        actor["events"].as_array().unwrap().iter().map(|e| e["actorhuman"].clone()).collect();
    assert_eq!(actors, ["anna"]);
}

#[tokio::test]
async fn nobody_approves_by_a_notification_what_they_asked_for() {
    let (world, mut chats) = world().await;
    world.post("/v1/revocations", crate::world::ANNA, &json!({ "uid": BOB, "clusters": [PROD] })).await;
    let held = told(&world, &mut chats, 2).await;
    let approve = buttons(to(&held, "/services/T1")).0[0].1.clone();
    let own = world.press(&mut chats, "anna", &approve).await.to_string();
    assert!(own.contains("another person has to approve it"), "{own}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 0);
}

#[tokio::test]
async fn the_buttons_of_dingtalk_are_links_that_say_the_same() {
    let (world, mut chats) = world().await;
    let held = with_a_hold(&world, &mut chats).await;
    let card = &to(&held, "/robot/send")["actionCard"];
    let links: Vec<&str> =
        card["btns"].as_array().unwrap().iter().map(|b| b["actionURL"].as_str().unwrap()).collect();
    let words = |link: &str| {
        link.strip_prefix("dtmd://dingtalkclient/sendMessage?content=press%20").map(str::to_owned)
    };
    assert_eq!(links[2], "https://reaper.example.com/held");
    let reject = words(links[1]).unwrap();
    let body = dingtalk_body(&chats, "arno", &format!("press {reject}"), "m1");
    world.send(dingtalk_request(&body, DINGTALK_SECRET, seconds() * 1000)).await;
    let answer = chats.next().await.1.to_string();
    assert!(answer.contains("rejected"), "{answer}");
    // A value that was signed for one system is none of another.
    let slack = world.press(&mut chats, "arno", &reject).await.to_string();
    assert!(slack.contains("not one of yours"), "{slack}");
}

#[tokio::test]
async fn what_was_decided_before_it_could_be_told_has_no_buttons() {
    let (world, mut chats) = world().await;
    let held = world.revoke(BOB, &[PROD]).await.body;
    let id = held["outcomes"][0]["revocation"].as_str().unwrap();
    world.post(&format!("/v1/revocations/{id}/rejection"), crate::world::ARNO, &json!({})).await;
    let message = told(&world, &mut chats, 2).await;
    assert_eq!(buttons(to(&message, "/services/T1")).0, []);
}

#[tokio::test]
async fn each_of_several_holds_in_one_message_has_its_own_buttons() {
    let chats = Chats::start().await;
    let mut config = chat_systems::config(&chats);
    config.notify.private_hosts = vec![chats.origin.clone()];
    config.notify.expiring_days = 0;
    config.notify.slack.url = Some(format!("{}/services/T1", chats.origin).try_into().unwrap());
    config.notify.digest_above = 1;
    let (world, mut chats) = (World::with_config(config).await, chats);
    world.reaper.notify(TimeBudget::UNLIMITED).await.unwrap();
    world.look().await;
    world.revoke(BOB, &[PROD]).await;
    world.revoke(crate::world::ALICE, &[DEV]).await;
    let message = told(&world, &mut chats, 1).await;
    let buttons = slack_buttons(to(&message, "/services/T1"));
    assert_eq!(buttons.len(), 4);
    let rejected = world.press(&mut chats, "anna", &buttons[3].1).await.to_string();
    assert!(rejected.contains("alice") && rejected.contains("rejected"), "{rejected}");
}
