//! Who caused an event, and through which door.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// The door that a cause came through.
    Channel {
        /// An event of the cloud, delivered by EventBridge.
        EventBridge = "eventbridge",
        /// The scheduled sweep.
        Timer = "timer",
        /// The HTTP interface.
        Http = "http",
        /// The command line.
        Cli = "cli",
        /// Slack.
        Slack = "slack",
        /// DingTalk.
        DingTalk = "dingtalk",
        /// Feishu or Lark.
        Feishu = "feishu",
    }
}

impl Channel {
    /// Whether nobody in particular asked: the cause was a rule, not a person.
    pub const fn is_automatic(&self) -> bool {
        matches!(self, Self::EventBridge | Self::Timer)
    }
}

/// Who caused an event. Both names may be present: a bot that acts for a person is recorded beside the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Actor {
    /// The door.
    pub channel: Channel,
    /// The token, bot or function that acted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The person behind it, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub human: Option<String>,
}

impl Actor {
    /// The sweep.
    pub const fn timer() -> Self {
        Self { channel: Channel::Timer, principal: None, human: None }
    }

    /// An event of the cloud.
    pub const fn event_bridge() -> Self {
        Self { channel: Channel::EventBridge, principal: None, human: None }
    }

    /// The most personal name there is: what "by actor" is indexed on, and what tells two people apart.
    pub fn name(&self) -> &str {
        self.human.as_deref().or(self.principal.as_deref()).unwrap_or_else(|| self.channel.as_str())
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.human, &self.principal) {
            (Some(human), Some(principal)) => write!(f, "{human} via {principal} ({})", self.channel),
            (Some(name), None) | (None, Some(name)) => write!(f, "{name} ({})", self.channel),
            (None, None) => write!(f, "{}", self.channel),
        }
    }
}
