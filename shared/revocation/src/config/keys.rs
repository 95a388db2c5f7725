//! The table of all keys.

use super::form::Form;
use super::form::Form::{List, Number, Switch, Text};

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its place in the TOML file.
    pub path: &'static str,
    /// How it is written.
    pub form: Form,
    /// The default, as it is shown.
    pub default: &'static str,
    /// What it means, with unit.
    pub meaning: &'static str,
}

const fn key(path: &'static str, form: Form, default: &'static str, meaning: &'static str) -> Key {
    Key { path, form, default, meaning }
}

/// All settings, in the order of the README's table.
pub const KEYS: &[Key] = &[
    key("region", Text, "cn-hangzhou", "region that hosts are derived from"),
    key("protected", List, "", "user and role ids that nothing takes access from"),
    key(
        "function_roles",
        List,
        "",
        "role ids of the other functions; the role of the running one is asked for",
    ),
    key("store.kind", Text, "sqlite", "what keeps the events: sqlite, for one machine, or tablestore"),
    key("store.path", Text, "reaper.sqlite", "the SQLite file that holds the events"),
    key("store.instance", Text, "", "the Tablestore instance that holds the events"),
    key(
        "store.endpoint",
        Text,
        "",
        "address of Tablestore, in place of the instance's public one in the region",
    ),
    key("store.prefix", Text, "reaper", "what the names of the tables in Tablestore begin with"),
    key(
        "seal.key",
        Text,
        "",
        "the lines of such a file, with commas between, where there is no file that stays, as on Function Compute",
    ),
    key(
        "seal.key_path",
        Text,
        "reaper.key",
        "file with the key that seals the events; without a key nothing is sealed",
    ),
    key(
        "seal.checkpoint_path",
        Text,
        "reaper.checkpoint",
        "file, or object `oss://bucket/path`, that the latest signed checkpoint is kept in; keep copies of it elsewhere",
    ),
    key("api.listen", Text, "127.0.0.1:8080", "address of `reaper serve`"),
    key(
        "api.tokens",
        List,
        "",
        "who may call: `name:role:sha256 of the token`; roles are viewer, operator, approver",
    ),
    key(
        "api.requests_per_minute",
        Number,
        "600",
        "requests that one name may send a minute, to each process or instance by itself",
    ),
    key(
        "api.unauthenticated_per_minute",
        Number,
        "60",
        "the same for all without a good token or signature together; they hold up nobody who has one",
    ),
    key(
        "api.oidc.issuer",
        Text,
        "",
        "OpenID Connect issuer whose tokens (JWT) are taken, as in the claim `iss`",
    ),
    key(
        "api.oidc.audience",
        Text,
        "",
        "what has to be in the claim `aud` of tokens that programs bring along; absent: `client_id`",
    ),
    key(
        "api.oidc.client_id",
        Text,
        "",
        "what the issuer calls this client, to sign people in on the console pages; needs `console.origin`",
    ),
    key("api.oidc.client_secret", Text, "", "what this client shows the issuer; absent: a public client"),
    key(
        "api.oidc.scope",
        Text,
        "openid profile email",
        "what the issuer is asked to tell of people, with spaces between",
    ),
    key("api.oidc.jwks_url", Text, "", "where the issuer's keys are, in place of what its discovery says"),
    key("api.oidc.name_claim", Text, "sub", "claim with the name; one that people cannot change themselves"),
    key("api.oidc.roles_claim", Text, "groups", "claim with the groups"),
    key("api.oidc.roles", List, "", "which role a group has: `group:role`; of several the highest"),
    key(
        "access.scopes",
        List,
        "",
        "what a name is bounded to, everywhere: `name:cluster:id`, `name:uid:id`; repeated for several; none: nothing",
    ),
    key("sweep.interval_seconds", Number, "3600", "seconds from one sweep to the next under `reaper serve`"),
    key("sweep.budget_seconds", Number, "540", "seconds after which a sweep leaves the rest to the next"),
    key("sweep.concurrency", Number, "4", "reads of the cloud under way at once, 1 to 64"),
    key("sweep.expired", Switch, "true", "whether expired kubeconfigs are cleaned up"),
    key("cloud.calls_per_second", Number, "8", "calls a second and service, at the most"),
    key("cloud.activity_state", Switch, "true", "ask the undocumented activity query before the audit log"),
    key(
        "cloud.endpoints.cs",
        Text,
        "",
        "base address of Container Service, in place of its central host for all regions",
    ),
    key("cloud.endpoints.ram", Text, "", "the same for RAM"),
    key("cloud.endpoints.ims", Text, "", "the same for identity management"),
    key("cloud.endpoints.sts", Text, "", "the same for Security Token Service"),
    key("cloud.endpoints.sls", Text, "", "the same for Log Service; the project goes before its host name"),
    key("cloud.endpoints.actiontrail", Text, "", "the same for ActionTrail"),
    key("cloud.endpoints.oss", Text, "", "the same for OSS; the bucket goes before its host name"),
    key(
        "policy.identity_deleted.no_records",
        Text,
        "revoke",
        "deleted identity, not used in 7 days: revoke, hold or leave",
    ),
    key("policy.identity_deleted.records_found", Text, "hold", "deleted identity, used"),
    key("policy.identity_deleted.check_failed", Text, "hold", "deleted identity, use unknown"),
    key("policy.expired.no_records", Text, "revoke", "expired kubeconfig, not used in 7 days"),
    key("policy.expired.records_found", Text, "hold", "expired kubeconfig, used"),
    key("policy.expired.check_failed", Text, "hold", "expired kubeconfig, use unknown"),
    key("policy.requested.no_records", Text, "revoke", "a person asked, not used in 7 days"),
    key("policy.requested.records_found", Text, "hold", "a person asked, used"),
    key("policy.requested.check_failed", Text, "hold", "a person asked, use unknown"),
    key("policy.second_person", Switch, "true", "whether the one who asked may not also approve"),
    key("policy.max_attempts", Number, "5", "calls per revocation before a person has to look"),
    key(
        "policy.ask_again_hours",
        Number,
        "24",
        "hours after which a rule asks again for what the cloud or policy refused",
    ),
    key(
        "policy.hold_days",
        Number,
        "14",
        "days after which a revocation that nobody decided on ends; a rule asks again, 0: never",
    ),
    key(
        "policy.message_hold_days",
        Number,
        "30",
        "days after which a deletion message whose name nobody could tell ends; nothing follows from it, 0: never",
    ),
    key(
        "policy.call_lease_seconds",
        Number,
        "60",
        "seconds that an announced call is left to the process that announced it",
    ),
    key("guard.max_identities", Number, "20", "identities that may lose access by rule within one window"),
    key("guard.max_share", Number, "0.2", "the same as a share of all identities that were seen with access"),
    key("guard.share_floor", Number, "5", "the share is not looked at below this number"),
    key("guard.window_seconds", Number, "3600", "the window, in seconds"),
    key(
        "chat.answer_hosts",
        List,
        "hooks.slack.com, *.dingtalk.com, *.feishu.cn, *.larksuite.com",
        "hosts that answers to chats may be posted to; `*.` for all below; an `http://` origin for tests",
    ),
    key(
        "chat.continuation_url",
        Text,
        "",
        "address of `POST /v1/chat/continuations` on Function Compute; absent: the next sweep goes on with commands",
    ),
    key(
        "chat.commands_per_minute",
        Number,
        "30",
        "commands and buttons of one person a minute, in all chats together; each process counts for itself",
    ),
    key("chat.slack.signing_secrets", List, "", "signing secrets of the Slack app, the present one first"),
    key("chat.slack.bot", Text, "slack-bot", "its name in the history"),
    key("chat.slack.users", List, "", "people, as `id:name:role`; roles are viewer, operator, approver"),
    key("chat.dingtalk.app_secrets", List, "", "app secrets of the DingTalk robot, the present one first"),
    key("chat.dingtalk.bot", Text, "dingtalk-bot", "its name in the history"),
    key("chat.dingtalk.users", List, "", "people, as `staff id:name:role`"),
    key("chat.dingtalk.conversations", List, "", "ids of the conversations that commands are taken from"),
    key(
        "chat.feishu.encrypt_keys",
        List,
        "",
        "encrypt keys of the Feishu or Lark app, the present one first",
    ),
    key("chat.feishu.verification_tokens", List, "", "verification tokens of the app"),
    key("chat.feishu.bot", Text, "feishu-bot", "its name in the history"),
    key("chat.feishu.users", List, "", "people, as `open id:name:role`"),
    key(
        "chat.feishu.window_seconds",
        Number,
        "300",
        "how old, or how far ahead, a request may be, 1 to 3600",
    ),
    key("chat.feishu.app_id", Text, "", "the app's id, to answer with"),
    key("chat.feishu.app_secret", Text, "", "the app's secret, to answer with"),
    key(
        "chat.feishu.api",
        Text,
        "https://open.feishu.cn",
        "base address of the interface that answers go to",
    ),
    key(
        "notify.slack.url",
        Text,
        "",
        "address of an incoming webhook of a Slack app; whoever has it can write there",
    ),
    key(
        "notify.slack.kinds",
        List,
        "deletion, held, lapsed, refused, confirmed, failed, expiring, guard, overdue",
        "what it is told of",
    ),
    key("notify.dingtalk.url", Text, "", "address of a DingTalk robot, with its access token"),
    key("notify.dingtalk.secret", Text, "", "what its messages are signed with"),
    key(
        "notify.dingtalk.kinds",
        List,
        "deletion, held, lapsed, refused, confirmed, failed, expiring, guard, overdue",
        "what it is told of",
    ),
    key("notify.feishu.url", Text, "", "address of a Feishu or Lark custom bot"),
    key("notify.feishu.secret", Text, "", "what its messages are signed with"),
    key(
        "notify.feishu.kinds",
        List,
        "deletion, held, lapsed, refused, confirmed, failed, expiring, guard, overdue",
        "what it is told of",
    ),
    key("notify.webhook.url", Text, "", "address of a program that takes Standard Webhooks"),
    key(
        "notify.webhook.secrets",
        List,
        "",
        "`whsec_…` secrets that its messages are signed with, with all of them at once",
    ),
    key(
        "notify.webhook.kinds",
        List,
        "deletion, held, lapsed, refused, confirmed, failed, expiring, guard, overdue",
        "what it is told of",
    ),
    key(
        "notify.targets",
        List,
        "",
        "further targets, each `NAME SYSTEM URL [secret=…] [kinds=held+failed]`; the system is slack, dingtalk, feishu or webhook",
    ),
    key(
        "notify.digest_above",
        Number,
        "5",
        "more messages of one kind than this at once become one that sums them up",
    ),
    key(
        "notify.expiring_days",
        Number,
        "14",
        "days before its end at which a kubeconfig is told to expire; 0: never",
    ),
    key(
        "notify.private_hosts",
        List,
        "",
        "hosts that messages may go to although they are in a private network; an `http://` origin also without TLS",
    ),
    key(
        "notify.lease_seconds",
        Number,
        "30",
        "seconds that an announced message is left to the process that announced it",
    ),
    key(
        "notify.retry_seconds",
        Number,
        "10",
        "seconds before a message is sent for the second time; four times as long each time, an hour at most",
    ),
    key(
        "console.session_key",
        Text,
        "",
        "signs the sessions of browsers, 32 bytes or more; absent: nobody signs in, or, under `reaper serve`, one for its life",
    ),
    key("console.session_hours", Number, "8", "hours that somebody stays signed in, 1 to 168"),
    key(
        "console.origin",
        Text,
        "",
        "address that browsers see, e.g. https://reaper.example.com, where a proxy puts another into `Host`",
    ),
    key(
        "history.record_searches",
        Switch,
        "false",
        "store who searches the history for what (`HistoryQueried`); who takes an export is always stored",
    ),
];

impl Key {
    /// The name of its variable, e.g. `REAPER_STORE_PATH`.
    pub fn variable(&self) -> String {
        format!("REAPER_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// The key of a variable.
    pub(super) fn of_variable(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.variable() == name)
    }

    /// Whether this is how deployments leave it out: an empty text where none is the default. Tools that deploy functions cannot
    /// leave a variable out.
    pub(super) fn is_left_out(&self, text: &str) -> bool {
        matches!(self.form, Text) && self.default.is_empty() && text.is_empty()
    }

    /// The variable that shares the longest beginning or end with a misspelt one.
    pub(super) fn nearest(name: &str) -> Option<String> {
        let likeness = |variable: &str| {
            let same =
                |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.take_while(|(a, b)| a == b).count();
            same(&mut variable.chars().zip(name.chars()))
                + same(&mut variable.chars().rev().zip(name.chars().rev()))
        };
        let best = KEYS.iter().map(Self::variable).max_by_key(|variable| likeness(variable))?;
        (likeness(&best) > "REAPER_".len() + 3).then_some(best)
    }
}
