use serde_json::json;

use super::*;
use crate::incoming::{AnswerTo, Said};
use crate::reply::{Item, Press, Reply, Style};
use crate::secret::Secret;

/// Bodies were encrypted with pycryptodome as `core/utils/decryptor.py` decrypts them; `EventDispatcherHandler` and
/// `CardActionHandler` of lark-oapi 1.7.5 took these signatures and answered the challenge.
const KEY: &str = "kudryavka-encrypt-key";
const TOKEN: &str = "v-token-1";
const AT: i64 = 1_700_000_000;
const CHECK: &str = r#"{"encrypt":"MDEyMzQ1Njc4OWFiY2RlZqtavUIc7uOxwuj8c26WQVClE4MN2aLi9XyMcRo29wiW1YD3O9LC0NZMRIrUfSwRoeQa6F7asq5ZOTVj4aLL0k4iH59bHGpT5Eh4ZgV84fgq"}"#;
const CHECK_SHA256: &str = "fa58a111a18cb5ad093d32094bd9b86a0bdf12e3cebd817337a4166115e2b99d";
const CHECK_SHA1: &str = "3a3d0295e8e9d6c6776a2e8fbd591f151d58b4db";
const MESSAGE: &str = r#"{"encrypt":"MDEyMzQ1Njc4OWFiY2RlZttipuzzhkvfxKzDrR9wZgSYFCCwbLw8SBKzchMOTD+x058UhfD+IGtkU4j2qzb2wZVC3dug79x0NPHQVPtL7vsqfh7j03f3lZMPNk2j7hjFycs69qsUvrjQ+nKyXfGpbUbQP/7AjYE00T3uX1hT/SP/Y6kFjt0eu6L/Kosjd9J+pvU99JErbDs1ZJNVqmbNllMfViwGKJQYbjoaUYYY+P5ZOdPSCIYvlUC+wpcXREVjNKWMwyQVUqFMYp4ahESEX3ptGHdhf/d0ZdMtJw60pTVEZrA5KYG4WsHQZ5YMAhdXd6qavW0WA8fYw0BpuAMKt9uHV/rztm1E7n9DIE29A54hKPxgnNKdDqTkWtzLN0HSbBkXQpJQAoMa7SS0XwNHdWjT7CycHmcTI+gyVU7ppj07if+q/zY70LExuMLWOeZC+8uSgJq/3G0ek8XJObSOf06iH8vs1qV9yZwaRh1qDm8="}"#;
const MESSAGE_SHA256: &str = "b3d06e54c8d82f66f3dc680dc1606675ad9d6fdc8ad4110d4dbd3f97ef948c7b";

fn secrets(texts: &[&str]) -> Secrets {
    texts.iter().map(|text| Secret::try_from((*text).to_owned()).unwrap()).collect()
}

fn headers(signature: &str) -> HeaderMap {
    let pair = |name: &'static str, value: &str| (name.parse().unwrap(), value.parse().unwrap());
    HeaderMap::from_iter([pair(TIMESTAMP, "1700000000"), pair(NONCE, "nonce-1"), pair(SIGNATURE, signature)])
}

fn now() -> Timestamp {
    Timestamp::from_second(AT).unwrap()
}

