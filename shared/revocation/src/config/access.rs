//! What people and tokens may see and act upon.

use std::str::FromStr;

use ::chat::System;
use kubeconfig::{Bound, Scope};
use serde::{Deserialize, Serialize};

use super::Config;

/// Bounds by the name that stands in the history: one way for tokens, chats and sign-ins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessConfig {
    /// `name:cluster:id` and `name:uid:id`. Who has none is bounded by nothing.
    pub scopes: Vec<Bounded>,
}

/// One bound of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bounded {
    /// The name of a token or person.
    pub name: String,
    /// What it is bounded to.
    pub bound: Bound,
}

impl FromStr for Bounded {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no scope: it is written name:cluster:ID or name:uid:ID");
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let [name, kind, id] = parts[..] else { return Err(wrong()) };
        let bound = match kind {
            "cluster" => Bound::Cluster(id.parse().map_err(|_| wrong())?),
            "uid" => Bound::Identity(id.parse().map_err(|_| wrong())?),
            _ => return Err(wrong()),
        };
        if name.is_empty() {
            return Err(wrong());
        }
        Ok(Self { name: name.to_owned(), bound })
    }
}

impl TryFrom<String> for Bounded {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Bounded> for String {
    fn from(bounded: Bounded) -> Self {
        match bounded.bound {
            Bound::Cluster(id) => format!("{}:cluster:{id}", bounded.name),
            Bound::Identity(uid) => format!("{}:uid:{uid}", bounded.name),
        }
    }
}

impl AccessConfig {
    /// What a name may see and act upon.
    pub fn scope_of(&self, name: &str) -> Scope {
        Scope::of(self.scopes.iter().filter(|bounded| bounded.name == name).map(|bounded| &bounded.bound))
    }
}

impl Config {
    /// A misspelt name would leave the one that was meant without bounds. Where people sign in, names are not known before.
    pub(super) fn unknown_in_scopes(&self) -> Option<String> {
        if self.api.oidc.issuer.is_some() {
            return None;
        }
        let of_tokens = self.api.tokens.iter().filter_map(|entry| entry.split(':').next()).map(str::trim);
        let systems = [System::Slack, System::DingTalk, System::Feishu];
        let of_chats = systems.iter().flat_map(|system| self.chat.app(*system).users);
        let known: Vec<&str> = of_tokens.chain(of_chats.map(|person| person.name.as_str())).collect();
        let unknown = self.access.scopes.iter().find(|bounded| !known.contains(&bounded.name.as_str()))?;
        Some(format!(
            "access.scopes: nobody has the name `{}`, no token and no person of a chat",
            unknown.name
        ))
    }
}
