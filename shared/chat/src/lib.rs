//! Slack, DingTalk and Feishu/Lark without a network: signatures over what came, commands, people, buttons that work
//! once, and answers as each of them shows them.
//!
//! Everything here is a function of header maps, bytes, secrets and an instant. Who may do what, what is stored and what
//! is sent is decided elsewhere.
//!
//! Sources: the package slack_sdk 3.48.0 (`signature/__init__.py`), the package lark-oapi 1.7.5
//! (`event/dispatcher_handler.py`, `core/utils/decryptor.py`, `card/action_handler.py`), and the sample signer of
//! DingTalk's manual. The test vectors were printed by that code.

pub mod address;
pub mod button;
pub mod command;
pub mod continuation;
pub mod dingtalk;
pub mod feishu;
pub mod incoming;
pub mod pasted;
pub mod people;
pub mod reply;
pub mod secret;
mod signature;
pub mod slack;
pub mod webhook;

pub use address::Address;
pub use button::{Button, ButtonError, Choice};
pub use command::{Command, CommandError, Target};
pub use incoming::{Incoming, Malformed, Said};
pub use pasted::Pasted;
pub use people::{Person, Role};
pub use reply::{Audience, Item, Reply};
pub use secret::{Secret, Secrets};
pub use signature::Unsigned;

use std::fmt;

/// A chat system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Slack.
    Slack,
    /// DingTalk.
    DingTalk,
    /// Feishu or Lark.
    Feishu,
}

impl System {
    /// The word that stands in ids, keys and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::DingTalk => "dingtalk",
            Self::Feishu => "feishu",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