type Verify = fn(&HeaderMap, &[u8], Keys<'_>, Timestamp) -> Result<Verified, Refused>;

fn with(verify: Verify, headers: &HeaderMap, body: &str, at: Timestamp) -> Result<Verified, Refused> {
    let (encrypt, tokens) = (secrets(&["another-key", KEY]), secrets(&["another-token", TOKEN]));
    let keys = Keys { encrypt: &encrypt, tokens: &tokens, window: SignedDuration::from_secs(300) };
    verify(headers, body.as_bytes(), keys, at)
}

fn unsigned(verified: Result<Verified, Refused>) -> Unsigned {
    match verified {
        Err(Refused::Unsigned(unsigned)) => unsigned,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_signed_and_encrypted_is_taken() {
    let challenge = Ok(Verified::Challenge("ajls384k".into()));
    assert_eq!(with(verify_event, &headers(CHECK_SHA256), CHECK, now()), challenge);
    assert_eq!(with(verify_card, &headers(CHECK_SHA1), CHECK, now()), challenge);
    let Ok(Verified::Plain(plain)) = with(verify_event, &headers(MESSAGE_SHA256), MESSAGE, now()) else {
        panic!("a message")
    };
    let Ok(Event::Incoming(message)) = event(&plain, now()) else { panic!("a message") };
    assert_eq!((message.once.as_str(), message.user.as_str()), ("event/ev1", "ou_1"));
    assert_eq!(message.said, Said::Text("status alice".into()), "without the mention");
    assert!(matches!(message.answer, AnswerTo::Message { id, .. } if id == "om_1"));
}

#[test]
fn the_check_of_the_address_needs_no_signature_and_everything_else_does() {
    let none = HeaderMap::new();
    assert_eq!(with(verify_event, &none, CHECK, now()), Ok(Verified::Challenge("ajls384k".into())));
    assert_eq!(unsigned(with(verify_event, &none, MESSAGE, now())), Unsigned::Header(SIGNATURE));
}

#[test]
fn the_window_holds_both_ways() {
    for (late, good) in [(-301, false), (-300, true), (300, true), (301, false)] {
        let at = now() + SignedDuration::from_secs(late);
        let verified = with(verify_event, &headers(MESSAGE_SHA256), MESSAGE, at);
        assert_eq!(verified.is_ok(), good, "{late}");
    }
}

#[test]
fn anything_else_is_nobodys() {
    assert_eq!(unsigned(with(verify_event, &headers(MESSAGE_SHA256), CHECK, now())), Unsigned::Wrong);
    assert_eq!(unsigned(with(verify_event, &headers(CHECK_SHA1), CHECK, now())), Unsigned::Wrong);
    assert_eq!(unsigned(with(verify_card, &headers(CHECK_SHA256), CHECK, now())), Unsigned::Wrong);
    assert_eq!(unsigned(with(verify_event, &headers("zz"), CHECK, now())), Unsigned::Header(SIGNATURE));
    let mut other = headers(MESSAGE_SHA256);
    other.insert(NONCE, "nonce-2".parse().unwrap());
    assert_eq!(unsigned(with(verify_event, &other, MESSAGE, now())), Unsigned::Wrong);
    for bad in [
        "",
        "{",
        "{}",
        r#"{"encrypt":1}"#,
        r#"{"encrypt":"!"}"#,
        r#"{"encrypt":""}"#,
        r#"{"encrypt":"MDEy"}"#,
    ] {
        assert_eq!(
            unsigned(with(verify_event, &HeaderMap::new(), bad, now())),
            Unsigned::Undecipherable,
            "{bad}"
        );
    }
    // A plain body, as it comes to apps without an encrypt key.
    let plain = r#"{"type":"url_verification","challenge":"x","token":"v-token-1"}"#;
    assert_eq!(unsigned(with(verify_event, &HeaderMap::new(), plain, now())), Unsigned::Undecipherable);
}

#[test]
fn without_both_keys_or_with_another_token_nothing_is_taken() {
    let (key, token, none) = (secrets(&[KEY]), secrets(&[TOKEN]), Secrets::default());
    let window = SignedDuration::from_secs(300);
    for (encrypt, tokens) in [(&key, &none), (&none, &token)] {
        let verified =
            verify_event(&headers(CHECK_SHA256), CHECK.as_bytes(), Keys { encrypt, tokens, window }, now());
        assert_eq!(unsigned(verified), Unsigned::NotConfigured);
    }
    let other = secrets(&["another-token"]);
    let keys = Keys { encrypt: &key, tokens: &other, window };
    let verified = verify_event(&headers(MESSAGE_SHA256), MESSAGE.as_bytes(), keys, now());
    assert_eq!(unsigned(verified), Unsigned::WrongToken);
}

#[test]
fn buttons_of_both_kinds_of_cards_are_read() {
    let new = json!({
        "schema": "2.0", "header": { "event_id": "e1", "event_type": "card.action.trigger" },
        "event": {
            "operator": { "open_id": "ou_1" }, "action": { "value": { "press": "v" } },
            "context": { "open_message_id": "om_1", "open_chat_id": "oc_1" },
        },
    });
    let Ok(Event::Incoming(pressed)) = event(&new, now()) else { panic!("a button") };
    assert_eq!((pressed.once.as_str(), pressed.said), ("event/e1", Said::Button("v".into())));
    let old = json!({
        "open_id": "ou_1", "open_message_id": "om_1", "open_chat_id": "oc_1", "token": "c-1",
        "action": { "tag": "button", "value": { "press": "v" } },
    });
    assert_eq!(card(&old, now()).unwrap().said, Said::Button("v".into()));
    assert!(card(&json!({ "open_id": "ou_1" }), now()).is_err());
    let irrelevant = json!({ "header": { "event_id": "e2", "event_type": "im.chat.disbanded_v1" } });
    assert_eq!(event(&irrelevant, now()), Ok(Event::Irrelevant));
    for odd in [json!(null), json!({}), json!({ "header": { "event_id": 1, "event_type": "x" } })] {
        assert!(event(&odd, now()).is_err(), "{odd}");
    }
}

#[test]
fn an_answer_is_a_card_with_plain_text() {
    let mut reply = Reply::line("Bob <at id=all></at>").with_items([Item::new("prod", ["x".into()])]);
    reply.buttons = vec![Press { label: "Revoke".into(), value: "v".into(), style: Style::Danger }];
    let body = reply_body(&reply, "u1");
    assert_eq!((&body["msg_type"], &body["uuid"]), (&json!("interactive"), &json!("u1")));
    let card: Value = serde_json::from_str(body["content"].as_str().unwrap()).unwrap();
    assert_eq!(card["elements"][0]["text"], json!({ "tag": "plain_text", "content": "prod\nx" }));
    assert_eq!(card["elements"][1]["actions"][0]["value"]["press"], "v");
    assert!(!card.to_string().contains("lark_md"));
    let long = Reply::line("x").with_items(vec![Item::new("界".repeat(9000), []); 300]);
    assert!(card_text(&long).len() < 30_000);
}
