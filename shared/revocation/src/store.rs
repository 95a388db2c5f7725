//! The event store that the configuration names.

#[cfg_attr(not(feature = "sqlite"), path = "store/file_absent.rs")]
mod file;

use std::sync::Arc;
use std::time::Instant;

use alibaba_cloud::credentials::ProvideCredentials;
use event_store::{Deadline, EventStore, Outbox, Part, TablestoreOptions, TablestoreStore};
use futures::future::BoxFuture;
use secrecy::ExposeSecret;
use tablestore_rs::credentials::{Credentials, CredentialsError};
use tablestore_rs::{Client, Config as ClientConfig};

use crate::config::{Config, ConfigError, StoreKind};
use crate::connect::{ConnectError, credentials};

/// Whether this program was built with the kind of store that is configured, for those who open it later.
///
/// # Errors
/// It is a file, and the program is one of those that are built without.
pub fn store_is_built_in(config: &Config) -> Result<(), ConfigError> {
    match config.store.kind {
        StoreKind::Sqlite => file::built_in(),
        StoreKind::Tablestore => Ok(()),
    }
}

/// Opens it. With Tablestore nothing is called yet: what is missing shows at the first use.
///
/// # Errors
/// The file cannot be opened, or the configuration is wrong.
pub fn open_store(config: &Config, read_only: bool) -> Result<Arc<dyn EventStore>, ConnectError> {
    Ok(open_with_outbox(config, read_only)?.0)
}

/// Opens it, and the outbox beside it where it has one.
///
/// # Errors
/// As for [`open_store`].
pub(crate) fn open_with_outbox(
    config: &Config,
    read_only: bool,
) -> Result<(Arc<dyn EventStore>, Option<Outbox>), ConnectError> {
    match config.store.kind {
        StoreKind::Sqlite => Ok((file::open(&config.store.path, read_only)?, None)),
        StoreKind::Tablestore => {
            let store = tablestore(config, read_only, Arc::new(credentials()))?;
            let outbox = store.outbox();
            Ok((Arc::new(store), Some(outbox)))
        }
    }
}

/// Makes what the configured store consists of and is not there yet, and says what was: a file, or tables. May be called
/// at any time.
///
/// # Errors
/// The configuration is wrong, or the store refused or failed; calling it again goes on.
pub async fn set_up_store(config: &Config) -> Result<Vec<Part>, ConnectError> {
    Ok(match config.store.kind {
        StoreKind::Sqlite => file::set_up(&config.store.path)?,
        StoreKind::Tablestore => tablestore(config, false, Arc::new(credentials()))?.set_up().await?,
    })
}

/// How everything stands that the configured store consists of. Only reads.
///
/// # Errors
/// The configuration is wrong, or the store refused or failed.
pub async fn check_store(config: &Config) -> Result<Vec<Part>, ConnectError> {
    Ok(match config.store.kind {
        StoreKind::Sqlite => file::check(&config.store.path)?,
        StoreKind::Tablestore => tablestore(config, true, Arc::new(credentials()))?.check().await?,
    })
}

/// The store on Tablestore, whatever kind is configured, for somebody with these credentials.
///
/// # Errors
/// The configuration does not name an instance, or no client can be made of it.
pub fn tablestore(
    config: &Config,
    read_only: bool,
    credentials: Arc<dyn ProvideCredentials>,
) -> Result<TablestoreStore, ConnectError> {
    let bad = |why: String| ConnectError::Config(ConfigError::Bad(why));
    let instance = config.store.instance.as_deref().filter(|name| !name.is_empty());
    let instance = instance.ok_or_else(|| {
        bad("store.instance has to name the Tablestore instance that holds the events".into())
    })?;
    let mut client = ClientConfig::builder()
        .instance_name(instance)
        .region(&config.region)
        .credentials_provider(Caller(credentials));
    if let Some(endpoint) = &config.store.endpoint {
        client = client.endpoint_url(endpoint);
    }
    let client = client.build().map_err(|error| bad(format!("store: {error}")))?;
    let options = TablestoreOptions {
        prefix: config.store.prefix.clone(),
        read_only,
        deadline: Deadline::new(end_of_invocation),
        ..TablestoreOptions::default()
    };
    Ok(TablestoreStore::new(Client::new(&client), options))
}

/// When the call of the function that this runs in has to have ended.
fn end_of_invocation() -> Option<Instant> {
    fc_runtime::invocation().map(|invocation| Instant::now() + invocation.remaining())
}

/// The same caller as towards the other services.
struct Caller(Arc<dyn ProvideCredentials>);

impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Caller")
    }
}

impl tablestore_rs::credentials::ProvideCredentials for Caller {
    fn provide_credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            let given =
                self.0.provide().await.map_err(|error| CredentialsError::new(error.tried.join("; ")))?;
            // Without an end of validity, so that they are asked for anew each time: an invocation brings its own.
            let credentials = Credentials::new(given.access_key_id, given.access_key_secret.expose_secret());
            Ok(match &given.security_token {
                Some(token) => credentials.with_security_token(token.expose_secret()),
                None => credentials,
            })
        })
    }
}
