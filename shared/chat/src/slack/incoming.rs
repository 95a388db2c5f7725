//! What Slack sends: a form for a slash command, a form with JSON in it for a button.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::incoming::{AnswerTo, Incoming, Malformed, Said, at, id, text, words};

/// How long a `response_url` is good, less a margin (Slack: five answers within 30 minutes).
const ANSWERABLE: SignedDuration = SignedDuration::from_mins(29);

/// A slash command. `now` is when it came.
///
/// # Errors
/// It does not look like one.
pub fn command(body: &[u8], now: Timestamp) -> Result<Incoming, Malformed> {
    let fields = form(body)?;
    let field = |name: &'static str| fields.get(name).map(String::as_str).ok_or(Malformed::Field(name));
    let message = id(field("trigger_id")?, "trigger_id")?;
    Ok(Incoming {
        once: format!("command/{message}"),
        message,
        user: id(field("user_id")?, "user_id")?,
        conversation: id(field("channel_id")?, "channel_id")?,
        said: Said::Text(words(field("text")?, "text")?),
        answer: answer_to(field("response_url")?, now)?,
    })
}

/// A button that was pressed. `None` for interactions that are none, e.g. a dialogue that was closed.
///
/// # Errors
/// It does not look like one.
pub fn action(body: &[u8], now: Timestamp) -> Result<Option<Incoming>, Malformed> {
    let fields = form(body)?;
    let payload = fields.get("payload").ok_or(Malformed::Field("payload"))?;
    let payload: Value = serde_json::from_str(payload).map_err(|_| Malformed::Encoding("JSON"))?;
    if at(&payload, "/type", "type")? != "block_actions" {
        return Ok(None);
    }
    let Some([action]) = payload["actions"].as_array().map(Vec::as_slice) else {
        return Err(Malformed::Field("actions"));
    };
    if action["action_id"].as_str().is_some_and(|id| id.starts_with(super::render::OPEN)) {
        return Ok(None);
    }
    let user = id(at(&payload, "/user/id", "user.id")?, "user.id")?;
    // A repeated click arrives twice, with the same time and person.
    let message = id(at(action, "/action_ts", "action_ts")?, "action_ts")?;
    let conversation = at(&payload, "/channel/id", "channel.id")?;
    Ok(Some(Incoming {
        once: format!("action/{user}/{message}"),
        message,
        user,
        conversation: id(conversation, "channel.id")?,
        said: Said::Button(text(at(action, "/value", "value")?, "value")?),
        answer: answer_to(at(&payload, "/response_url", "response_url")?, now)?,
    }))
}

fn answer_to(url: &str, now: Timestamp) -> Result<AnswerTo, Malformed> {
    let wrong = || Malformed::Field("response_url");
    let url = text(url, "response_url")?.try_into().map_err(|_| wrong())?;
    Ok(AnswerTo::Webhook { url, until: now.checked_add(ANSWERABLE).map_err(|_| wrong())? })
}

/// The fields of a form. One that is there twice could mean either: neither is taken.
fn form(body: &[u8]) -> Result<BTreeMap<String, String>, Malformed> {
    // Percent-encoding of what is not UTF-8 would be read as replacement characters.
    if !body.is_ascii() {
        return Err(Malformed::Encoding("a form"));
    }
    let mut fields = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Malformed::Encoding("a form with each field once"));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const COMMAND: &str = "user_id=U1&channel_id=C1&text=status+alice%20%26co&trigger_id=1.2.a&response_url=https%3A%2F%2Fhooks.slack.com%2Fc%2F1";

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn press(payload: &Value) -> Result<Option<Incoming>, Malformed> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("payload", &payload.to_string())
            .finish();
        action(form.as_bytes(), now())
    }

    fn payload() -> Value {
        json!({
            "type": "block_actions", "user": { "id": "U1" }, "channel": { "id": "C1" },
            "actions": [{ "action_id": "confirm", "value": "v", "action_ts": "1548.5" }],
            "response_url": "https://hooks.slack.com/actions/1",
        })
    }

    #[test]
    fn a_slash_command_is_read() {
        let read = command(COMMAND.as_bytes(), now()).unwrap();
        assert_eq!((read.user.as_str(), read.conversation.as_str()), ("U1", "C1"));
        assert_eq!(read.said, Said::Text("status alice &co".into()));
        let AnswerTo::Webhook { url, until } = read.answer else { panic!("an address") };
        assert_eq!(url.expose(), "https://hooks.slack.com/c/1");
        assert_eq!(until, now() + SignedDuration::from_mins(29));
    }

    #[test]
    fn a_command_without_one_of_its_fields_or_with_one_twice_is_none() {
        for part in COMMAND.split('&') {
            let without = COMMAND.replacen(part, "x=1", 1);
            assert!(matches!(command(without.as_bytes(), now()), Err(Malformed::Field(_))), "{without}");
            let twice = format!("{COMMAND}&{part}");
            assert!(matches!(command(twice.as_bytes(), now()), Err(Malformed::Encoding(_))), "{twice}");
        }
        for bad in [&b"\xff\xfe"[..], b"", b"{}", b"text=\xe9"] {
            assert!(command(bad, now()).is_err());
        }
        let long = COMMAND.replace("alice", &"x".repeat(5000));
        assert_eq!(command(long.as_bytes(), now()), Err(Malformed::Field("text")));
        let file = long.replace("status", "inspect");
        assert!(command(file.as_bytes(), now()).is_ok(), "a file is longer than a command");
        let endless = file.replace("alice", &"x".repeat(70_000)).replace("xxxxx", &"x".repeat(70));
        assert_eq!(command(endless.as_bytes(), now()), Err(Malformed::Field("text")));
    }

    #[test]
    fn a_button_is_read() {
        let read = press(&payload()).unwrap().unwrap();
        assert_eq!((read.once.as_str(), read.said), ("action/U1/1548.5", Said::Button("v".into())));
    }

    #[test]
    fn other_interactions_are_no_buttons_and_odd_ones_are_errors() {
        assert_eq!(press(&json!({ "type": "view_closed" })), Ok(None));
        let mut link = payload();
        link["actions"][0] = json!({ "action_id": "open-2", "action_ts": "1548.5" });
        assert_eq!(press(&link), Ok(None), "a link was followed");
        for (pointer, value) in [
            ("/type", json!(1)),
            ("/user/id", json!(null)),
            ("/user/id", json!("")),
            ("/actions", json!([])),
            ("/actions", json!([{}, {}])),
            ("/actions/0/value", json!({})),
            ("/actions/0/action_ts", json!(1548.5)),
            ("/response_url", json!("short")),
        ] {
            let mut odd = payload();
            *odd.pointer_mut(pointer).unwrap() = value;
            assert!(matches!(press(&odd), Err(Malformed::Field(_))), "{odd}");
        }
        assert_eq!(action(b"payload=%7B", now()), Err(Malformed::Encoding("JSON")));
        assert_eq!(action(b"x=1", now()), Err(Malformed::Field("payload")));
    }
}
