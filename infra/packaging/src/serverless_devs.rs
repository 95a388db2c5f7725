//! `infra/serverless-devs/s.yaml`: the same functions for `s deploy` (component fc3).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::description::{Description, Function};
use crate::terraform::{Names, triggers};

const HEAD: &str = "\
# Made from infra/deployment.toml by `cargo run -p packaging -- generate`: change it there.
#
# `just package` first: the packages are taken from dist/. Roles, queue, log store and tables have to exist; the Terraform
# module makes them, or make them by hand with the policies in infra/terraform/policies. See docs/deployment.md.
";

/// Where the queue of dead letters is, in the words of Serverless Devs.
const DEAD_LETTERS: &str = "acs:mns:${vars.region}:${vars.account}:/queues/${vars.name}-dead-letters";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    component: &'static str,
    props: Props,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Props {
    region: &'static str,
    function_name: String,
    description: String,
    runtime: &'static str,
    handler: String,
    code: String,
    custom_runtime_config: Value,
    cpu: f64,
    memory_size: u32,
    disk_size: u32,
    timeout: u32,
    instance_concurrency: u32,
    internet_access: bool,
    role: String,
    environment_variables: BTreeMap<String, String>,
    log_config: Value,
    async_invoke_config: Value,
    concurrency_config: Value,
    triggers: Vec<Value>,
}

#[derive(Serialize)]
struct File<'a> {
    edition: &'static str,
    name: &'static str,
    access: &'static str,
    vars: BTreeMap<&'static str, String>,
    resources: BTreeMap<&'a str, Resource>,
}

/// The text of `s.yaml`.
///
/// # Errors
/// Never in practice: everything in it is text or a number.
pub fn file(description: &Description) -> Result<String, serde_norway::Error> {
    let functions = description.functions.iter();
    let file = File {
        edition: "3.0.0",
        name: "reaper",
        access: "${env('REAPER_ACCESS', 'default')}",
        vars: BTreeMap::from([
            ("account", "${env('ALIBABA_CLOUD_ACCOUNT_ID')}".into()),
            ("name", "reaper".into()),
            ("region", description.events.regions.first().cloned().unwrap_or_default()),
            ("instance", "reaper-events".into()),
            ("runtime", description.runtime.default.clone()),
        ]),
        resources: functions.map(|(name, f)| (name.as_str(), resource(description, name, f))).collect(),
    };
    Ok(format!("{HEAD}{}", serde_norway::to_string(&file)?))
}

fn resource(description: &Description, name: &str, function: &Function) -> Resource {
    let runtime = &description.runtime;
    let triggers = triggers(&description.events, function, Names { dead_letters: DEAD_LETTERS });
    let props = Props {
        region: "${vars.region}",
        function_name: format!("${{vars.name}}-{name}"),
        description: function.summary.clone(),
        runtime: "${vars.runtime}",
        handler: runtime.handler.clone(),
        code: format!("../../dist/{name}.zip"),
        custom_runtime_config: json!({ "command": runtime.command, "port": runtime.port }),
        cpu: function.cpu,
        memory_size: function.memory_mb,
        disk_size: 512,
        timeout: function.timeout_seconds,
        instance_concurrency: function.instance_concurrency,
        internet_access: true,
        role: format!("acs:ram::${{vars.account}}:role/${{vars.name}}-{name}"),
        environment_variables: environment(description, function),
        log_config: json!({
            "project": "${vars.name}-${vars.account}",
            "logstore": "functions",
            "enableRequestMetrics": true,
            "enableInstanceMetrics": true,
        }),
        async_invoke_config: json!({
            "maxAsyncRetryAttempts": function.async_retries,
            "maxAsyncEventAgeInSeconds": 86400,
            "destinationConfig": { "onFailure": { "destination": DEAD_LETTERS } },
        }),
        concurrency_config: json!({ "reservedConcurrency": function.reserved_concurrency }),
        triggers: triggers
            .into_iter()
            .map(|trigger| {
                json!({
                    "triggerName": trigger.name,
                    "triggerType": trigger.kind,
                    "qualifier": "LATEST",
                    "triggerConfig": trigger.config,
                })
            })
            .collect(),
    };
    Resource { component: "fc3", props }
}

/// The variables of a function. What differs between accounts comes from the environment of `s`.
fn environment(description: &Description, function: &Function) -> BTreeMap<String, String> {
    let value = |setting: &str| match setting {
        "REAPER_REGION" => "${vars.region}".to_owned(),
        other => format!("${{env('{other}', '')}}"),
    };
    let own = function.settings.iter().map(|setting| (setting.clone(), value(setting)));
    let store = description.store.settings.iter().map(|(setting, value)| {
        let value = value.replace("${region}", "${vars.region}").replace("${instance}", "${vars.instance}");
        (setting.clone(), value)
    });
    own.chain(store).collect()
}
