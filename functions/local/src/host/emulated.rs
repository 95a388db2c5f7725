//! An emulated cloud beside the host: an account to try things out on, whose events arrive as EventBridge brings them.

use std::num::NonZeroU32;
use std::sync::Arc;

use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate};
use cloud_emulator::account::SessionKey;
use cloud_emulator::deployment::endpoint_variables;
use cloud_emulator::event_bridge::{EventBridge, Pattern, Rule, Settings, Target};
use cloud_emulator::{Emulator, Options, Scenario, Service};
use event_store::{EventStore, TablestoreStore};
use kubeconfig::Actor;
use revocation::config::StoreKind;
use revocation::{Cause, Config, Reaper, TimeBudget};
use serde_json::json;
use tempfile::TempDir;

use crate::cli::StoreChoice;
use crate::exit::Exit;
use crate::failure::{Failure, chain};

/// The role that the believable account has for Reaper.
const ROLE: &str = "reaper";

/// Calls a second and service: nobody has to be spared here.
const CALLS: NonZeroU32 = NonZeroU32::new(1000).unwrap();

/// A running emulated cloud. It ends with this.
pub(crate) struct EmulatedCloud {
    emulator: Emulator,
    bus: EventBridge,
    credentials: Vec<(&'static str, String)>,
    store: Vec<(&'static str, String)>,
    _folder: TempDir,
}

/// Starts the cloud and connects the use cases to it. Events of an emulated cloud have no place among real ones: they
/// get a store of their own, gone at the end, unless a file is named.
///
/// # Errors
/// The cloud or the store cannot be started.
pub(crate) async fn start(
    config: &mut Config,
    store: Option<&StoreChoice>,
) -> Result<(EmulatedCloud, Reaper), Failure> {
    let failed = |error: &dyn std::error::Error| {
        Failure::new(Exit::Failed, chain(error)).not_done("nothing was started")
    };
    let folder = tempfile::Builder::new().prefix("reaper-emulated-").tempdir()?;
    let scenario = Scenario::believable();
    config.region.clone_from(&scenario.region);
    let settings = Settings {
        account_id: scenario.account_id.clone(),
        region: scenario.region.clone(),
        time_scale: 1.0,
    };
    let emulator = Emulator::start(scenario, Options::default()).await.map_err(|error| failed(&error))?;
    let session = session(&emulator)?;
    let credentials = credentials(&session);
    let (events, variables): (Arc<dyn EventStore>, _) = match store {
        Some(StoreChoice::Kind(StoreKind::Tablestore)) => {
            let events = tablestore(&emulator, config)?;
            events.set_up().await?;
            (Arc::new(events), vec![("REAPER_STORE_KIND", "tablestore".to_owned())])
        }
        named => {
            config.store.kind = StoreKind::Sqlite;
            if !matches!(named, Some(StoreChoice::File(_))) {
                config.store.path = folder.path().join("reaper.sqlite");
            }
            let path = config.store.path.display().to_string();
            (revocation::open_store(config, false)?, vec![("REAPER_STORE_PATH", path)])
        }
    };

    let mut client = alibaba_cloud::Config::new(&config.region);
    client.rate = Rate { per_second: CALLS, burst: CALLS };
    client.endpoints = endpoints(&emulator).map_err(|error| failed(&error))?;
    let client = Client::new(client, credentials).map_err(|error| failed(&error))?;
    let reaper = Reaper::new(events, client, config.clone());
    let cloud = EmulatedCloud {
        bus: EventBridge::new(settings),
        credentials: vec![
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", session.id),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", session.secret.expose().to_owned()),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", session.token.expose().to_owned()),
        ],
        store: variables,
        emulator,
        _folder: folder,
    };
    Ok((cloud, reaper))
}

/// The session of Reaper's role.
fn session(emulator: &Emulator) -> Result<SessionKey, Failure> {
    let sessions = emulator.account(|account| account.sessions().to_vec());
    let session = sessions.into_iter().find(|session| session.session == ROLE);
    session.ok_or_else(|| Failure::new(Exit::Failed, format!("the emulated account has no session {ROLE}")))
}

fn credentials(session: &SessionKey) -> Credentials {
    Credentials::new(session.id.as_str(), session.secret.expose()).with_security_token(session.token.expose())
}

/// The store on the emulated Tablestore, as Reaper's role. The configuration names it then, too.
///
/// # Errors
/// The account has no such role.
pub(crate) fn tablestore(emulator: &Emulator, config: &mut Config) -> Result<TablestoreStore, Failure> {
    config.store.kind = StoreKind::Tablestore;
    config.store.instance = Some(emulator.tablestore_instance());
    config.store.endpoint = Some(emulator.endpoints().url(Service::Tablestore));
    Ok(revocation::tablestore(config, false, Arc::new(credentials(&session(emulator)?)))?)
}

fn endpoints(emulator: &Emulator) -> Result<Endpoints, alibaba_cloud::ConfigError> {
    use alibaba_cloud::Service as Of;
    let services = [
        (Of::Cs, Service::Cs),
        (Of::Ram, Service::Ram),
        (Of::Ims, Service::Ims),
        (Of::Sts, Service::Sts),
        (Of::Sls, Service::Sls),
        (Of::ActionTrail, Service::ActionTrail),
        (Of::Oss, Service::Oss),
    ];
    services.into_iter().try_fold(Endpoints::default(), |endpoints, (of, service)| {
        Ok(endpoints.with(of, emulator.endpoints().url(service).parse::<BaseUrl>()?))
    })
}

impl EmulatedCloud {
    /// Delivers the events of RAM from now on, again where they could not be taken.
    ///
    /// # Errors
    /// The rule for events is wrong.
    pub(super) fn bring_events_to(&self, reaper: &Arc<Reaper>) -> Result<(), Failure> {
        let pattern = Pattern::parse(&json!({ "source": ["acs.ram", "acs.ims"] }))
            .map_err(|error| Failure::new(Exit::Failed, chain(&error)))?;
        let reaper = reaper.clone();
        let target = Target::new("identity-deleted", move |event| {
            let reaper = reaper.clone();
            async move {
                let cause = Cause::new(Actor::event_bridge());
                let receipts = reaper.receive(&event, &cause, TimeBudget::UNLIMITED).await;
                let receipts = receipts.map_err(|error| error.to_string())?;
                tracing::info!(receipts = ?receipts, "event handled");
                Ok(())
            }
        });
        self.bus.add_rule(Rule { name: "identities".to_owned(), pattern, targets: vec![target] });
        self.bus.connect(self.emulator.trail().subscribe());
        Ok(())
    }

    /// What another terminal needs to look at the same store and cloud.
    pub(super) fn introduction(&self) -> String {
        let own = self.credentials.iter().cloned().chain(self.store.iter().cloned());
        let own = own.map(|(name, value)| format!("export {name}={value}\n"));
        let endpoints = endpoint_variables(&self.emulator).into_iter();
        let endpoints = endpoints.map(|(name, value)| format!("export {name}={value}\n"));
        format!(
            "emulated cloud: its state is at {}/state\n{}{}",
            self.emulator.endpoints().control(),
            own.collect::<String>(),
            endpoints.collect::<String>()
        )
    }
}
