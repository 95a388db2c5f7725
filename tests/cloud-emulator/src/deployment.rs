//! Reaper deployed on the emulated cloud: an account, four functions on the emulated Function Compute, and an emulated
//! EventBridge that brings them the account's events.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::account::{Kind, Refusal};
use crate::emulator::{Emulator, Options, StartError};
use crate::event_bridge::{self, EventBridge, Pattern, Rule, Target};
use crate::function_compute::{FunctionCompute, FunctionSpec, InvokeError, RoleKey, RoleSource, Settings};
use crate::policy::{Policy, PolicyError};
use crate::{Scenario, Service};

/// Life of the credentials that a function gets with each call.
const ROLE_SESSION: SignedDuration = SignedDuration::from_hours(1);

/// Where the custom domain leads: pages and what is read to `history`, decisions and what is asked for to `revoke`.
pub const ROUTES: [(&str, &str); 7] = [
    ("/*", "history"),
    ("/held/*", "revoke"),
    ("/v1/chat/*", "revoke"),
    ("/v1/inspections", "revoke"),
    ("/v1/messages/*", "revoke"),
    ("/v1/revocations", "revoke"),
    ("/v1/revocations/*", "revoke"),
];

/// The events that the rules ask for, five to a rule (EventBridge allows five expressions a field).
const EVENTS: [&[&str]; 2] = [
    &["DeleteUser", "DeleteRole", "RestoreUserFromRecycleBin", "DeleteUserInRecycleBin", "CreateUser"],
    &["CreateRole", "UpdateUser"],
];

/// The functions, with the policies that a deployment attaches to their roles.
const FUNCTIONS: [(&str, &str); 4] = [
    ("identity-deleted", include_str!("../../../infra/terraform/policies/identity-deleted.json")),
    ("expiry-sweep", include_str!("../../../infra/terraform/policies/expiry-sweep.json")),
    ("revoke", include_str!("../../../infra/terraform/policies/revoke.json")),
    ("history", include_str!("../../../infra/terraform/policies/history.json")),
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
    /// Each function runs under a role of its own, named with this in front of its own name.
    pub role: String,
    /// The policy document of each function's role, by function; `${account}` and the like are filled in. What a document
    /// does not allow is refused; a function without one may do nothing.
    pub policies: BTreeMap<String, String>,
    /// Time for one call of a function.
    pub timeout: Duration,
    /// Whether Function Compute traces the calls of the functions.
    pub tracing: bool,
    /// Factor on every pause between deliveries and calls that failed.
    pub time_scale: f64,
}

