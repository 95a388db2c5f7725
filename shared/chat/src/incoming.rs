//! What came, in the terms that the three systems share.

use std::fmt;

use jiff::Timestamp;

use crate::pasted;
use crate::secret::Secret;

/// Something that a person did in a chat, from a request whose signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// What makes it one thing: a repeat has the same.
    pub once: String,
    /// Its id at the chat system. DingTalk sends one message again under a new signature, so this may be known although
    /// [`Self::once`] is not.
    pub message: String,
    /// Who, by the id of the chat system. Not checked against anybody yet.
    pub user: String,
    /// Where.
    pub conversation: String,
    /// What.
    pub said: Said,
    /// Where the answer goes.
    pub answer: AnswerTo,
}

/// What a person said or pressed. Not shown: the words may be a file with a private key in it.
#[derive(Clone, PartialEq, Eq)]
pub enum Said {
    /// Words.
    Text(String),
    /// A button, by its value.
    Button(String),
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Button(value) => write!(f, "Button({} bytes)", value.len()),
        }
    }
}

/// Where the answer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerTo {
    /// An address that lets whoever has it write into the conversation for a while: a secret.
    Webhook {
        /// The address.
        url: Secret,
        /// Until when it is good.
        until: Timestamp,
    },
    /// A message that the answer refers to, through the system's interface.
    Message {
        /// Its id.
        id: String,
        /// Until when an answer makes sense.
        until: Timestamp,
    },
}

/// Signed well, and yet not what such a request looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Not the encoding that it has to have.
    #[error("the body is not {0}")]
    Encoding(&'static str),
    /// A field is missing, there twice, too long, or of another type.
    #[error("the field {0} is missing, repeated, too long or of another type")]
    Field(&'static str),
}

/// The longest id that is taken from a chat system, in bytes.
const ID_MAX: usize = 256;

/// The longest text or value of a button, in bytes. A command fits many times.
const TEXT_MAX: usize = 4096;

pub(crate) fn id(text: &str, field: &'static str) -> Result<String, Malformed> {
    let fits = (1..=ID_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Malformed::Field(field)) }
}

pub(crate) fn text(text: &str, field: &'static str) -> Result<String, Malformed> {
    if text.len() <= TEXT_MAX { Ok(text.to_owned()) } else { Err(Malformed::Field(field)) }
}

/// The longest pasted file, in bytes. A kubeconfig file of one context has about 6 KiB.
const FILE_MAX: usize = 64 << 10;

/// What a person wrote: a command, or a file.
pub(crate) fn words(words: &str, field: &'static str) -> Result<String, Malformed> {
    let first = words.split_whitespace().next().unwrap_or_default();
    let is_file = first.eq_ignore_ascii_case("inspect") || pasted::is_file(words);
    if is_file && words.len() <= FILE_MAX { Ok(words.to_owned()) } else { text(words, field) }
}

/// A text at a place of a JSON document.
pub(crate) fn at<'a>(
    value: &'a serde_json::Value,
    pointer: &str,
    field: &'static str,
) -> Result<&'a str, Malformed> {
    value.pointer(pointer).and_then(serde_json::Value::as_str).ok_or(Malformed::Field(field))
}
