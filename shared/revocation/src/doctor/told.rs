//! Notifications: whether each target is set up such that it can be told. Nothing is sent to any of them.

use std::time::Duration;

use chat::Secret;
use event_store::{EventStore, Filter, Order, StoreError};
use futures::future::join_all;
use jiff::Timestamp;
use kubeconfig::notification::{self, Kind};
use kubeconfig::run::RunEvent;
use kubeconfig::{Event, Recorded, StreamId};

use super::{Finding, ago};
use crate::config::{MoreTarget, NotifyConfig, TargetWay};
use crate::outbound;

const CHECK: &str = "notify";

/// How long a target may take to accept a connection.
const CONNECT_MAX: Duration = Duration::from_secs(5);

/// How many of the latest outcomes are looked at for each target's own.
const OUTCOMES: u32 = 200;

/// Hosts and beginnings of paths of the addresses that a system gives out. Sources: Slack's "Sending messages using incoming
/// webhooks", DingTalk's and Feishu's pages on custom robots.
type GivenOut = &'static [(&'static str, &'static str)];

const SLACK: GivenOut = &[("hooks.slack.com", "/services/"), ("hooks.slack.com", "/workflows/")];
const DINGTALK: GivenOut = &[("oapi.dingtalk.com", "/robot/send")];
const FEISHU: GivenOut =
    &[("open.feishu.cn", "/open-apis/bot/v2/hook/"), ("open.larksuite.com", "/open-apis/bot/v2/hook/")];
/// Anybody may take webhooks.
const ANYBODY: GivenOut = &[];

/// A target as it is configured.
struct Target<'a> {
    name: &'a str,
    /// Whether it is one of `notify.targets`, in place of one with settings of its own.
    is_further: bool,
    url: Option<&'a Secret>,
    kinds: &'a [Kind],
    /// Whether messages are signed; `None` where the address alone is the secret.
    signed: Option<bool>,
    given_out: GivenOut,
}

impl<'a> Target<'a> {
    fn all(config: &'a NotifyConfig) -> Vec<Self> {
        let NotifyConfig { slack, dingtalk, feishu, webhook, .. } = config;
        let own = |name, url: &'a Option<Secret>, kinds, signed, given_out| Self {
            name,
            is_further: false,
            url: url.as_ref(),
            kinds,
            signed,
            given_out,
        };
        let signs = |secret: &Option<Secret>| Some(secret.is_some());
        let mut all = vec![
            own("slack", &slack.url, &slack.kinds, None, SLACK),
            own("dingtalk", &dingtalk.url, &dingtalk.kinds, signs(&dingtalk.secret), DINGTALK),
            own("feishu", &feishu.url, &feishu.kinds, signs(&feishu.secret), FEISHU),
            own("webhook", &webhook.url, &webhook.kinds, Some(!webhook.secrets.is_empty()), ANYBODY),
        ];
        all.extend(config.targets.iter().map(Self::further));
        all
    }

    fn further(target: &'a MoreTarget) -> Self {
        let (signed, given_out) = match &target.way {
            TargetWay::Slack => (None, SLACK),
            TargetWay::DingTalk(secret) => (Some(secret.is_some()), DINGTALK),
            TargetWay::Feishu(secret) => (Some(secret.is_some()), FEISHU),
            TargetWay::Webhook(keys) => (Some(!keys.is_empty()), ANYBODY),
        };
        let (name, url, kinds) = (target.name.as_str(), Some(&target.url), &*target.kinds);
        Self { name, is_further: true, url, kinds, signed, given_out }
    }

    /// Where that part of it is set.
    fn setting(&self, part: &str) -> String {
        match self.is_further {
            true => format!("the {part} of `{}` in notify.targets", self.name),
            false => format!("notify.{}.{part}", self.name),
        }
    }

    /// What the settings say by themselves.
    fn oddities(&self, url: &Secret, private_hosts: &[String]) -> Vec<Finding> {
        let mut odd = vec![];
        if self.kinds.is_empty() {
            let next = format!("name what it is told of in {}, or take it out", self.setting("kinds"));
            odd.push(Finding::warn(CHECK, "it is told of nothing").next(next));
        }
        if self.signed == Some(false) {
            let next = format!("set {}, and let the robot ask for signatures", self.setting("secret"));
            odd.push(
                Finding::warn(CHECK, "messages go unsigned: whoever learns the address can write there")
                    .next(next),
            );
        }
        if !self.is_given_out(url, private_hosts) {
            let next = format!("compare {} with what the system shows", self.setting("url"));
            odd.push(Finding::warn(CHECK, "its address is none that this system gives out").next(next));
        }
        odd
    }

    /// A host of one's own may stand before the system's.
    fn is_given_out(&self, url: &Secret, private_hosts: &[String]) -> bool {
        let Ok((url, is_own)) = outbound::written_well(url.expose(), private_hosts) else { return false };
        let mut known = self.given_out.iter();
        is_own
            || self.given_out.is_empty()
            || known.any(|(host, path)| url.host_str() == Some(host) && url.path().starts_with(path))
    }

    async fn examine(&self, private_hosts: &[String]) -> Vec<Finding> {
        let Some(url) = self.url else {
            let next = format!("set {}, or take the secret out", self.setting("url"));
            let orphaned = Finding::warn(CHECK, "it has a secret and no address: nobody is told").next(next);
            return if self.signed == Some(true) { vec![orphaned] } else { vec![] };
        };
        let mut findings = self.oddities(url, private_hosts);
        match reach(url, private_hosts).await {
            Err(why) => findings.push(
                Finding::fail(CHECK, format!("{why}; nothing was sent"))
                    .next("look from where the functions run; `reaper notify test` sends a message"),
            ),
            Ok(()) if findings.is_empty() => findings.push(Finding::ok(
                CHECK,
                "its settings fit, and somebody accepts connections there; nothing was sent: `reaper notify test` does",
            )),
            Ok(()) => {}
        }
        findings
    }
}

