//! Feishu and Lark: encrypted events, cards of both kinds, answers through the message interface.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::chat_systems::{Chats, FEISHU_TOKEN, encrypted, feishu_request, seconds, world};
use crate::world::{BOB, PROD, World};

fn message(id: &str, who: &str, words: &str) -> Value {
    json!({
        "schema": "2.0",
        "header": { "event_id": id, "event_type": "im.message.receive_v1", "token": FEISHU_TOKEN },
        "event": {
            "sender": { "sender_id": { "open_id": format!("F-{who}") } },
            "message": {
                "message_id": format!("om_{id}"), "chat_id": "oc_1", "message_type": "text",
                "content": json!({ "text": format!("@_user_1 {words}") }).to_string(),
            },
        },
    })
}

fn new_card(id: &str, who: &str, value: &str) -> Value {
    json!({
        "schema": "2.0",
        "header": { "event_id": id, "event_type": "card.action.trigger", "token": FEISHU_TOKEN },
        "event": {
            "operator": { "open_id": format!("F-{who}") },
            "action": { "value": { "press": value } },
            "context": { "open_message_id": format!("om_{id}"), "open_chat_id": "oc_1" },
        },
    })
}

fn old_card(who: &str, value: &str, at: i64) -> Request<Body> {
    let body = encrypted(&json!({
        "open_id": format!("F-{who}"), "open_message_id": "om_old", "open_chat_id": "oc_1",
        "action": { "tag": "button", "value": { "press": value } },
    }));
    Request::post("/v1/chat/feishu/card")
        .header("x-lark-request-timestamp", at.to_string())
        .header("x-lark-request-nonce", "nonce")
        .header("x-lark-signature", hex::encode(Sha1::digest(format!("{at}nonce{FEISHU_TOKEN}{body}"))))
        .body(Body::from(body))
        .unwrap()
}

async fn answer(world: &World, chats: &mut Chats, request: Request<Body>) -> (String, Value) {
    let taken = world.send(request).await;
    assert_eq!((taken.status, taken.body), (StatusCode::OK, json!({})));
    let (path, body) = chats.next().await;
    (path, serde_json::from_str(body["content"].as_str().unwrap()).unwrap())
}

fn value(card: &Value, label: &str) -> String {
    let elements = card["elements"].as_array().unwrap().iter();
    let mut buttons = elements.filter_map(|element| element["actions"].as_array()).flatten();
    let button = buttons.find(|b| b["text"]["content"].as_str().unwrap().starts_with(label)).unwrap();
    button["value"]["press"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn from_the_command_to_the_result_with_buttons_of_both_kinds() {
    let (world, mut chats) = world().await;
    let asked = feishu_request(&message("e1", "olga", &format!("revoke bob {PROD}")), seconds());
    let (path, preview) = answer(&world, &mut chats, asked).await;
    assert_eq!(path, "/open-apis/im/v1/messages/om_e1/reply");
    let request = value(&preview, "Request approval");
    let pressed = feishu_request(&new_card("e2", "olga", &request), seconds());
    let (_, held) = answer(&world, &mut chats, pressed).await;
    let approve = value(&held, "Approve");
    let (_, approved) = answer(&world, &mut chats, old_card("anna", &approve, seconds())).await;
    assert!(approved.to_string().contains("confirmed"), "{approved}");
    assert_eq!(world.emulator.cleans(PROD, BOB).received, 1);
}

#[tokio::test]
async fn the_address_is_checked_with_a_challenge() {
    let (world, _chats) = world().await;
    let check = json!({ "type": "url_verification", "challenge": "c-1", "token": FEISHU_TOKEN });
    let unsigned = Request::post("/v1/chat/feishu").body(Body::from(encrypted(&check))).unwrap();
    for request in [unsigned, feishu_request(&check, seconds())] {
        let answer = world.send(request).await;
        assert_eq!((answer.status, answer.body), (StatusCode::OK, json!({ "challenge": "c-1" })));
    }
    let wrong = json!({ "type": "url_verification", "challenge": "c-1", "token": "another" });
    let wrong = Request::post("/v1/chat/feishu").body(Body::from(encrypted(&wrong))).unwrap();
    assert_eq!(world.send(wrong).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_event_that_is_delivered_again_does_nothing_and_others_mean_nothing() {
    let (world, mut chats) = world().await;
    let event = message("e1", "olga", "held");
    answer(&world, &mut chats, feishu_request(&event, seconds())).await;
    world.answered(1).await;
    let length = world.log_length().await;
    assert_eq!(world.send(feishu_request(&event, seconds())).await.status, StatusCode::OK);
    assert_eq!(
        world.send(feishu_request(&message("e3", "mallory", "held"), seconds())).await.status,
        StatusCode::OK
    );
    let other = json!({ "header": { "event_id": "e2", "event_type": "im.chat.disbanded_v1", "token": FEISHU_TOKEN } });
    assert_eq!(world.send(feishu_request(&other, seconds())).await.status, StatusCode::OK);
    assert_eq!(world.log_length().await, length);
    assert!(chats.is_silent());
}
