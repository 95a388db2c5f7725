//! Chat systems: what their requests are checked with, who is who, and where answers may go.

use ::chat::{Person, Secret, Secrets, System};
use serde::{Deserialize, Serialize};

/// Chat systems. One without its secrets is switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChatConfig {
    /// Where answers may be posted: hosts, `*.` before one for all below it; or an origin that begins with `http://`.
    pub answer_hosts: Vec<String>,
    /// The address of the route that goes on with commands, to be called by the function itself.
    pub continuation_url: Option<String>,
    /// Commands and buttons that one person may send a minute, in all chats together. Each process counts for itself.
    pub commands_per_minute: u32,
    /// Slack.
    pub slack: SlackConfig,
    /// DingTalk.
    pub dingtalk: DingTalkConfig,
    /// Feishu and Lark.
    pub feishu: FeishuConfig,
}

/// Slack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlackConfig {
    /// Signing secrets of the app.
    pub signing_secrets: Secrets,
    /// The bot's name in the history.
    pub bot: String,
    /// People, as `id:name:role`.
    pub users: Vec<Person>,
}

/// DingTalk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DingTalkConfig {
    /// App secrets of the robot.
    pub app_secrets: Secrets,
    /// The bot's name in the history.
    pub bot: String,
    /// People, as `staff id:name:role`.
    pub users: Vec<Person>,
    /// Ids of the conversations that commands are taken from.
    pub conversations: Vec<String>,
}

/// Feishu and Lark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeishuConfig {
    /// Encrypt keys of the app.
    pub encrypt_keys: Secrets,
    /// Verification tokens of the app.
    pub verification_tokens: Secrets,
    /// The bot's name in the history.
    pub bot: String,
    /// People, as `open id:name:role`.
    pub users: Vec<Person>,
    /// How old, or how far ahead, a request may be, in seconds.
    pub window_seconds: u32,
    /// The app's id, to answer with.
    pub app_id: Option<String>,
    /// The app's secret, to answer with.
    pub app_secret: Option<Secret>,
    /// Base address of the interface that answers go to.
    pub api: String,
}

/// What the three have in common.
#[derive(Debug, Clone, Copy)]
pub struct ChatApp<'a> {
    /// What buttons and addresses are signed and sealed with: the present one first.
    pub secrets: &'a Secrets,
    /// The bot's name in the history.
    pub bot: &'a str,
    /// Who is who.
    pub users: &'a [Person],
}

impl Default for ChatConfig {
    fn default() -> Self {
        let hosts = ["hooks.slack.com", "*.dingtalk.com", "*.feishu.cn", "*.larksuite.com"];
        Self {
            answer_hosts: hosts.map(str::to_owned).to_vec(),
            continuation_url: None,
            commands_per_minute: 30,
            slack: SlackConfig::default(),
            dingtalk: DingTalkConfig::default(),
            feishu: FeishuConfig::default(),
        }
    }
}

impl Default for SlackConfig {
    fn default() -> Self {
        Self { signing_secrets: Secrets::default(), bot: "slack-bot".into(), users: vec![] }
    }
}

impl Default for DingTalkConfig {
    fn default() -> Self {
        Self {
            app_secrets: Secrets::default(),
            bot: "dingtalk-bot".into(),
            users: vec![],
            conversations: vec![],
        }
    }
}

impl Default for FeishuConfig {
    fn default() -> Self {
        Self {
            encrypt_keys: Secrets::default(),
            verification_tokens: Secrets::default(),
            bot: "feishu-bot".into(),
            users: vec![],
            window_seconds: 300,
            app_id: None,
            app_secret: None,
            api: "https://open.feishu.cn".into(),
        }
    }
}

impl ChatConfig {
    /// One system's app.
    pub fn app(&self, system: System) -> ChatApp<'_> {
        match system {
            System::Slack => ChatApp {
                secrets: &self.slack.signing_secrets,
                bot: &self.slack.bot,
                users: &self.slack.users,
            },
            System::DingTalk => ChatApp {
                secrets: &self.dingtalk.app_secrets,
                bot: &self.dingtalk.bot,
                users: &self.dingtalk.users,
            },
            System::Feishu => ChatApp {
                secrets: &self.feishu.encrypt_keys,
                bot: &self.feishu.bot,
                users: &self.feishu.users,
            },
        }
    }

    /// What types alone cannot say.
    pub(super) fn problem(&self) -> Option<String> {
        for system in [System::Slack, System::DingTalk, System::Feishu] {
            if let Some((early, late)) = ::chat::people::contradiction(self.app(system).users) {
                return Some(format!(
                    "chat.{system}.users: entries {early} and {late} give one id twice, or one name two roles"
                ));
            }
        }
        if self.commands_per_minute == 0 {
            return Some("chat.commands_per_minute has to be at least 1".into());
        }
        if self.feishu.window_seconds == 0 || self.feishu.window_seconds > 3600 {
            return Some("chat.feishu.window_seconds has to lie between 1 and 3600".into());
        }
        (self.feishu.app_id.is_some() != self.feishu.app_secret.is_some())
            .then(|| "chat.feishu.app_id and chat.feishu.app_secret go together".into())
    }
}

impl ChatApp<'_> {
    /// The person of an id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.users.iter().find(|person| person.id == id)
    }
}
