//! Answers as DingTalk's robots send them: Markdown, and an action card where there are buttons.

use percent::encode;
use serde_json::{Value, json};

use crate::reply::{Press, Reply, Style, cut};

mod percent {
    /// Percent-encoding for a query value.
    pub(super) fn encode(text: &str) -> String {
        form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    }
}

/// The most characters of an answer (DingTalk bounds a message at 20,000 bytes).
const TEXT_MAX: usize = 5_000;

/// What the request itself is answered with: nothing that is shown.
pub fn acknowledgement() -> Value {
    json!({})
}

/// What is posted to the `sessionWebhook`. A button is a link that sends `press VALUE` in the presser's name (scheme
/// `dtmd`, unconfirmed for every client); the same words can be typed.
pub fn answer(reply: &Reply) -> Value {
    let title = escape(&cut(&reply.title, 200));
    let mut lines = vec![format!("### {title}")];
    lines.extend(reply.text.iter().map(|line| escape(line)));
    let (items, more) = reply.shown();
    for item in items {
        lines.push(format!("- {}", escape(&item.head)));
        lines.extend(item.lines.iter().map(|line| format!("  {}", escape(line))));
    }
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let text = cut(&lines.join("\n\n"), TEXT_MAX);
    let buttons: Vec<&Press> = items.iter().flat_map(|item| &item.buttons).chain(&reply.buttons).collect();
    if buttons.is_empty() {
        return json!({ "msgtype": "markdown", "markdown": { "title": title, "text": text } });
    }
    let link = |button: &&Press| {
        let address = match button.style {
            Style::Link => button.value.clone(),
            _ => {
                let words = encode(&format!("press {}", button.value));
                format!("dtmd://dingtalkclient/sendMessage?content={words}")
            }
        };
        json!({ "title": cut(&button.label, 40), "actionURL": address })
    };
    json!({
        "msgtype": "actionCard",
        "actionCard": {
            "title": title,
            "text": text,
            "btnOrientation": "0",
            "btns": buttons.iter().map(link).collect::<Vec<_>>(),
        },
    })
}

/// Names are outside text: nothing in them formats, links or mentions.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '#' | '!' | '<' | '>' | '|' | '~') {
            escaped.push('\\');
        }
        // A mention begins with an @; the full-width one looks like it and calls nobody.
        escaped.push(if c == '@' { '＠' } else { c });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Item;

    #[test]
    fn an_answer_is_markdown_and_with_buttons_a_card() {
        let mut reply =
            Reply::line("Bob").with_text(["a".into()]).with_items([Item::new("prod", ["x".into()])]);
        let shown = answer(&reply);
        assert_eq!(shown["markdown"]["text"], "### Bob\n\na\n\n- prod\n\n  x");
        reply.buttons = vec![Press { label: "Revoke".into(), value: "a.b c".into(), style: Style::Danger }];
        let shown = answer(&reply);
        assert_eq!(shown["msgtype"], "actionCard");
        assert_eq!(
            shown["actionCard"]["btns"][0]["actionURL"],
            "dtmd://dingtalkclient/sendMessage?content=press%20a.b%20c"
        );
    }

    #[test]
    fn names_do_not_format_link_or_mention() {
        let shown = answer(&Reply::line("[ok](https://evil) @all")).to_string();
        assert!(!shown.contains("](") && !shown.contains("@all"), "{shown}");
    }

    #[test]
    fn the_longest_answer_stays_within_the_bound() {
        let reply = Reply::line("x".repeat(9000)).with_items(vec![Item::new("é*".repeat(5000), []); 300]);
        assert!(answer(&reply).to_string().len() < 20_000);
    }
}
