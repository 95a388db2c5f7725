//! Starting the emulator, and holding it from the same process.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::account::{Account, Cleans};
use crate::calls::{Call, CallLog};
use crate::describe;
use crate::hold::{HeldCall, HoldPoint, Holds};
use crate::knobs::{Chaos, Failure, Knobs};
use crate::scenario::{Scenario, ScenarioError};
use crate::service::{
    ApiError, Carried, Cloud, Params, Service, carry_out, control_router, find, permit, serve,
};
use crate::signature::{Caller, Nonces};
use crate::tablestore::{self, TablestoreOptions};
use crate::trail::Trail;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen. Port 0 gives every service a free port; another port is that of the first service in the
    /// order of [`Service::ALL`], and the others follow. The control listener is on the loopback in any case.
    pub listen: SocketAddr,
    /// Seed of the faults.
    pub seed: u64,
    /// Knobs at the start.
    pub knobs: Knobs,
    /// The Tablestore instance.
    pub tablestore: TablestoreOptions,
}

impl Default for Options {
    fn default() -> Self {
        let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        Self { listen, seed: 1, knobs: Knobs::default(), tablestore: TablestoreOptions::default() }
    }
}

/// Why the emulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The scenario makes no account.
    #[error("the scenario is not usable: {0}")]
    Scenario(#[from] ScenarioError),
    /// The file of the Tablestore instance cannot be used.
    #[error("the tables cannot be opened: {0}")]
    Tablestore(std::io::Error),
    /// A listener could not be opened.
    #[error("{service} cannot listen on {address}: {source}")]
    Listen {
        /// The service, or `control`.
        service: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Where the services listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    services: BTreeMap<Service, SocketAddr>,
    control: SocketAddr,
}

impl Endpoints {
    /// `host:port` of a service, as official packages take it.
    pub fn address(&self, service: Service) -> SocketAddr {
        // Every service has a listener; the control address never stands in for one.
        self.services.get(&service).copied().unwrap_or(self.control)
    }

    /// `http://host:port` of a service.
    pub fn url(&self, service: Service) -> String {
        format!("http://{}", self.address(service))
    }

    /// `http://host:port` of the control listener.
    pub fn control(&self) -> String {
        format!("http://{}", self.control)
    }
}

/// A running emulated cloud. It stops when this is dropped.
#[derive(Debug)]
pub struct Emulator {
    cloud: Arc<Cloud>,
    endpoints: Endpoints,
    started: Timestamp,
    _listeners: JoinSet<()>,
}

impl Emulator {
    /// Builds the account and opens the listeners. Needs a Tokio runtime with time and I/O.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(scenario: Scenario, options: Options) -> Result<Self, StartError> {
        let started = Timestamp::now();
        let trail = Trail::new();
        let account = scenario.build(started, &trail)?;
        let tablestore =
            tablestore::open(&options.tablestore, options.seed).map_err(StartError::Tablestore)?;
        let cloud = Arc::new(Cloud {
            account: Mutex::new(account),
            chaos: Chaos::new(options.knobs, options.seed),
            calls: CallLog::default(),
            holds: Holds::default(),
            trail,
            nonces: Nonces::default(),
            tablestore,
            ahead: Mutex::new(SignedDuration::ZERO),
        });
        let mut listeners = JoinSet::new();
        let mut services = BTreeMap::new();
        let mut address = options.listen;
        for service in Service::ALL {
            let listener = listen(service.name(), address).await?;
            services.insert(service, local(service.name(), address, &listener)?);
            let cloud = Arc::clone(&cloud);
            listeners.spawn(async move {
                serve(cloud, service, listener).await;
            });
            if address.port() != 0 {
                address.set_port(address.port().saturating_add(1));
            }
        }
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let listener = listen("control", address).await?;
        let endpoints = Endpoints { services, control: local("control", address, &listener)? };
        let router = control_router(Arc::clone(&cloud), endpoints.clone());
        listeners.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the control listener ended");
            }
        });
        Ok(Self { cloud, endpoints, started, _listeners: listeners })
    }

    /// The cloud behind the listeners, for what outlives a borrow of the emulator.
    pub(crate) fn cloud(&self) -> Arc<Cloud> {
        Arc::clone(&self.cloud)
    }

    /// Where the services listen.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// When the emulator started; the times of the scenario are relative to it.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// The emulator's clock: real time plus what it was advanced by.
    pub fn now(&self) -> Timestamp {
        self.cloud.now()
    }

    /// Puts the emulator's clock ahead, so that certificates and sessions end, recycle bins empty and tasks finish.
    /// Request signatures are always checked against real time.
    pub fn advance(&self, by: SignedDuration) {
        advance(&self.cloud, by);
    }

    /// Looks at the account or changes it, with everything settled that has become due. Nothing of this is on the
    /// trail: see [`Emulator::perform`].
    pub fn account<T>(&self, look: impl FnOnce(&mut Account) -> T) -> T {
        look(&mut self.cloud.account())
    }

    /// Carries an operation out without HTTP, signature or faults, as somebody in the console would. It is on the
    /// trail, not in the call log.
    ///
    /// # Errors
    /// What the service would answer, also to who may not do it; `InvalidAction.NotFound` if there is no such operation,
    /// and `EntityNotExist.User` if there is no such caller.
    pub fn perform(
        &self,
        service: Service,
        operation: &str,
        params: &[(&str, &str)],
        caller: &str,
    ) -> Result<Value, ApiError> {
        let unknown = |status, code: &str| ApiError::new(status, code, operation);
        let operation = find(service, operation).ok_or_else(|| unknown(404, "InvalidAction.NotFound"))?;
        let identity = self.cloud.account().identity(caller).cloned();
        let identity = identity.ok_or_else(|| unknown(404, "EntityNotExist.User"))?;
        let caller = Caller { identity, key_id: String::new(), session: None };
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let params = Params::new(params.collect());
        permit(&self.cloud.account(), service, operation.name, &params, &caller)?;
        let call = Carried { service, operation, params: &params, body: b"", caller: &caller };
        let request_id = Uuid::new_v4().to_string().to_uppercase();
        let answer = carry_out(&self.cloud, &call, &request_id, "console")?;
        Ok(answer.body.unwrap_or(Value::Null))
    }

    /// The knobs as they stand.
    pub fn knobs(&self) -> Knobs {
        self.cloud.chaos.knobs()
    }

    /// Turns knobs.
    pub fn tune<T>(&self, change: impl FnOnce(&mut Knobs) -> T) -> T {
        self.cloud.chaos.tune(change)
    }

    /// Makes the next calls of one operation fail.
    pub fn fail_next(&self, failure: Failure) {
        self.cloud.chaos.fail_next(failure);
    }

    /// Holds the `nth` call from now on, whatever it is; the next one is 1. Its connection breaks when the hold is
    /// dropped. Other calls go on meanwhile.
    pub fn hold_call(&self, nth: u64, at: HoldPoint) -> HeldCall {
        self.cloud.holds.add(None, nth, at)
    }

    /// The same for the `nth` call of one operation.
    pub fn hold_call_of(&self, operation: &str, nth: u64, at: HoldPoint) -> HeldCall {
        self.cloud.holds.add(Some(operation), nth, at)
    }

    /// Every request that arrived since the start or the last [`Emulator::forget_calls`].
    pub fn calls(&self) -> Vec<Call> {
        self.cloud.calls.all()
    }

    /// Empties the call log.
    pub fn forget_calls(&self) {
        self.cloud.calls.clear();
    }

    /// How often a pair was to be cleaned, and how often something was removed.
    pub fn cleans(&self, cluster: &str, uid: &str) -> Cleans {
        self.cloud.account().cleans(cluster, uid)
    }

    /// The name of the Tablestore instance.
    pub fn tablestore_instance(&self) -> String {
        self.cloud.tablestore.name.clone()
    }

    /// Lets changes through to the global indexes of Tablestore, due or not; gives how many there were.
    pub fn release_index_entries(&self, count: usize) -> usize {
        self.cloud.tablestore.lock().release(count)
    }

    /// How many changes the global indexes of Tablestore do not show yet.
    pub fn waiting_index_entries(&self) -> usize {
        self.cloud.tablestore.lock().waiting()
    }

    /// The trail of write calls. A clone shows the same trail.
    pub fn trail(&self) -> &Trail {
        &self.cloud.trail
    }

    /// Everything that an outside client needs: endpoints by service, account id, region, test access keys, clusters
    /// and identities. The secrets in it are those of the scenario and open nothing else.
    pub fn describe(&self) -> Value {
        describe::describe(&self.cloud, &self.endpoints)
    }
}

/// Puts the clock ahead.
pub(crate) fn advance(cloud: &Cloud, by: SignedDuration) {
    let mut ahead = cloud.ahead.lock().unwrap_or_else(PoisonError::into_inner);
    *ahead = ahead.checked_add(by).unwrap_or(*ahead);
}

async fn listen(service: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { service, address, source })
}

fn local(
    service: &'static str,
    address: SocketAddr,
    listener: &TcpListener,
) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen { service, address, source })
}

impl Endpoints {
    /// As [`Emulator::describe`] shows them.
    pub(crate) fn to_json(&self) -> Value {
        let mut endpoints = json!({"control": self.control()});
        for (service, address) in &self.services {
            endpoints[service.name()] = format!("http://{address}").into();
        }
        endpoints
    }
}
