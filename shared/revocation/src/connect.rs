//! Putting the parts together from a configuration: what every function and the command line start with.

use std::num::NonZeroU32;
use std::sync::Arc;

use alibaba_cloud::credentials::{Chain, from_fn};
use alibaba_cloud::{BaseUrl, Client, Credentials, Endpoints, Rate, Service};
use event_store::EventStore;
use secrecy::ExposeSecret;

use crate::config::{CloudConfig, Config, ConfigError};
use crate::history::History;
use crate::ledger::{Ledger, Place};
use crate::reaper::Reaper;
use crate::store::{open_store, open_with_outbox};

/// Why the parts do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The event store.
    #[error("the event store cannot be opened: {0}")]
    Store(#[from] event_store::StoreError),
    /// The client of the cloud.
    #[error("the client of the cloud cannot be set up: {0}")]
    Cloud(#[from] alibaba_cloud::ConfigError),
}

/// The use cases, for a function that may write.
///
/// # Errors
/// Says which part is wrong. No call is made: missing credentials show at the first one.
pub fn connect(config: Config) -> Result<Reaper, ConnectError> {
    let (store, outbox) = open_with_outbox(&config, false)?;
    let cloud = client(&config)?;
    let reaper = Reaper::new(store, cloud, config);
    Ok(match outbox {
        Some(outbox) => reaper.relaying(outbox),
        None => reaper,
    })
}

/// The read side for those who may not append, with a place for what is written down of them: the outbox, or the file that
/// holds the events.
///
/// # Errors
/// Says which part is wrong.
pub fn connect_history(config: &Config) -> Result<History, ConnectError> {
    // A file that is not there is not made for this.
    let (store, outbox) = open_with_outbox(config, true)?;
    let history = match outbox {
        Some(outbox) => History::leaving(store, outbox),
        None => History::new(store).with(Ledger::new(Place::Log(open_store(config, false)?))),
    };
    Ok(history.noting_searches(config.history.record_searches))
}

/// The read side alone, which writes nothing down: nobody can take an export.
///
/// # Errors
/// Says which part is wrong.
pub fn connect_read_only(config: &Config) -> Result<History, ConnectError> {
    Ok(History::new(open_read_only(config)?))
}

/// The bare store, for what looks at the stored bytes themselves.
///
/// # Errors
/// It cannot be opened.
pub fn open_read_only(config: &Config) -> Result<Arc<dyn EventStore>, ConnectError> {
    open_store(config, true)
}

pub(crate) fn client(config: &Config) -> Result<Client, alibaba_cloud::ConfigError> {
    let mut settings = alibaba_cloud::Config::new(&config.region);
    settings.endpoints = endpoints(&config.cloud)?;
    let per_second = NonZeroU32::new(config.cloud.calls_per_second).unwrap_or(NonZeroU32::MIN);
    settings.rate = Rate { per_second, burst: per_second };
    Client::new(settings, credentials())
}

/// Who calls. Credentials of the invocation are fresh; those in the environment of a long-lived instance may have
/// expired.
pub(crate) fn credentials() -> Chain {
    Chain::new().then(from_fn("function invocation", of_invocation)).then(Chain::standard())
}

fn endpoints(config: &CloudConfig) -> Result<Endpoints, alibaba_cloud::ConfigError> {
    let named = &config.endpoints;
    let overrides = [
        (Service::Cs, &named.cs),
        (Service::Ram, &named.ram),
        (Service::Ims, &named.ims),
        (Service::Sts, &named.sts),
        (Service::Sls, &named.sls),
        (Service::ActionTrail, &named.actiontrail),
        (Service::Oss, &named.oss),
    ];
    overrides
        .into_iter()
        .filter_map(|(service, url)| Some((service, url.as_deref()?)))
        .try_fold(Endpoints::default(), |endpoints, (service, url)| {
            Ok(endpoints.with(service, url.parse::<BaseUrl>()?))
        })
}

fn of_invocation() -> Option<Credentials> {
    let invocation = fc_runtime::invocation()?;
    let given = invocation.credentials.as_ref()?;
    let credentials = Credentials::new(given.access_key_id.clone(), given.secret.expose_secret());
    Some(match &given.token {
        Some(token) => credentials.with_security_token(token.expose_secret()),
        None => credentials,
    })
}
