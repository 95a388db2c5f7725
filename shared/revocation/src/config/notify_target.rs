//! Further targets of notifications, each in one line.

use std::fmt;
use std::str::FromStr;

use ::chat::Secret;
use ::chat::webhook::Key;
use kubeconfig::notification::Kind;
use serde::{Deserialize, Serialize};

/// The longest name, in bytes.
const NAME_MAX: usize = 32;

/// Names of those that have keys of their own.
const FIRST_OF_THEIR_KIND: [&str; 4] = ["slack", "dingtalk", "feishu", "webhook"];

/// A target, as `NAME SYSTEM URL [secret=…] [kinds=held+failed]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MoreTarget {
    /// Its name; part of the names of streams and messages.
    pub name: String,
    /// How it is told.
    pub way: TargetWay,
    /// The address: whoever has it can write there.
    pub url: Secret,
    /// What it is told of.
    pub kinds: Vec<Kind>,
}

/// How a target is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetWay {
    /// An incoming webhook of a Slack app.
    Slack,
    /// A DingTalk robot, and what its messages are signed with.
    DingTalk(Option<Secret>),
    /// A Feishu or Lark custom bot, and what its messages are signed with.
    Feishu(Option<Secret>),
    /// A program that takes Standard Webhooks, and what its messages are signed with.
    Webhook(Vec<Key>),
}

/// What is wrong with a target. Nothing of its address or secrets is quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoreTargetError {
    /// Too few words, or one that is none of the options.
    #[error("a target is written NAME SYSTEM URL [secret=SECRET] [kinds=held+failed], with spaces between")]
    Form,
    /// A name that does not fit.
    #[error(
        "the name of a target has 1 to {NAME_MAX} small letters, digits and hyphens, and is not slack, dingtalk, feishu or webhook"
    )]
    Name,
    /// A system that does not exist.
    #[error("the system of a target is slack, dingtalk, feishu or webhook")]
    System,
    /// An address or a secret that cannot be one.
    #[error(
        "the address or a secret of a target does not fit: a webhook has secrets `whsec_…`, a robot at most one, Slack none"
    )]
    Secret,
    /// A kind that does not exist.
    #[error("the kinds of a target are joined with `+`, e.g. kinds=held+failed")]
    Kinds,
}

impl FromStr for MoreTarget {
    type Err = MoreTargetError;

    fn from_str(text: &str) -> Result<Self, MoreTargetError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [name, system, url, options @ ..] = words.as_slice() else { return Err(MoreTargetError::Form) };
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=NAME_MAX).contains(&name.len())
            || !name.bytes().all(good)
            || FIRST_OF_THEIR_KIND.contains(name)
        {
            return Err(MoreTargetError::Name);
        }
        let (mut secrets, mut kinds) = (vec![], None);
        for option in options {
            match (option.strip_prefix("secret="), option.strip_prefix("kinds=")) {
                (Some(secret), _) => secrets.push(secret.to_owned()),
                (_, Some(written)) if kinds.is_none() => kinds = Some(read_kinds(written)?),
                _ => return Err(MoreTargetError::Form),
            }
        }
        let url = (*url).to_owned().try_into().map_err(|_| MoreTargetError::Secret)?;
        let kinds = kinds.unwrap_or_else(|| Kind::NEWS.to_vec());
        Ok(Self { name: (*name).to_owned(), way: way(system, secrets)?, url, kinds })
    }
}

fn way(system: &str, secrets: Vec<String>) -> Result<TargetWay, MoreTargetError> {
    let one = |mut secrets: Vec<String>| match (secrets.pop(), secrets.pop()) {
        (None, _) => Ok(None),
        (Some(secret), None) => secret.try_into().map(Some).map_err(|_| MoreTargetError::Secret),
        _ => Err(MoreTargetError::Secret),
    };
    match system {
        "slack" if secrets.is_empty() => Ok(TargetWay::Slack),
        "slack" => Err(MoreTargetError::Secret),
        "dingtalk" => one(secrets).map(TargetWay::DingTalk),
        "feishu" => one(secrets).map(TargetWay::Feishu),
        "webhook" => {
            let keys: Result<Vec<Key>, _> = secrets.into_iter().map(Key::try_from).collect();
            let keys = keys.map_err(|_| MoreTargetError::Secret)?;
            if keys.is_empty() { Err(MoreTargetError::Secret) } else { Ok(TargetWay::Webhook(keys)) }
        }
        _ => Err(MoreTargetError::System),
    }
}

