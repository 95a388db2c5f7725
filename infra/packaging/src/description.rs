//! The description of the deployment: `infra/deployment.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Everything that is deployed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// How functions are started.
    pub runtime: Runtime,
    /// The events that one of them is told.
    pub events: Events,
    /// Where events are stored.
    pub store: Store,
    /// The functions by name.
    pub functions: BTreeMap<String, Function>,
    /// The address that the HTTP functions share.
    pub domain: Domain,
    /// Groups of permissions by name.
    pub permissions: BTreeMap<String, Vec<Grant>>,
    /// What is forbidden.
    pub deny: Deny,
}

/// How functions are started.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// The runtime unless another one is asked for.
    pub default: String,
    /// The runtimes that a static binary runs on.
    pub accepted: Vec<String>,
    /// Required by the API, not used by custom runtimes.
    pub handler: String,
    /// What is started.
    pub command: Vec<String>,
    /// Where it listens.
    pub port: u16,
}

/// The events that EventBridge delivers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// The regions that records of RAM and IMS arrive in.
    pub regions: Vec<String>,
    /// How the type of each of them ends.
    pub type_suffix: String,
    /// `eventName`s, rule by rule.
    pub rules: Vec<Vec<String>>,
    /// `PushRetryStrategy`.
    pub retry: String,
    /// `errorsTolerance`.
    pub errors_tolerance: String,
}

/// Where events are stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// Settings that lead a function to the store, with `${region}` and `${instance}` in their values.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// A table of Tablestore.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Whether the history is in it.
    #[serde(default, skip_serializing)]
    pub log: bool,
    /// How long rows are kept, in seconds; -1: for ever.
    #[serde(default = "for_ever")]
    pub time_to_live: i32,
    /// Columns of the primary key, in order.
    pub primary_key: Vec<Column>,
    /// Columns that indexes may use.
    #[serde(default)]
    pub columns: Vec<Column>,
    /// Its secondary indexes.
    #[serde(default)]
    pub indexes: Vec<Index>,
}

const fn for_ever() -> i32 {
    -1
}

/// A column: `String`, `Integer` or `Binary`, as Terraform spells them.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
}

/// A secondary index.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its key.
    pub primary_key: Vec<String>,
    /// Further columns that it holds.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// A function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// What it does, in a few words.
    pub summary: String,
    /// vCPU.
    pub cpu: f64,
    /// Memory in MB.
    pub memory_mb: u32,
    /// Time for one call, in seconds.
    pub timeout_seconds: u32,
    /// Calls that one instance works on at once.
    pub instance_concurrency: u32,
    /// Most instances at once, and as many are kept free for it.
    pub reserved_concurrency: u32,
    /// How often Function Compute repeats a failed asynchronous call.
    pub async_retries: u32,
    /// Whether EventBridge calls it.
    #[serde(default)]
    pub events: bool,
    /// Timers that call it.
    #[serde(default)]
    pub timers: Vec<Timer>,
    /// Methods that its HTTP trigger lets through; no trigger if empty.
    #[serde(default)]
    pub http: Vec<String>,
    /// The settings that the deployment gives it.
    pub settings: Vec<String>,
    /// The groups of permissions it reads the cloud with.
    pub reads: Vec<String>,
    /// Whether it may take access away.
    pub deletes: bool,
    /// What it may do with the store.
    pub store: Access,
    /// Whether it takes the outbox over, seals what is stored, and keeps the checkpoint.
    #[serde(default)]
    pub sweeps: bool,
}

/// What a function may do with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Read, and leave word of who looked beside the log.
    Read,
    /// Read and append.
    Write,
}

/// A timer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timer {
    /// Its name.
    pub name: String,
    /// Six fields, UTC.
    pub cron: String,
    /// What the function is told.
    pub payload: String,
    /// Whether it fires unless asked otherwise.
    pub enabled: bool,
}

/// A custom domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// `HTTP`, `HTTPS` or `HTTP,HTTPS`.
    pub protocol: String,
    /// The oldest version of TLS that is spoken.
    pub min_tls: String,
    /// The newest.
    pub max_tls: String,
    /// Which function is behind which paths.
    pub routes: Vec<Route>,
}

/// A rule of a custom domain.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// A path, or with `*` at its end all that begin like it.
    pub path: String,
    /// The function.
    pub function: String,
}

/// Actions that are allowed on resources.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// RAM actions.
    pub actions: Vec<String>,
    /// Resources, with `{…}` for what is known at deployment.
    pub resources: Vec<String>,
}

/// What is forbidden, whoever allows it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deny {
    /// Issuing credentials: for every function.
    pub credentials: Vec<String>,
    /// Granting permissions: for every function.
    pub grants: Vec<String>,
    /// Changing what is stored: for every function.
    pub history_rewrites: Vec<String>,
    /// Taking access away: for functions that do not.
    pub deletions: Vec<String>,
    /// Appending: for functions that only read.
    pub store_writes: Vec<String>,
    /// Writing to the tables of the log: for functions that only read.
    pub log_writes: Vec<String>,
}

/// Why there is no description.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no description.
    #[error("{path}: {source}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        source: Box<toml::de::Error>,
    },
}

impl Description {
    /// Reads the description of a workspace.
    ///
    /// # Errors
    /// The file cannot be read, or has another form.
    pub fn read(workspace: &Path) -> Result<Self, DescriptionError> {
        let path = workspace.join("infra/deployment.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|source| DescriptionError::Unreadable { path: path.clone(), source })?;
        toml::from_str(&text).map_err(|source| DescriptionError::Malformed { path, source: Box::new(source) })
    }

    /// The rules of the domain, with the methods that the function behind each lets through.
    pub fn routes(&self) -> impl Iterator<Item = (&Route, &[String])> {
        let methods =
            |route: &Route| self.functions.get(&route.function).map_or(&[][..], |function| &function.http);
        self.domain.routes.iter().map(move |route| (route, methods(route)))
    }

    /// The settings that any function is given, by the name of their variable.
    pub fn settings(&self) -> BTreeSet<&str> {
        let given = self.functions.values().flat_map(|function| &function.settings);
        given.chain(self.store.settings.keys()).map(String::as_str).collect()
    }
}
