//! An emulated instance, and stores in it.

use std::time::Duration;

use cloud_emulator::{Emulator, Options, Scenario, Service};
use event_store::{TablestoreOptions, TablestoreStore};
use tablestore_rs::credentials::Credentials;
use tablestore_rs::retry::RetryConfig;
use tablestore_rs::{Client, Config};

pub(crate) struct World {
    pub(crate) emulator: Emulator,
}

impl World {
    /// An instance with the tables of a store.
    pub(crate) async fn new() -> Self {
        let world = Self::empty().await;
        world.store(TablestoreOptions::default()).set_up().await.unwrap();
        world
    }

    /// An instance without tables.
    pub(crate) async fn empty() -> Self {
        Self { emulator: Emulator::start(Scenario::believable(), Options::default()).await.unwrap() }
    }

    pub(crate) fn url(&self) -> String {
        self.emulator.endpoints().url(Service::Tablestore)
    }

    /// A permanent access key: its id and its secret.
    pub(crate) fn key(&self) -> (String, String) {
        let description = self.emulator.describe();
        let keys = description["access_keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["security_token"].is_null()).unwrap();
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        (text("access_key_id"), text("access_key_secret"))
    }

    pub(crate) fn client(&self) -> Client {
        let (id, secret) = self.key();
        client(&self.url(), &id, &secret)
    }

    /// One more process on the store, as far as the store is concerned.
    pub(crate) fn store(&self, options: TablestoreOptions) -> TablestoreStore {
        TablestoreStore::new(self.client(), options)
    }
}

/// A client that does not wait long before it tries again.
pub(crate) fn client(url: &str, id: &str, secret: &str) -> Client {
    let short = Duration::from_millis(5);
    let retry = RetryConfig::standard()
        .with_initial_backoff(short)
        .with_throttled_backoff(short)
        .with_max_backoff(Duration::from_millis(50));
    let config = Config::builder()
        .endpoint_url(url)
        .instance_name("reaper-test")
        .credentials_provider(Credentials::new(id, secret))
        .retry_config(retry)
        .build()
        .unwrap();
    Client::new(&config)
}
