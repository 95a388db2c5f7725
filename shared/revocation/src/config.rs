//! Configuration: one typed struct, read from the environment (`REAPER_…`) over an optional TOML file.
//!
//! Every key is in [`KEYS`]; the table in the README is made from it, and a test holds the two together. A key that
//! does not exist and a value that does not fit are errors that name the key.

mod access;
mod chat;
mod console;
mod form;
mod history;
mod keys;
mod notify;
mod notify_target;
mod oidc;
mod seal;
mod source;

use std::path::{Path, PathBuf};
use std::time::Duration;

use kubeconfig::Uid;
use kubeconfig::guard::Guard;
use kubeconfig::policy::Policy;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use access::{AccessConfig, Bounded};
pub use chat::{ChatApp, ChatConfig, DingTalkConfig, FeishuConfig, SlackConfig};
pub use console::ConsoleConfig;
pub use history::HistoryConfig;
pub use keys::{KEYS, Key};
pub use notify::{NotifyConfig, RobotTarget, SlackTarget, WebhookTarget};
pub use notify_target::{MoreTarget, MoreTargetError, TargetWay};
pub use oidc::OidcConfig;
pub use seal::SealConfig;

/// All settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The region that clusters are listed from and that region hosts are derived from.
    pub region: String,
    /// Identities that nothing takes access from.
    pub protected: Vec<Uid>,
    /// Ids of the RAM roles that the functions run under, beside the role of the running one, which is asked for.
    pub function_roles: Vec<Uid>,
    /// Where events are stored.
    pub store: StoreConfig,
    /// What makes changes to stored events show.
    pub seal: SealConfig,
    /// The HTTP interface.
    pub api: ApiConfig,
    /// What people and tokens may see and act upon.
    pub access: AccessConfig,
    /// The sweep.
    pub sweep: SweepConfig,
    /// Calls to the cloud.
    pub cloud: CloudConfig,
    /// What to do with the answers of the seven-day check.
    pub policy: Policy,
    /// How many identities may lose access by rule alone.
    pub guard: GuardConfig,
    /// Chat systems that commands come from.
    pub chat: ChatConfig,
    /// Who is told of what.
    pub notify: NotifyConfig,
    /// The console pages.
    pub console: ConsoleConfig,
    /// The history.
    pub history: HistoryConfig,
}

/// Where events are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreConfig {
    /// What keeps them.
    pub kind: StoreKind,
    /// The SQLite file.
    pub path: PathBuf,
    /// The Tablestore instance.
    pub instance: Option<String>,
    /// The address of Tablestore, in place of the instance's public one in the region.
    pub endpoint: Option<String>,
    /// What the names of the tables begin with.
    pub prefix: String,
}

/// What keeps events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// A file, for one machine.
    #[default]
    Sqlite,
    /// Tables of Tablestore, for any number of machines.
    Tablestore,
}

/// The HTTP interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiConfig {
    /// The address that `reaper serve` listens on.
    pub listen: String,
    /// Who may call: `name:role:sha256`, with the SHA-256 of the token in hex, so that the configuration holds no secret.
    pub tokens: Vec<String>,
    /// Requests that one caller may send a minute. Each process counts for itself.
    pub requests_per_minute: u32,
    /// Requests without a good token or signature that are answered a minute, all together.
    pub unauthenticated_per_minute: u32,
    /// Sign-in of people.
    pub oidc: OidcConfig,
}

/// The sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SweepConfig {
    /// Seconds from one sweep to the next under `reaper serve`.
    pub interval_seconds: u64,
    /// Seconds after which a sweep stops and leaves the rest to the next.
    pub budget_seconds: u64,
    /// Reads of the cloud under way at once.
    pub concurrency: usize,
    /// Whether expired kubeconfigs of identities that exist are cleaned up, too.
    pub expired: bool,
}

/// Calls to the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CloudConfig {
    /// Calls a second and service, at the most.
    pub calls_per_second: u32,
    /// The undocumented activity query of CS, asked before the audit log.
    pub activity_state: bool,
    /// Base addresses in place of the region's hosts, for private endpoints and tests.
    pub endpoints: EndpointConfig,
}

/// Base addresses by service, e.g. `https://cs-anony-vpc.cn-hangzhou.aliyuncs.com`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EndpointConfig {
    /// Container Service.
    pub cs: Option<String>,
    /// RAM.
    pub ram: Option<String>,
    /// Identity management.
    pub ims: Option<String>,
    /// Security Token Service.
    pub sts: Option<String>,
    /// Log Service.
    pub sls: Option<String>,
    /// ActionTrail.
    pub actiontrail: Option<String>,
    /// Object Storage Service.
    pub oss: Option<String>,
}

/// Guards against a flood of deletions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardConfig {
    /// Identities that may lose access by rule within one window.
    pub max_identities: u32,
    /// The same as a share of all identities known, from 0 to 1.
    pub max_share: f64,
    /// The share is not looked at below this number of identities.
    pub share_floor: u32,
    /// The window in seconds.
    pub window_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            region: "cn-hangzhou".into(),
            protected: vec![],
            function_roles: vec![],
            store: StoreConfig::default(),
            seal: SealConfig::default(),
            api: ApiConfig::default(),
            access: AccessConfig::default(),
            sweep: SweepConfig::default(),
            cloud: CloudConfig::default(),
            policy: Policy::default(),
            guard: GuardConfig::default(),
            chat: ChatConfig::default(),
            notify: NotifyConfig::default(),
            console: ConsoleConfig::default(),
            history: HistoryConfig::default(),
        }
    }
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            kind: StoreKind::default(),
            path: "reaper.sqlite".into(),
            instance: None,
            endpoint: None,
            prefix: "reaper".into(),
        }
    }
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            tokens: vec![],
            requests_per_minute: 600,
            unauthenticated_per_minute: 60,
            oidc: OidcConfig::default(),
        }
    }
}