fn read_kinds(written: &str) -> Result<Vec<Kind>, MoreTargetError> {
    let kind = |word: &str| Kind::all().find(|kind| kind.as_str() == word);
    written.split('+').map(|word| kind(word).ok_or(MoreTargetError::Kinds)).collect()
}

impl TryFrom<String> for MoreTarget {
    type Error = MoreTargetError;

    fn try_from(text: String) -> Result<Self, MoreTargetError> {
        text.parse()
    }
}

/// A configuration that is shown shows neither address nor secrets.
impl From<MoreTarget> for String {
    fn from(target: MoreTarget) -> Self {
        target.to_string()
    }
}

impl fmt::Display for MoreTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let system = match self.way {
            TargetWay::Slack => "slack",
            TargetWay::DingTalk(_) => "dingtalk",
            TargetWay::Feishu(_) => "feishu",
            TargetWay::Webhook(_) => "webhook",
        };
        let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.as_str()).collect();
        write!(f, "{} {system} [redacted] kinds={}", self.name, kinds.join("+"))
    }
}

impl fmt::Debug for MoreTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "secret=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn read(text: &str) -> Result<MoreTarget, MoreTargetError> {
        text.parse()
    }

    #[test]
    fn a_target_is_one_line_and_is_shown_without_what_is_secret() {
        let target =
            read("ops dingtalk https://x.example/robot?t=hush secret=SEC-hush-hush kinds=held+failed")
                .unwrap();
        assert_eq!((target.name.as_str(), &target.kinds), ("ops", &vec![Kind::Held, Kind::Failed]));
        assert_eq!(target.url.expose(), "https://x.example/robot?t=hush");
        assert!(
            matches!(&target.way, TargetWay::DingTalk(Some(secret)) if secret.expose() == "SEC-hush-hush")
        );
        assert_eq!(format!("{target:?}"), "ops dingtalk [redacted] kinds=held+failed");
        let all = read(&format!("pager webhook https://x.example/hook {KEY} {KEY}")).unwrap();
        assert_eq!(all.kinds, Kind::NEWS);
        assert!(matches!(all.way, TargetWay::Webhook(keys) if keys.len() == 2));
    }

    #[test]
    fn anything_else_is_an_error_that_quotes_nothing() {
        let url = "https://x.example/hush";
        for (text, error) in [
            (String::new(), MoreTargetError::Form),
            ("ops slack".into(), MoreTargetError::Form),
            (format!("ops slack {url} loud"), MoreTargetError::Form),
            (format!("ops slack {url} kinds=held kinds=held"), MoreTargetError::Form),
            (format!("slack slack {url}"), MoreTargetError::Name),
            (format!("Ops slack {url}"), MoreTargetError::Name),
            (format!("ops pager {url}"), MoreTargetError::System),
            (format!("ops slack {url} secret=hush-hush-hush"), MoreTargetError::Secret),
            (format!("ops webhook {url}"), MoreTargetError::Secret),
            (format!("ops webhook {url} secret=hush-hush-hush"), MoreTargetError::Secret),
            (format!("ops dingtalk {url} secret=hush-hush secret=hush-hush"), MoreTargetError::Secret),
            (format!("ops slack {url} kinds=held,failed"), MoreTargetError::Kinds),
            (format!("ops slack {url} kinds="), MoreTargetError::Kinds),
        ] {
            let got = read(&text).unwrap_err();
            assert_eq!(got, error, "{text}");
            assert!(!got.to_string().contains("hush"));
        }
    }
}
