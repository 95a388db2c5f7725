//! Who is told.

use ::chat::Secret;
use ::chat::webhook::Key;
use kubeconfig::notification::Kind;

use crate::config::{MoreTarget, NotifyConfig, TargetWay};

/// Somebody who is told.
pub(super) struct Target<'a> {
    /// Its name; part of the names of streams and messages.
    pub(super) name: &'a str,
    pub(super) url: &'a Secret,
    pub(super) way: Way<'a>,
    pub(super) kinds: &'a [Kind],
}

/// How it is told.
pub(super) enum Way<'a> {
    Slack,
    DingTalk(Option<&'a Secret>),
    Feishu(Option<&'a Secret>),
    Webhook(&'a [Key]),
}

impl<'a> Target<'a> {
    fn further(target: &'a MoreTarget) -> Self {
        let way = match &target.way {
            TargetWay::Slack => Way::Slack,
            TargetWay::DingTalk(secret) => Way::DingTalk(secret.as_ref()),
            TargetWay::Feishu(secret) => Way::Feishu(secret.as_ref()),
            TargetWay::Webhook(keys) => Way::Webhook(keys),
        };
        Self { name: &target.name, url: &target.url, way, kinds: &target.kinds }
    }
}

impl Target<'_> {
    /// The most messages a minute. DingTalk: 20 a robot (its manual); Feishu: 100 a bot (its manual, unconfirmed); Slack:
    /// about one a second (its manual). A webhook is spared likewise.
    pub(super) const fn per_minute(&self) -> usize {
        match self.way {
            Way::DingTalk(_) => 20,
            Way::Slack | Way::Feishu(_) | Way::Webhook(_) => 60,
        }
    }
}

/// Those that have an address.
pub(super) fn targets(config: &NotifyConfig) -> impl Iterator<Item = Target<'_>> {
    let NotifyConfig { slack, dingtalk, feishu, webhook, .. } = config;
    [
        ("slack", slack.url.as_ref(), Way::Slack, &slack.kinds),
        ("dingtalk", dingtalk.url.as_ref(), Way::DingTalk(dingtalk.secret.as_ref()), &dingtalk.kinds),
        ("feishu", feishu.url.as_ref(), Way::Feishu(feishu.secret.as_ref()), &feishu.kinds),
        ("webhook", webhook.url.as_ref(), Way::Webhook(&webhook.secrets), &webhook.kinds),
    ]
    .into_iter()
    .filter_map(|(name, url, way, kinds)| Some(Target { name, url: url?, way, kinds }))
    .chain(config.targets.iter().map(Target::further))
}
