//! What no chat system has signed.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::chat_systems::{
    DINGTALK_SECRET, FEISHU_TOKEN, SLACK_SECRET, dingtalk_body, dingtalk_request, encrypted, feishu_request,
    seconds, slack_form, slack_request, world,
};
use crate::world::{Answer, World};

const ROUTES: [&str; 6] = [
    "/v1/chat/slack/commands",
    "/v1/chat/slack/actions",
    "/v1/chat/dingtalk",
    "/v1/chat/feishu",
    "/v1/chat/feishu/card",
    "/v1/chat/continuations",
];

/// What is the same for everybody who is refused.
fn told(mut answer: Answer) -> (u16, Value) {
    answer.body.as_object_mut().unwrap().remove("instance");
    (answer.status.as_u16(), answer.body)
}

fn changed(mut request: Request<Body>, change: impl FnOnce(&mut Request<Body>)) -> Request<Body> {
    change(&mut request);
    request
}

fn header(request: &mut Request<Body>, name: &'static str, value: &str) {
    request.headers_mut().insert(name, value.parse().unwrap());
}

#[tokio::test]
async fn all_that_is_not_signed_gets_one_answer_on_every_route() {
    let (world, mut chats) = world().await;
    let length = world.log_length().await;
    let form = slack_form(&chats, "olga", "revoke alice all", "t-1");
    let swapped = slack_form(&chats, "anna", "revoke alice all", "t-1");
    let now = seconds();
    let slack = |at| slack_request("commands", &form, SLACK_SECRET, at);
    let body = dingtalk_body(&chats, "olga", "revoke alice all", "m1");
    let ding = |at| dingtalk_request(&body, DINGTALK_SECRET, at);
    let event = json!({ "header": { "token": FEISHU_TOKEN, "event_id": "e", "event_type": "x" } });
    let mut requests = vec![
        slack(now - 301),
        slack(now + 302),
        slack(0),
        slack_request("commands", &form, "another-secret", now),
        slack_request("actions", &form, "another-secret", now),
        changed(slack(now), |r| *r.body_mut() = Body::from(swapped.clone())),
        changed(slack(now), |r| *r.body_mut() = Body::from("x".repeat(10 << 20))),
        changed(slack(now), |r| *r.body_mut() = Body::empty()),
        changed(slack(now), |r| header(r, "x-slack-signature", "v0=00")),
        changed(slack(now), |r| header(r, "x-slack-request-timestamp", &(now + 1).to_string())),
        changed(slack(now), |r| drop(r.headers_mut().remove("x-slack-signature"))),
        ding((now - 3601) * 1000),
        ding((now + 3602) * 1000),
        dingtalk_request(&body, "another-secret", now * 1000),
        dingtalk_request(&json!({}), DINGTALK_SECRET, now * 1000),
        dingtalk_request(&json!([1]), DINGTALK_SECRET, now * 1000),
        dingtalk_request(&dingtalk_body(&chats, "mallory", "help", "m2"), DINGTALK_SECRET, now * 1000),
        feishu_request(&event, now - 301),
        feishu_request(&event, now + 302),
        feishu_request(&json!({ "header": { "token": "another-token" } }), now),
        changed(feishu_request(&event, now), |r| *r.body_mut() = Body::from(encrypted(&json!({})))),
        changed(feishu_request(&event, now), |r| *r.uri_mut() = "/v1/chat/feishu/card".parse().unwrap()),
        changed(feishu_request(&event, now), |r| header(r, "x-lark-request-nonce", "another")),
    ];
    let mut elsewhere = dingtalk_body(&chats, "olga", "help", "m3");
    elsewhere["conversationId"] = json!("cid-of-others");
    requests.push(dingtalk_request(&elsewhere, DINGTALK_SECRET, now * 1000));
    for route in ROUTES {
        for body in ["", "{", "payload=%7B%7D", "{\"encrypt\":\"AAAA\"}", "\u{0}"] {
            requests.push(Request::post(route).body(Body::from(body)).unwrap());
        }
        requests.push(Request::post(route).body(Body::from(vec![0xff; 1 << 20])).unwrap());
        let token = Request::post(route).header("authorization", format!("Bearer {}", crate::world::ANNA));
        requests.push(token.body(Body::from("{}")).unwrap());
    }
    let mut answers = vec![];
    for request in requests {
        let shown = format!("{request:?}");
        let (status, body) = told(world.send(request).await);
        assert_eq!(status, 401, "{shown}");
        answers.push(body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(world.log_length().await, length, "nothing was stored");
    assert!(chats.is_silent());
}

#[tokio::test]
async fn a_system_that_is_not_configured_refuses_in_the_same_words() {
    let (on, chats) = world().await;
    let off = World::new().await;
    let signed = slack_request("commands", &slack_form(&chats, "olga", "help", "t"), SLACK_SECRET, seconds());
    let refused = told(off.send(signed).await);
    for route in ROUTES {
        let nothing = || Request::post(route).body(Body::empty()).unwrap();
        assert_eq!(told(off.send(nothing()).await), refused, "{route}");
        assert_eq!(told(on.send(nothing()).await), refused, "{route}");
    }
}

#[tokio::test]
async fn what_is_signed_and_malformed_is_told_and_not_stored() {
    let (world, chats) = world().await;
    let length = world.log_length().await;
    let good = slack_form(&chats, "olga", "help", "t-1");
    let long = slack_form(&chats, "olga", &"x".repeat(5000), "t-2");
    for body in
        ["", "text=help", "user_id=U-olga&user_id=U-anna", "\u{e9}", &good.replace("trigger_id", "x"), &long]
    {
        let answer = world.send(slack_request("commands", body, SLACK_SECRET, seconds())).await;
        assert_eq!((answer.status.as_u16(), answer.problem()), (422, "invalid-body"), "{body}");
    }
    for body in ["payload=", "payload=%7B%7D", "payload=[", "x=1"] {
        let answer = world.send(slack_request("actions", body, SLACK_SECRET, seconds())).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    for plain in [json!({ "header": { "token": FEISHU_TOKEN } }), json!({ "token": FEISHU_TOKEN })] {
        assert_eq!(
            world.send(feishu_request(&plain, seconds())).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    }
    assert_eq!(world.log_length().await, length);
}

#[tokio::test]
async fn answers_go_nowhere_but_to_the_chat_systems() {
    let (world, mut chats) = world().await;
    let length = world.log_length().await;
    for evil in ["https://evil.example/x", "http://100.100.100.200/latest/meta-data", "file:///etc/passwd"] {
        let form = format!(
            "user_id=U-olga&channel_id=C1&text=help&trigger_id=t&response_url={}",
            form_urlencoded::byte_serialize(evil.as_bytes()).collect::<String>()
        );
        let answer = world.send(slack_request("commands", &form, SLACK_SECRET, seconds())).await;
        assert!(answer.body["text"].as_str().unwrap().contains("cannot be given"), "{}", answer.body);
    }
    assert_eq!(world.log_length().await, length);
    assert!(chats.is_silent());
}
