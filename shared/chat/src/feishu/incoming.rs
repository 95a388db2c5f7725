//! What Feishu and Lark send: messages to the bot, buttons of cards of both kinds.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::incoming::{self, AnswerTo, Incoming, Malformed, Said, at, id, text};

/// How long an answer to a message makes sense.
const ANSWERABLE: SignedDuration = SignedDuration::from_hours(24);

/// What an event means to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Words or a button.
    Incoming(Incoming),
    /// Something else: acknowledged, and nothing follows.
    Irrelevant,
}

/// An event of the second kind: `im.message.receive_v1` or `card.action.trigger`.
///
/// # Errors
/// It does not look like one.
pub fn event(plain: &Value, now: Timestamp) -> Result<Event, Malformed> {
    let once = format!("event/{}", id(at(plain, "/header/event_id", "event_id")?, "event_id")?);
    match at(plain, "/header/event_type", "event_type")? {
        "im.message.receive_v1" => {
            let message = id(at(plain, "/event/message/message_id", "message_id")?, "message_id")?;
            let user = at(plain, "/event/sender/sender_id/open_id", "open_id")?;
            let chat = at(plain, "/event/message/chat_id", "chat_id")?;
            let said = Said::Text(words(plain)?);
            incoming(once, message, user, chat, said, now).map(Event::Incoming)
        }
        "card.action.trigger" => {
            let message =
                id(at(plain, "/event/context/open_message_id", "open_message_id")?, "open_message_id")?;
            let user = at(plain, "/event/operator/open_id", "open_id")?;
            let chat = at(plain, "/event/context/open_chat_id", "open_chat_id")?;
            let said = Said::Button(text(at(plain, "/event/action/value/press", "value")?, "value")?);
            incoming(once, message, user, chat, said, now).map(Event::Incoming)
        }
        _ => Ok(Event::Irrelevant),
    }
}

/// A button of an old card. It has no id of its own: that it is one press, its value and its signature's time tell.
///
/// # Errors
/// It does not look like one.
pub fn card(plain: &Value, now: Timestamp) -> Result<Incoming, Malformed> {
    let message = id(at(plain, "/open_message_id", "open_message_id")?, "open_message_id")?;
    let user = at(plain, "/open_id", "open_id")?;
    let chat = at(plain, "/open_chat_id", "open_chat_id")?;
    let value = text(at(plain, "/action/value/press", "value")?, "value")?;
    let once = format!("card/{user}/{message}/{value}");
    incoming(once, message, user, chat, Said::Button(value), now)
}

fn incoming(
    once: String,
    message: String,
    user: &str,
    chat: &str,
    said: Said,
    now: Timestamp,
) -> Result<Incoming, Malformed> {
    let until = now.checked_add(ANSWERABLE).map_err(|_| Malformed::Field("create_time"))?;
    Ok(Incoming {
        once,
        user: id(user, "open_id")?,
        conversation: id(chat, "chat_id")?,
        said,
        answer: AnswerTo::Message { id: message.clone(), until },
        message,
    })
}

/// The words of a message, without mentions (`@_user_1`): the bot is called by one. Line breaks stay: a pasted file needs
/// them.
fn words(plain: &Value) -> Result<String, Malformed> {
    if at(plain, "/event/message/message_type", "message_type")? != "text" {
        return Ok(String::new());
    }
    let content = at(plain, "/event/message/content", "content")?;
    let content: Value = serde_json::from_str(content).map_err(|_| Malformed::Field("content"))?;
    let said = without_mentions(at(&content, "/text", "content")?);
    incoming::words(&said, "content")
}

fn without_mentions(text: &str) -> String {
    let spaced = text.split_inclusive(char::is_whitespace);
    spaced.filter(|word| !word.starts_with("@_user_")).collect::<String>().trim().to_owned()
}
