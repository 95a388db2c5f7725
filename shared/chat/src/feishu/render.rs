//! Answers as interactive cards.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::reply::{Item, Press, Reply, Style, cut};
use crate::secret::Secret;
use crate::signature::mac;

/// The most characters of one part of a card (Feishu bounds a card at 30 KB).
const PART_MAX: usize = 400;

/// What the request itself is answered with: nothing that is shown.
pub fn acknowledgement() -> Value {
    json!({})
}

/// The body of `POST /open-apis/im/v1/messages/{message_id}/reply`. `uuid` makes a repeat within an hour one message.
pub fn reply_body(reply: &Reply, uuid: &str) -> Value {
    json!({ "msg_type": "interactive", "content": card_text(reply), "uuid": uuid })
}

/// What is posted to a custom bot. Its signature is the HMAC-SHA256 of nothing under the key `{timestamp}\n{secret}`, in
/// base64, with the time in seconds (open.feishu.cn, "Custom bot usage guide", and the Go sample there; the bounds of one
/// hour and of 100 messages a minute are from the same page).
pub fn robot_message(reply: &Reply, secret: Option<&Secret>, now: Timestamp) -> Value {
    let mut message = json!({ "msg_type": "interactive", "card": card(reply) });
    if let Some(secret) = secret {
        let timestamp = now.as_second().to_string();
        let key = format!("{timestamp}\n{}", secret.expose());
        message["sign"] = BASE64.encode(mac(key.as_bytes(), &[])).into();
        message["timestamp"] = timestamp.into();
    }
    message
}

/// The card, as text: that is how the interface takes it.
pub fn card_text(reply: &Reply) -> String {
    card(reply).to_string()
}

fn card(reply: &Reply) -> Value {
    let mut elements = vec![];
    if !reply.text.is_empty() {
        elements.push(plain(&reply.text.join("\n")));
    }
    let (items, more) = reply.shown();
    elements.extend(items.iter().flat_map(item));
    if more > 0 {
        elements.push(plain(&format!("and {more} more")));
    }
    elements.extend(actions(&reply.buttons));
    let title = json!({ "tag": "plain_text", "content": cut(&reply.title, 200) });
    json!({ "config": { "wide_screen_mode": true }, "header": { "title": title }, "elements": elements })
}

fn item(item: &Item) -> Vec<Value> {
    let lines: Vec<&str> = std::iter::once(&item.head).chain(&item.lines).map(String::as_str).collect();
    let mut elements = vec![plain(&lines.join("\n"))];
    elements.extend(actions(&item.buttons));
    elements
}

/// Names are outside text: plain text formats nothing and mentions nobody.
fn plain(text: &str) -> Value {
    json!({ "tag": "div", "text": { "tag": "plain_text", "content": cut(text, PART_MAX) } })
}

fn actions(buttons: &[Press]) -> Option<Value> {
    let element = |button: &Press| {
        let mut element = json!({
            "tag": "button",
            "text": { "tag": "plain_text", "content": cut(&button.label, 75) },
            "type": if button.style == Style::Danger { "danger" } else { "default" },
        });
        match button.style {
            Style::Link => element["url"] = button.value.as_str().into(),
            _ => element["value"] = json!({ "press": button.value }),
        }
        element
    };
    let elements: Vec<Value> = buttons.iter().map(element).collect();
    (!elements.is_empty()).then(|| json!({ "tag": "action", "actions": elements }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Printed by the Python sample of the same page: `hmac.new(f"{timestamp}\n{secret}".encode(), digestmod=sha256)`.
    #[test]
    fn a_message_to_a_custom_bot_is_signed_as_the_sample_signs() {
        let secret = Secret::try_from("this is a secret".to_owned()).unwrap();
        let now = Timestamp::from_second(1_599_360_473).unwrap();
        let message = robot_message(&Reply::line("x"), Some(&secret), now);
        assert_eq!(message["timestamp"], "1599360473");
        assert_eq!(message["sign"], "1MOZEWNVTqWg9yZemgxUa9z7jxJJ1h8E3/cwLrbxW+8=");
        assert_eq!(message["card"]["header"]["title"]["content"], "x");
        assert_eq!(robot_message(&Reply::line("x"), None, now).get("sign"), None);
    }
}
