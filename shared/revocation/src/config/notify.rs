//! Notifications: who is told of what, and how.

use ::chat::Secret;
use ::chat::webhook::Key;
use kubeconfig::notification::Kind;
use serde::{Deserialize, Serialize};

use super::notify_target::MoreTarget;
use crate::outbound;

/// Notifications. A target without an address is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifyConfig {
    /// Hosts that messages may go to although they lie in a private network; or an origin that begins with `http://`.
    pub private_hosts: Vec<String>,
    /// More messages of one kind than this become one that sums them up.
    pub digest_above: u32,
    /// Days before its end at which a kubeconfig is told to expire; 0: never.
    pub expiring_days: u32,
    /// Seconds that an announced message is left to the process that announced it.
    pub lease_seconds: u32,
    /// Seconds before a message that was not taken is sent for the second time.
    pub retry_seconds: u32,
    /// A Slack app's incoming webhook.
    pub slack: SlackTarget,
    /// A DingTalk robot.
    pub dingtalk: RobotTarget,
    /// A Feishu or Lark custom bot.
    pub feishu: RobotTarget,
    /// Any program that takes Standard Webhooks.
    pub webhook: WebhookTarget,
    /// Further targets, of whatever system.
    pub targets: Vec<MoreTarget>,
}

/// Slack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlackTarget {
    /// The address; whoever has it can write into the channel.
    pub url: Option<Secret>,
    /// What it is told of.
    pub kinds: Vec<Kind>,
}

/// DingTalk, or Feishu and Lark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RobotTarget {
    /// The address; it names the robot.
    pub url: Option<Secret>,
    /// What messages are signed with, where the robot asks for it.
    pub secret: Option<Secret>,
    /// What it is told of.
    pub kinds: Vec<Kind>,
}

/// Standard Webhooks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookTarget {
    /// The address.
    pub url: Option<Secret>,
    /// What messages are signed with: with all of them, so that the receiver can replace its own.
    pub secrets: Vec<Key>,
    /// What it is told of.
    pub kinds: Vec<Kind>,
}

impl Default for NotifyConfig {
    fn default() -> Self {
        Self {
            private_hosts: vec![],
            digest_above: 5,
            expiring_days: 14,
            lease_seconds: 30,
            retry_seconds: 10,
            slack: SlackTarget::default(),
            dingtalk: RobotTarget::default(),
            feishu: RobotTarget::default(),
            webhook: WebhookTarget::default(),
            targets: vec![],
        }
    }
}

impl Default for SlackTarget {
    fn default() -> Self {
        Self { url: None, kinds: Kind::NEWS.to_vec() }
    }
}

impl Default for RobotTarget {
    fn default() -> Self {
        Self { url: None, secret: None, kinds: Kind::NEWS.to_vec() }
    }
}

impl Default for WebhookTarget {
    fn default() -> Self {
        Self { url: None, secrets: vec![], kinds: Kind::NEWS.to_vec() }
    }
}

impl NotifyConfig {
    /// What types alone cannot say. No address is quoted: it is a secret.
    pub(super) fn problem(&self) -> Option<String> {
        let urls = [
            ("slack", &self.slack.url),
            ("dingtalk", &self.dingtalk.url),
            ("feishu", &self.feishu.url),
            ("webhook", &self.webhook.url),
        ];
        for (name, url) in urls {
            if let Some(url) = url
                && let Err(why) = outbound::written_well(url.expose(), &self.private_hosts)
            {
                return Some(format!("notify.{name}.url: {why}"));
            }
        }
        for (place, target) in self.targets.iter().enumerate() {
            if self.targets[..place].iter().any(|other| other.name == target.name) {
                return Some(format!("notify.targets: two targets have the name `{}`", target.name));
            }
            if let Err(why) = outbound::written_well(target.url.expose(), &self.private_hosts) {
                return Some(format!("notify.targets: {}: {why}", target.name));
            }
        }
        if self.webhook.url.is_some() && self.webhook.secrets.is_empty() {
            return Some("notify.webhook.secrets: nothing is sent there without a signature".into());
        }
        if self.digest_above == 0 || self.lease_seconds == 0 {
            return Some("notify.digest_above and notify.lease_seconds have to be at least 1".into());
        }
        None
    }
}