impl Program {
    /// A program whose functions may do what the project's own deployment lets them.
    pub fn new(path: impl Into<PathBuf>, store: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            store: store.into(),
            env: vec![],
            role: "reaper".into(),
            policies: FUNCTIONS.map(|(name, policy)| (name.to_owned(), policy.to_owned())).into(),
            timeout: Duration::from_secs(60),
            tracing: false,
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
    role: String,
    revoke: SocketAddr,
    history: SocketAddr,
    domain: SocketAddr,
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
    /// A role.
    #[error("a role cannot be made: {0}")]
    Role(#[from] Refusal),
    /// What a role may.
    #[error(transparent)]
    Policy(#[from] PolicyError),
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
        let mut roles = vec![];
        for (name, _) in FUNCTIONS {
            roles.push(create_role(&emulator, &program.role, name)?);
            if let Some(policy) = program.policies.get(name) {
                attach(&emulator, &program.role, name, policy)?;
            }
        }
        for (name, _) in FUNCTIONS {
            functions.register(specification(name, program, &emulator, &region, &roles));
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
        let role = program.role.clone();
        let domain = functions.custom_domain(&ROUTES, any).await?;
        Ok(Self { emulator, functions, bus, role, revoke, history, domain })
    }

    /// Holds a function's role to another policy document from now on.
    ///
    /// # Errors
    /// It is no policy.
    pub fn attach(&self, function: &str, policy: &str) -> Result<(), DeployError> {
        attach(&self.emulator, &self.role, function, policy)
    }

    /// Where the HTTP trigger of the function `revoke` listens.
    pub fn revoke_url(&self) -> String {
        format!("http://{}", self.revoke)
    }

    /// Where the HTTP trigger of the function `history` listens.
    pub fn history_url(&self) -> String {
        format!("http://{}", self.history)
    }

    /// Where both are behind one address, as browsers need it.
    pub fn domain_url(&self) -> String {
        format!("http://{}", self.domain)
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

fn role_name(prefix: &str, function: &str) -> String {
    format!("{prefix}-{function}")
}

/// Makes the role of a function, which may do nothing yet; gives its id. It was there before the start.
fn create_role(emulator: &Emulator, prefix: &str, function: &str) -> Result<String, Refusal> {
    emulator.account(|account| {
        let name = role_name(prefix, function);
        let id = account.create(Kind::Role, &name, function, emulator.started())?.id.clone();
        account.hold_to_policies(&id, vec![]);
        Ok(id)
    })
}

fn attach(emulator: &Emulator, prefix: &str, function: &str, policy: &str) -> Result<(), DeployError> {
    let instance = emulator.cloud().tablestore.name.clone();
    emulator.account(|account| {
        let filled = [
            ("account", &*account.id),
            ("region", &account.region),
            ("instance", &instance),
            ("project", "functions"),
            ("logstore", "functions"),
            ("queue", "dead-letters"),
            ("bucket", "reaper-example"),
            ("settings", "settings/reaper.toml"),
            ("checkpoint", "seals/reaper.checkpoint"),
        ];
        let filled = filled
            .iter()
            .fold(policy.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        let document: Value = serde_json::from_str(&filled).map_err(PolicyError::from)?;
        let id = account.named(Kind::Role, &role_name(prefix, function))?.id.clone();
        account.hold_to_policies(&id, vec![Policy::parse(&document)?]);
        Ok(())
    })
}

/// Gives each call fresh credentials of the function's role, as Function Compute does; without the role, credentials
/// that no service accepts.
fn role_source(emulator: &Emulator, prefix: &str) -> RoleSource {
    let (cloud, prefix) = (emulator.cloud(), prefix.to_owned());
    Arc::new(move |function: &str| {
        let now = cloud.now();
        match cloud.account().assume_role(&role_name(&prefix, function), function, ROLE_SESSION, now) {
            Ok((key, _)) => RoleKey {
                access_key_id: key.id,
                secret: key.secret.expose().to_owned(),
                token: key.token.expose().to_owned(),
            },
            Err(_) => RoleKey { access_key_id: String::new(), secret: String::new(), token: String::new() },
        }
    })
}

fn specification(
    name: &str,
    program: &Program,
    emulator: &Emulator,
    region: &str,
    roles: &[String],
) -> FunctionSpec {
    let mut spec = FunctionSpec::new(name, &program.path).arg("function").arg(name);
    spec.timeout = program.timeout;
    spec.tracing = program.tracing;
    spec.env = endpoint_variables(emulator);
    spec.env.push(("REAPER_REGION".into(), region.to_owned()));
    spec.env.push(("REAPER_FUNCTION_ROLES".into(), roles.join(",")));
    spec.env.push(("REAPER_STORE_PATH".into(), text(&program.store)));
    spec.env.extend(program.env.iter().cloned());
    spec
}

/// The variables that lead Reaper to the emulated services. Those for Tablestore say where its instance is, not that it is
/// to be used.
pub fn endpoint_variables(emulator: &Emulator) -> Vec<(String, String)> {
    let variable = |service: Service| {
        (
            format!("REAPER_CLOUD_ENDPOINTS_{}", service.name().to_uppercase()),
            emulator.endpoints().url(service),
        )
    };
    let services = Service::ALL.into_iter().filter(|service| *service != Service::Tablestore);
    let instance = ("REAPER_STORE_INSTANCE".to_owned(), emulator.tablestore_instance());
    let endpoint = ("REAPER_STORE_ENDPOINT".to_owned(), emulator.endpoints().url(Service::Tablestore));
    [instance, endpoint].into_iter().chain(services.map(variable)).collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
