//! DingTalk: the same commands, typed buttons, and a signature that does not cover the body.

use axum::http::StatusCode;
use serde_json::Value;

use crate::chat_systems::{Chats, DINGTALK_SECRET, dingtalk_body, dingtalk_request, seconds, world};
use crate::world::{BOB, PROD, World};

/// Each message has a timestamp of its own, as DingTalk's have.
struct Clock(i64);

impl Clock {
    fn next(&mut self) -> i64 {
        self.0 += 1;
        self.0
    }
}

async fn say(world: &World, chats: &mut Chats, clock: &mut Clock, who: &str, words: &str) -> Value {
    let at = clock.next();
    let body = dingtalk_body(chats, who, words, &format!("m-{at}"));
    let answer = world.send(dingtalk_request(&body, DINGTALK_SECRET, at)).await;
    assert_eq!(answer.status, StatusCode::OK);
    chats.next().await.1
}

/// The words that a button sends.
fn words(answer: &Value, label: &str) -> String {
    let buttons = answer["actionCard"]["btns"].as_array().unwrap();
    let button = buttons.iter().find(|button| button["title"].as_str().unwrap().starts_with(label)).unwrap();
    let url = button["actionURL"].as_str().unwrap();
    url.split_once("content=").unwrap().1.replace("%20", " ")
}

#[tokio::test]
async fn from_the_command_to_the_result() {
    let (world, mut chats) = world().await;
    let mut clock = Clock(seconds() * 1000);
    let status = say(&world, &mut chats, &mut clock, "vera", " status bob ").await;
    assert_eq!(status["msgtype"], "markdown");
    assert!(status.to_string().contains("bob"), "{status}");

    let preview = say(&world, &mut chats, &mut clock, "olga", &format!("revoke bob {PROD}")).await;
    let request = words(&preview, "Request approval");
    let held = say(&world, &mut chats, &mut clock, "olga", &request).await;
    let approve = words(&held, "Approve");
    let approved = say(&world, &mut chats, &mut clock, "anna", &approve).await;
    assert!(approved.to_string().contains("confirmed"), "{approved}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);
    let late = say(&world, &mut chats, &mut clock, "olga", &request).await;
    assert!(late.to_string().contains("answered before"), "{late}");
}

#[tokio::test]
async fn one_signature_is_good_for_one_body() {
    let (world, mut chats) = world().await;
    let at = seconds() * 1000;
    let body = dingtalk_body(&chats, "olga", "held", "m1");
    world.send(dingtalk_request(&body, DINGTALK_SECRET, at)).await;
    chats.next().await;
    world.answered(1).await;
    let length = world.log_length().await;
    // Somebody has seen timestamp and signature, and sends another body with them.
    for (who, text, message) in
        [("olga", "held", "m1"), ("anna", "revoke alice all", "m2"), ("olga", "help", "m1")]
    {
        let swapped = dingtalk_body(&chats, who, text, message);
        let answer = world.send(dingtalk_request(&swapped, DINGTALK_SECRET, at)).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    // DingTalk delivers the same message again, signed anew.
    world.send(dingtalk_request(&body, DINGTALK_SECRET, at + 1)).await;
    assert_eq!(world.log_length().await, length);
    assert!(chats.is_silent());
}
