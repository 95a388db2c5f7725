//! Answers in Slack's Block Kit. All bounds are Slack's: 50 blocks, 3000 characters a section, 75 a button.

use serde_json::{Value, json};

use crate::reply::{Audience, Item, Press, Reply, Style, cut};

/// The most characters of a section, escaped.
const SECTION_MAX: usize = 2_900;

/// The most characters of a line that is to stand out.
const TITLE_MAX: usize = 140;

/// The most characters on a button.
const LABEL_MAX: usize = 75;

/// How the ids of links begin: Slack tells of them, too, and nothing follows.
pub(super) const OPEN: &str = "open-";

/// What the request itself is answered with: words that only the one who asked sees.
pub fn acknowledgement(text: &str) -> Value {
    json!({ "response_type": "ephemeral", "text": escape(text, SECTION_MAX), "mrkdwn": false })
}

/// What is posted to the `response_url`. Nothing is replaced: what was offered, and to whom, stays readable.
pub fn answer(reply: &Reply) -> Value {
    let mut answer = message(reply);
    answer["replace_original"] = false.into();
    answer["response_type"] = match reply.audience {
        Audience::Asker => "ephemeral".into(),
        Audience::Everyone => "in_channel".into(),
    };
    answer
}

/// What is posted to an incoming webhook.
pub fn message(reply: &Reply) -> Value {
    let title = escape(&reply.title, TITLE_MAX);
    let mut blocks = vec![json!({ "type": "header", "text": plain(&title) })];
    if !reply.text.is_empty() {
        blocks.push(section(&reply.text.join("\n")));
    }
    let (items, more) = reply.shown();
    blocks.extend(items.iter().flat_map(item));
    if more > 0 {
        blocks.push(section(&format!("and {more} more")));
    }
    blocks.extend(actions(&reply.buttons));
    json!({
        "text": title,
        "mrkdwn": false,
        "blocks": blocks,
    })
}

fn item(item: &Item) -> Vec<Value> {
    let lines: Vec<&str> = std::iter::once(&item.head).chain(&item.lines).map(String::as_str).collect();
    let mut blocks = vec![section(&lines.join("\n"))];
    blocks.extend(actions(&item.buttons));
    blocks
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": plain(&escape(text, SECTION_MAX)) })
}

/// Names are outside text: nothing in them becomes a format, a link, a mention or an emoji.
fn plain(escaped: &str) -> Value {
    json!({ "type": "plain_text", "text": escaped, "emoji": false })
}

fn actions(buttons: &[Press]) -> Option<Value> {
    let element = |(place, button): (usize, &Press)| {
        if button.style == Style::Link {
            return json!({
                "type": "button",
                "action_id": format!("{OPEN}{place}"),
                "text": plain(&escape(&button.label, LABEL_MAX)),
                "url": button.value,
            });
        }
        let mut element = json!({
            "type": "button",
            "action_id": format!("press-{place}"),
            "text": plain(&escape(&button.label, LABEL_MAX)),
            "value": button.value,
        });
        if button.style == Style::Danger {
            element["style"] = "danger".into();
        }
        element
    };
    let elements: Vec<Value> = buttons.iter().enumerate().map(element).collect();
    (!elements.is_empty()).then(|| json!({ "type": "actions", "elements": elements }))
}

/// Escapes the three characters that mean something to Slack, within a bound that counts what they become.
fn escape(text: &str, most: usize) -> String {
    let mut escaped = String::new();
    let mut length = 0;
    for c in cut(text, most).chars() {
        let mut own = [0; 4];
        let piece: &str = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            c => c.encode_utf8(&mut own),
        };
        length += piece.chars().count();
        if length > most {
            break;
        }
        escaped.push_str(piece);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ITEMS_MAX;

    fn press(style: Style) -> Press {
        Press { label: "Revoke".into(), value: "v".into(), style }
    }

    #[test]
    fn an_answer_has_its_parts_in_order() {
        let mut reply = Reply::line("Bob")
            .with_text(["a".into(), "b".into()])
            .with_items([Item::new("prod", ["x".into()])]);
        reply.buttons = vec![press(Style::Danger), press(Style::Plain)];
        let shown = answer(&reply);
        assert_eq!((&shown["response_type"], &shown["text"]), (&json!("ephemeral"), &json!("Bob")));
        let texts: Vec<_> =
            shown["blocks"].as_array().unwrap().iter().map(|b| b["text"]["text"].as_str()).collect();
        assert_eq!(texts, [Some("Bob"), Some("a\nb"), Some("prod\nx"), None]);
        let buttons = &shown["blocks"][3]["elements"];
        assert_eq!((&buttons[0]["style"], &buttons[1]["style"]), (&json!("danger"), &Value::Null));
        assert_ne!(buttons[0]["action_id"], buttons[1]["action_id"], "Slack wants them different");
        assert_eq!(answer(&reply.for_everyone())["response_type"], "in_channel");
    }

    #[test]
    fn names_cannot_call_everybody_or_pose_as_links() {
        let shown = answer(&Reply::line("<!channel> <https://evil|ok> & *b*")).to_string();
        assert!(!shown.contains("<!") && !shown.contains("<http") && shown.contains("&lt;!channel&gt;"));
        assert!(shown.contains("&amp;"));
        let shown = acknowledgement("<!here>").to_string();
        assert!(!shown.contains("<!"), "{shown}");
    }

    #[test]
    fn the_longest_answer_stays_within_the_bounds() {
        let mut long = Item::new("&".repeat(5000), ["<".repeat(9000), "\u{0}".into()]);
        long.buttons = vec![press(Style::Plain)];
        let mut reply =
            Reply::line("x".repeat(9000)).with_text(["y".repeat(9000)]).with_items(vec![long; 300]);
        reply.buttons = vec![press(Style::Plain)];
        let shown = answer(&reply);
        let blocks = shown["blocks"].as_array().unwrap();
        assert!(blocks.len() <= 50, "{}", blocks.len());
        for text in blocks.iter().filter_map(|block| block["text"]["text"].as_str()) {
            assert!(text.chars().count() <= 3000);
        }
        assert!(shown.to_string().contains(&format!("and {} more", 300 - ITEMS_MAX)));
    }
}
