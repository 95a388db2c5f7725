//! Answers as interactive cards.

use serde_json::{Value, json};

use crate::reply::{Item, Press, Reply, Style, cut};

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

/// The card, as text: that is how the interface takes it.
pub fn card_text(reply: &Reply) -> String {
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
        .to_string()
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
        json!({
            "tag": "button",
            "text": { "tag": "plain_text", "content": cut(&button.label, 75) },
            "type": if button.style == Style::Danger { "danger" } else { "default" },
            "value": { "press": button.value },
        })
    };
    let elements: Vec<Value> = buttons.iter().map(element).collect();
    (!elements.is_empty()).then(|| json!({ "tag": "action", "actions": elements }))
}
