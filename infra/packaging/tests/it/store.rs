//! The tables that are deployed are those that the backend asks for, and the settings lead to them.

use std::sync::Arc;

use alibaba_cloud::Credentials;
use event_store::TablestoreStore;
use hcl_edit::structure::Block;
use packaging::module::{Module, labels};
use packaging::workspace;
use revocation::config::{Config, StoreKind};

use crate::description;

/// The configuration of a function in an account.
fn config() -> Config {
    let settings = description().store.settings.into_iter();
    let filled = settings.map(|(setting, value)| {
        (setting, value.replace("${instance}", "acme-events").replace("${region}", "cn-beijing"))
    });
    futures::executor::block_on(Config::load(filled)).unwrap()
}

/// The store of such a function, which is never asked anything.
fn store() -> TablestoreStore {
    revocation::tablestore(&config(), true, Arc::new(Credentials::new("none", "none"))).unwrap()
}

#[test]
fn functions_are_led_to_the_deployed_instance() {
    let store = config().store;
    assert_eq!(store.kind, StoreKind::Tablestore);
    assert_eq!(store.instance.as_deref(), Some("acme-events"));
    assert_eq!(store.endpoint.as_deref(), Some("https://acme-events.cn-beijing.ots.aliyuncs.com"));
}

#[test]
fn the_described_tables_have_the_names_keys_and_times_of_the_backend() {
    let described: Vec<_> = description()
        .store
        .tables
        .into_iter()
        .map(|table| {
            assert!(table.columns.is_empty() && table.indexes.is_empty(), "the backend keeps its own index");
            let key: Vec<_> = table.primary_key.into_iter().map(|c| (c.name, c.kind)).collect();
            (table.name, key, table.time_to_live)
        })
        .collect();
    let asked: Vec<_> = store()
        .tables()
        .into_iter()
        .map(|table| {
            let key: Vec<_> =
                table.key.iter().map(|c| (c.name.clone(), format!("{:?}", c.key_type))).collect();
            (table.name, key, table.options.time_to_live)
        })
        .collect();
    assert_eq!(described, asked);
}

#[test]
fn the_module_makes_them_with_the_options_of_the_backend() {
    let module = Module::read(&workspace().join("infra/terraform")).unwrap();
    let (file, table): (_, &Block) = module
        .blocks("resource")
        .find(|(_, block)| labels(block).first() == Some(&"alicloud_ots_table"))
        .unwrap();
    let written = |argument| Module::source(file, table, argument).unwrap_or("not written").to_owned();
    for asked in store().tables() {
        assert_eq!(written("time_to_live"), "each.value.time_to_live");
        assert_eq!(written("max_version"), asked.options.max_versions.to_string());
        assert_eq!(Some(written("allow_update")), asked.options.allow_update.map(|allow| allow.to_string()));
    }
}
