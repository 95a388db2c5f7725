//! What the Terraform module reads: `deployment.json`, a template that Terraform fills in.

use std::collections::BTreeMap;

use revocation::config::KEYS;
use serde::Serialize;
use serde_json::{Value, json};

use crate::description::{Description, Events, Function, Table, Timer};

/// The name of the trigger with the first rule of events is this and `-1`.
pub const EVENT_TRIGGER: &str = "ram-identities";

/// A trigger.
#[derive(Debug, Clone, Serialize)]
pub struct Trigger {
    /// Its name, unique within its function.
    #[serde(skip)]
    pub name: String,
    /// `eventbridge`, `timer` or `http`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its configuration, as the API takes it.
    pub config: Value,
}

/// Where a trigger's configuration refers to what is known at deployment only.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// ARN of the queue of dead letters.
    pub dead_letters: &'a str,
}

/// The triggers of a function.
pub fn triggers(events: &Events, function: &Function, names: Names<'_>) -> Vec<Trigger> {
    let rules = events.rules.iter().enumerate().filter(|_| function.events);
    let of_events = rules.map(|(number, rule)| Trigger {
        name: format!("{EVENT_TRIGGER}-{}", number + 1),
        kind: "eventbridge",
        config: event_config(events, rule, names),
    });
    let of_timers = function.timers.iter().map(|timer| Trigger {
        name: timer.name.clone(),
        kind: "timer",
        config: timer_config(timer),
    });
    let http = (!function.http.is_empty()).then(|| Trigger {
        name: "http".into(),
        kind: "http",
        // The function checks tokens and signatures itself; callers of chats cannot sign for Alibaba Cloud.
        config: json!({ "authType": "anonymous", "methods": function.http, "disableURLInternet": false }),
    });
    of_events.chain(of_timers).chain(http).collect()
}

/// The pattern of a rule.
pub fn pattern(events: &Events, rule: &[String]) -> Value {
    json!({ "type": [{ "suffix": events.type_suffix }], "data": { "eventName": rule } })
}

fn event_config(events: &Events, rule: &[String], names: Names<'_>) -> Value {
    json!({
        "triggerEnable": true,
        "asyncInvocationType": false,
        "eventRuleFilterPattern": pattern(events, rule).to_string(),
        "eventSourceConfig": { "eventSourceType": "Default", "eventSourceParameters": {} },
        "eventSinkConfig": { "deliveryOption": { "eventSchema": "CloudEvents" } },
        "runOptions": {
            "mode": "event-driven",
            "errorsTolerance": events.errors_tolerance,
            "retryStrategy": { "PushRetryStrategy": events.retry },
            "deadLetterQueue": { "Arn": names.dead_letters },
        },
    })
}

fn timer_config(timer: &Timer) -> Value {
    json!({ "cronExpression": timer.cron, "enable": timer.enabled, "payload": timer.payload })
}

#[derive(Serialize)]
struct File<'a> {
    runtime: &'a str,
    handler: &'a str,
    command: &'a [String],
    port: u16,
    event_regions: &'a [String],
    /// Every setting that exists, so that a misspelt one is refused before anything is deployed.
    known_settings: Vec<String>,
    store_settings: &'a BTreeMap<String, String>,
    tables: &'a [Table],
    domain: Domain<'a>,
    functions: BTreeMap<&'a str, Item<'a>>,
}

#[derive(Serialize)]
struct Domain<'a> {
    protocol: &'a str,
    min_tls: &'a str,
    max_tls: &'a str,
    routes: Vec<Route<'a>>,
}

#[derive(Serialize)]
struct Route<'a> {
    path: &'a str,
    function: &'a str,
    methods: &'a [String],
}

#[derive(Serialize)]
struct Item<'a> {
    cpu: f64,
    memory_mb: u32,
    timeout_seconds: u32,
    instance_concurrency: u32,
    reserved_concurrency: u32,
    async_retries: u32,
    settings: &'a [String],
    triggers: BTreeMap<String, Trigger>,
}

/// The text of `deployment.json`.
///
/// # Errors
/// Never in practice: everything in it is text or a number.
pub fn deployment(description: &Description) -> Result<String, serde_json::Error> {
    let names = Names { dead_letters: "${dead_letters}" };
    let item = |function| {
        let triggers = triggers(&description.events, function, names);
        Item {
            cpu: function.cpu,
            memory_mb: function.memory_mb,
            timeout_seconds: function.timeout_seconds,
            instance_concurrency: function.instance_concurrency,
            reserved_concurrency: function.reserved_concurrency,
            async_retries: function.async_retries,
            settings: &function.settings,
            triggers: triggers.into_iter().map(|trigger| (trigger.name.clone(), trigger)).collect(),
        }
    };
    let runtime = &description.runtime;
    let routes = description.routes();
    let domain = Domain {
        protocol: &description.domain.protocol,
        min_tls: &description.domain.min_tls,
        max_tls: &description.domain.max_tls,
        routes: routes.map(|(r, methods)| Route { path: &r.path, function: &r.function, methods }).collect(),
    };
    let mut text = serde_json::to_string_pretty(&File {
        runtime: &runtime.default,
        handler: &runtime.handler,
        command: &runtime.command,
        port: runtime.port,
        event_regions: &description.events.regions,
        known_settings: KEYS.iter().map(revocation::config::Key::variable).collect(),
        store_settings: &description.store.settings,
        tables: &description.store.tables,
        domain,
        functions: description.functions.iter().map(|(name, f)| (name.as_str(), item(f))).collect(),
    })?;
    text.push('\n');
    Ok(text)
}