impl Default for SweepConfig {
    fn default() -> Self {
        Self { interval_seconds: 3600, budget_seconds: 540, concurrency: 4, expired: true }
    }
}

impl Default for CloudConfig {
    fn default() -> Self {
        Self { calls_per_second: 8, activity_state: true, endpoints: EndpointConfig::default() }
    }
}

impl Default for GuardConfig {
    fn default() -> Self {
        let Guard { max_identities, max_share, share_floor } = Guard::default();
        Self { max_identities, max_share, share_floor, window_seconds: 3600 }
    }
}

impl GuardConfig {
    /// The bounds, for the core.
    pub const fn bounds(&self) -> Guard {
        Guard {
            max_identities: self.max_identities,
            max_share: self.max_share,
            share_floor: self.share_floor,
        }
    }

    /// The window.
    pub const fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds)
    }
}

/// Why the configuration cannot be used. Nothing is started with half a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("cannot read the configuration file {path}: {problem}")]
    NotToml {
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line.
        problem: String,
    },
    /// The object that the configuration stands in cannot be read, or does not hold one.
    #[error("cannot read the configuration from {place}: {problem}")]
    Object {
        /// What was named.
        place: String,
        /// What is wrong, and what to do about it; quotes nothing that it holds.
        problem: String,
    },
    /// A variable that begins with `REAPER_` and is no key.
    #[error("there is no setting {name}{}", suggestion.as_ref().map(|s| format!("; did you mean {s}?")).unwrap_or_default())]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The key that is spelt most like it.
        suggestion: Option<String>,
    },
    /// A value that does not fit, or a key of the file that does not exist.
    #[error("bad configuration: {0}")]
    Bad(String),
}

impl Config {
    /// Reads the file or object named by `REAPER_CONFIG`, if any, and puts the variables over it. An object is
    /// `oss://bucket/path`; it is read once, with the credentials of the process.
    ///
    /// # Errors
    /// Names the file, object, key or variable that is wrong.
    pub async fn load(environment: impl IntoIterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let variables: Vec<(String, String)> =
            environment.into_iter().filter(|(name, _)| name.starts_with("REAPER_")).collect();
        let (named, variables): (Vec<_>, Vec<_>) =
            variables.into_iter().partition(|(name, _)| name == "REAPER_CONFIG");
        let named = named.first().map(|(_, place)| place.as_str());
        let table = match named.filter(|place| !place.is_empty()) {
            None => Table::new(),
            Some(place) if source::is_object(place) => {
                // How the object is reached cannot stand in it.
                source::of_object(place, &Self::merged(Table::new(), &variables)?).await?
            }
            Some(path) => source::of_file(Path::new(path))?,
        };
        Self::merged(table, &variables)?.checked()
    }

    /// Puts the variables over what a file or an object holds.
    fn merged(mut table: Table, variables: &[(String, String)]) -> Result<Self, ConfigError> {
        for (name, text) in variables {
            let key = Key::of_variable(name).ok_or_else(|| ConfigError::UnknownVariable {
                name: name.clone(),
                suggestion: Key::nearest(name),
            })?;
            if key.is_left_out(text) {
                continue;
            }
            let value =
                key.form.read(text).map_err(|problem| ConfigError::Bad(format!("{name}: {problem}")))?;
            insert(&mut table, key.path, value);
        }
        if let Some(problem) = form::wrong_type(&table) {
            return Err(ConfigError::Bad(problem));
        }
        Value::Table(table)
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::Bad(e.to_string().trim().to_owned()))
    }

    /// What types alone cannot say.
    fn checked(self) -> Result<Self, ConfigError> {
        let bad = |text: &str| Err(ConfigError::Bad(text.into()));
        if !(0.0..=1.0).contains(&self.guard.max_share) {
            return bad("guard.max_share has to lie between 0 and 1");
        }
        if !(1..=64).contains(&self.sweep.concurrency) {
            return bad("sweep.concurrency has to lie between 1 and 64");
        }
        if self.sweep.interval_seconds == 0 || self.sweep.budget_seconds == 0 {
            return bad("sweep.interval_seconds and sweep.budget_seconds have to be at least 1");
        }
        if self.api.requests_per_minute == 0 || self.api.unauthenticated_per_minute == 0 {
            return bad("api.requests_per_minute and api.unauthenticated_per_minute have to be at least 1");
        }
        if self.cloud.calls_per_second == 0 {
            return bad("cloud.calls_per_second has to be at least 1");
        }
        if self.policy.max_attempts == 0 {
            return bad("policy.max_attempts has to be at least 1");
        }
        let problem = self
            .chat
            .problem()
            .or_else(|| self.seal.problem())
            .or_else(|| self.notify.problem())
            .or_else(|| self.unknown_in_scopes());
        match problem.or_else(|| self.console.problem()).or_else(|| self.sign_in_problem()) {
            Some(problem) => Err(ConfigError::Bad(problem)),
            None => Ok(self),
        }
    }
}

/// Puts a value at a dotted path.
fn insert(table: &mut Table, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            table.insert(path.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = table.entry(head).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, value);
            }
        }
    }
}