/// Connects, and lets go at once: whoever is there has been told nothing.
async fn reach(url: &Secret, private_hosts: &[String]) -> Result<(), String> {
    let connected = async {
        let destination =
            outbound::destination(url.expose(), private_hosts).await.map_err(|why| why.to_string())?;
        destination
            .connect()
            .await
            .map_err(|error| format!("nobody accepts connections there: {}", error.kind()))
    };
    let in_time = tokio::time::timeout(CONNECT_MAX, connected).await;
    in_time.unwrap_or_else(|_| Err("nobody accepted a connection there in time".to_owned()))
}

/// Each target by its settings, and whether it can be reached from here.
pub(super) async fn examine(config: &NotifyConfig) -> Vec<Finding> {
    let targets = Target::all(config);
    let examined = join_all(targets.iter().map(|target| async {
        let findings = target.examine(&config.private_hosts).await;
        findings.into_iter().map(|finding| finding.about(target.name)).collect::<Vec<_>>()
    }));
    let findings: Vec<Finding> = examined.await.into_iter().flatten().collect();
    match findings.is_empty() {
        true => vec![Finding::skip(CHECK, "no target has an address: people are told nothing")],
        false => findings,
    }
}

/// What became of the latest message to each target that has an address.
pub(super) async fn outcomes(store: &dyn EventStore, config: &NotifyConfig, now: Timestamp) -> Vec<Finding> {
    const CHECK: &str = "notified";
    let latest = match latest_outcomes(store).await {
        Ok(latest) => latest,
        Err(error) => return vec![Finding::fail(CHECK, error.to_string())],
    };
    let with_address = Target::all(config).into_iter().filter(|target| target.url.is_some());
    let findings = with_address.map(|target| {
        let stream = StreamId::Run(notification::stream(target.name));
        let outcome = latest.iter().find(|event| event.stream == stream);
        outcome_of(CHECK, outcome, now).about(target.name)
    });
    findings.collect()
}

async fn latest_outcomes(store: &dyn EventStore) -> Result<Vec<Recorded>, StoreError> {
    let types = ["NotificationDelivered", "NotificationFailed", "NotificationAbandoned"];
    let filter = Filter { types: types.map(str::to_owned).to_vec(), ..Filter::default() };
    Ok(store.query(&filter, Order::Newest, None, OUTCOMES).await?.events)
}

fn outcome_of(check: &'static str, outcome: Option<&Recorded>, now: Timestamp) -> Finding {
    let Some(outcome) = outcome else {
        return Finding::skip(check, "nothing was told there lately");
    };
    let when = ago(outcome.recorded_at, now);
    let next = "`reaper notify test` tries it, once what it says is mended";
    match &outcome.event {
        Event::Run(RunEvent::NotificationFailed { why, .. }) => {
            Finding::warn(check, format!("it did not take the latest message, {when}: {why}")).next(next)
        }
        Event::Run(RunEvent::NotificationAbandoned { why, .. }) => {
            Finding::warn(check, format!("a message was given up {when}, after a day: {why}")).next(next)
        }
        _ => Finding::ok(check, format!("it took the latest message {when}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_the_system_does_not_give_out_is_told_from_one_that_it_does() {
        let given_out = |name: &str, url: &str, private_hosts: &[&str]| {
            let hosts: Vec<String> = private_hosts.iter().map(|host| (*host).to_owned()).collect();
            let config = NotifyConfig::default();
            let target = Target::all(&config).into_iter().find(|target| target.name == name).unwrap();
            target.is_given_out(&Secret::try_from(url.to_owned()).unwrap(), &hosts)
        };
        for (name, url) in [
            ("slack", "https://hooks.slack.com/services/T1/B1/x"),
            ("dingtalk", "https://oapi.dingtalk.com/robot/send?access_token=x"),
            ("feishu", "https://open.feishu.cn/open-apis/bot/v2/hook/x"),
            ("feishu", "https://open.larksuite.com/open-apis/bot/v2/hook/x"),
            ("webhook", "https://example.com/any"),
        ] {
            assert!(given_out(name, url, &[]), "{name} {url}");
        }
        for (name, url) in [
            ("slack", "https://slack.com/services/T1/B1/x"),
            ("slack", "https://hooks.slack.com/commands/T1/1/x"),
            ("slack", "https://hooks.slack.com.example.com/services/T1/B1/x"),
            ("dingtalk", "https://open.feishu.cn/open-apis/bot/v2/hook/x"),
            ("feishu", "https://oapi.dingtalk.com/robot/send?access_token=x"),
        ] {
            assert!(!given_out(name, url, &[]), "{name} {url}");
        }
        assert!(
            given_out("slack", "https://relay.corp.example/slack", &["relay.corp.example"]),
            "one's own relay"
        );
    }
}
