//! Reaper deployed on the emulated cloud: an account, four functions on the emulated Function Compute, and an emulated
//! EventBridge that brings them the account's events.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;

use crate::emulator::{Emulator, Options, StartError};
use crate::event_bridge::{self, EventBridge, Pattern, Rule, Target};
use crate::function_compute::{FunctionCompute, FunctionSpec, InvokeError, RoleKey, RoleSource, Settings};
use crate::{Scenario, Service};

/// Life of the credentials that a function gets with each call.
const ROLE_SESSION: SignedDuration = SignedDuration::from_hours(1);

/// The events that the rules ask for, five to a rule (EventBridge allows five expressions a field).
const EVENTS: [&[&str]; 2] = [
    &["DeleteUser", "DeleteRole", "RestoreUserFromRecycleBin", "DeleteUserInRecycleBin", "CreateUser"],
    &["CreateRole", "UpdateUser"],
];

/// What is deployed.
#[derive(Debug, Clone)]
pub struct Program {
    /// The program that is every function: it is started as `program function NAME`.
    pub path: PathBuf,
    /// Where the functions keep their events.
    pub store: PathBuf,
    /// Further variables of every function.
    pub env: Vec<(String, String)>,
    /// The role that the functions run under.
    pub role: String,
    /// Time for one call of a function.
    pub timeout: Duration,
    /// Factor on every pause between deliveries and calls that failed.
    pub time_scale: f64,
}

impl Program {
    /// A program with the believable scenario's role.
    pub fn new(path: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            store: store.into(),
            env: vec![],
            role: "reaper".into(),
            timeout: Duration::from_secs(60),
            time_scale: 0.01,
        }
    }

    /// Adds a variable.
    #[must_use]
    pub fn env(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }
}

/// An account with Reaper at work in it. Processes and listeners end with it.
pub struct Deployment {
    /// The account.
    pub emulator: Emulator,
    /// The functions.
    pub functions: FunctionCompute,
    /// The bus.
    pub bus: EventBridge,
    revoke: SocketAddr,
    history: SocketAddr,
}

/// Why a deployment does not start.
#[derive(Debug, thiserror::Error)]
pub enum DeployError {
    /// The account.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A function or its trigger.
    #[error(transparent)]
    Function(#[from] InvokeError),
    /// The rule.
    #[error("the rule is not understood: {0}")]
    Rule(#[from] event_bridge::PatternError),
}

impl Deployment {
    /// Builds the account, registers the functions with their triggers and connects the bus. No function runs until it
    /// is called.
    ///
    /// # Errors
    /// [`DeployError`].
    pub async fn start(scenario: Scenario, options: Options, program: &Program) -> Result<Self, DeployError> {
        let (account_id, region) = (scenario.account_id.clone(), scenario.region.clone());
        let emulator = Emulator::start(scenario, options).await?;
        let functions = FunctionCompute::new(Settings {
            account_id: account_id.clone(),
            region: region.clone(),
            role: Some(role_source(&emulator, &program.role)),
            time_scale: program.time_scale,
        });
        for name in ["identity-deleted", "expiry-sweep", "revoke", "history"] {
            functions.register(specification(name, program, &emulator, &region));
        }
        let bus =
            EventBridge::new(event_bridge::Settings { account_id, region, time_scale: program.time_scale });
        for (number, events) in EVENTS.iter().enumerate() {
            bus.add_rule(Rule {
                name: format!("ram-identities-{}", number + 1),
                pattern: Pattern::parse(&json!({
                    "type": [{ "suffix": ":ActionTrail:ApiCall" }],
                    "data": { "eventName": events },
                }))?,
                targets: vec![Target::function(&functions, "identity-deleted")],
            });
        }
        bus.connect(emulator.trail().subscribe());
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let revoke = functions.http_trigger("revoke", any).await?;
        let history = functions.http_trigger("history", any).await?;
        Ok(Self { emulator, functions, bus, revoke, history })
    }

    /// Where the HTTP trigger of the function `revoke` listens.
    pub fn revoke_url(&self) -> String {
        format!("http://{}", self.revoke)
    }

    /// Where the HTTP trigger of the function `history` listens.
    pub fn history_url(&self) -> String {
        format!("http://{}", self.history)
    }

    /// Calls the sweep as its timer would, and waits for its answer. The payload `look` makes it only look.
    ///
    /// # Errors
    /// The call failed.
    pub async fn sweep(&self, payload: &str) -> Result<serde_json::Value, InvokeError> {
        let tick = json!({ "triggerName": "sweep", "triggerTime": self.emulator.now(), "payload": payload });
        let invoked = self.functions.invoke("expiry-sweep", tick.to_string()).await?;
        Ok(serde_json::from_slice(&invoked.body).unwrap_or_default())
    }

    /// Resolves when every event so far is delivered and every call that followed is done.
    pub async fn idle(&self) {
        self.bus.idle().await;
        self.functions.idle().await;
    }
}

/// Gives each call fresh credentials of the role, as Function Compute does; without the role, credentials that no
/// service accepts.
fn role_source(emulator: &Emulator, role: &str) -> RoleSource {
    let (cloud, role) = (emulator.cloud(), role.to_owned());
    Arc::new(move |function: &str| {
        let now = cloud.now();
        match cloud.account().assume_role(&role, function, ROLE_SESSION, now) {
            Ok((key, _)) => RoleKey {
                access_key_id: key.id,
                secret: key.secret.expose().to_owned(),
                token: key.token.expose().to_owned(),
            },
            Err(_) => RoleKey { access_key_id: String::new(), secret: String::new(), token: String::new() },
        }
    })
}

fn specification(name: &str, program: &Program, emulator: &Emulator, region: &str) -> FunctionSpec {
    let mut spec = FunctionSpec::new(name, &program.path).arg("function").arg(name);
    spec.timeout = program.timeout;
    spec.env = endpoint_variables(emulator);
    spec.env.push(("REAPER_REGION".into(), region.to_owned()));
    spec.env.push(("REAPER_STORE_PATH".into(), text(&program.store)));
    spec.env.extend(program.env.iter().cloned());
    spec
}

/// The variables that lead Reaper to the emulated services. Tablestore is not among them: it is reached by the
/// configuration of the event store.
pub fn endpoint_variables(emulator: &Emulator) -> Vec<(String, String)> {
    let variable = |service: Service| {
        (
            format!("REAPER_CLOUD_ENDPOINTS_{}", service.name().to_uppercase()),
            emulator.endpoints().url(service),
        )
    };
    let services = Service::ALL.into_iter().filter(|service| *service != Service::Tablestore);
    services.map(variable).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
