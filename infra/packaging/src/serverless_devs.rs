//! `infra/serverless-devs`: the same functions for `s deploy` (component fc3), and their domain (component fc3-domain).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::description::{Description, Function, Route};
use crate::terraform::{Names, triggers};

const HEAD: &str = "\
# Made from infra/deployment.toml by `cargo run -p packaging -- generate`: change it there.
#
# `just package` first: the packages are taken from dist/. Roles, queue, log store and tables have to exist; the Terraform
# module makes them, or make them by hand with the policies in infra/terraform/policies. See docs/deployment.md.
";

const DOMAIN_HEAD: &str = "\
# Made from infra/deployment.toml by `cargo run -p packaging -- generate`: change it there.
#
# One address for the console pages and the HTTP interface: `s deploy -t domain.yaml`, after the functions. REAPER_DOMAIN
# names it, REAPER_DOMAIN_CERTIFICATE_ID is its certificate's id in Certificate Management Service. See docs/deployment.md.
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
struct File<R> {
    edition: &'static str,
    name: &'static str,
    access: &'static str,
    vars: BTreeMap<&'static str, String>,
    resources: R,
}

impl<R: Serialize> File<R> {
    fn text(
        head: &str,
        vars: BTreeMap<&'static str, String>,
        resources: R,
    ) -> Result<String, serde_norway::Error> {
        let access = "${env('REAPER_ACCESS', 'default')}";
        let file = Self { edition: "3.0.0", name: "reaper", access, vars, resources };
        Ok(format!("{head}{}", serde_norway::to_string(&file)?))
    }
}

/// The text of `s.yaml`.
///
/// # Errors
/// Never in practice: everything in it is text or a number.
pub fn file(description: &Description) -> Result<String, serde_norway::Error> {
    let mut vars = shared(description);
    vars.insert("account", "${env('ALIBABA_CLOUD_ACCOUNT_ID')}".into());
    vars.insert("instance", "reaper-events".into());
    vars.insert("runtime", description.runtime.default.clone());
    let functions = description.functions.iter();
    let resources: BTreeMap<_, _> =
        functions.map(|(name, f)| (name.as_str(), resource(description, name, f))).collect();
    File::text(HEAD, vars, resources)
}

/// The text of `domain.yaml`. A file of its own: `s deploy` deploys a file whole, and not everybody has a domain.
///
/// # Errors
/// Never in practice: everything in it is text.
pub fn domain(description: &Description) -> Result<String, serde_norway::Error> {
    let domain = &description.domain;
    let route = |(route, methods): (&Route, &[String])| {
        json!({
            "path": route.path,
            "functionName": format!("${{vars.name}}-{}", route.function),
            "qualifier": "LATEST",
            "methods": methods,
        })
    };
    let props = json!({
        "region": "${vars.region}",
        "domainName": "${env('REAPER_DOMAIN')}",
        "protocol": domain.protocol,
        "routeConfig": { "routes": description.routes().map(route).collect::<Vec<_>>() },
        "certConfig": { "certId": "${env('REAPER_DOMAIN_CERTIFICATE_ID')}" },
        "tlsConfig": { "minVersion": domain.min_tls, "maxVersion": domain.max_tls },
    });
    let resources = json!({ "domain": { "component": "fc3-domain", "props": props } });
    File::text(DOMAIN_HEAD, shared(description), resources)
}

/// What both files have to call by the same name.
fn shared(description: &Description) -> BTreeMap<&'static str, String> {
    let region = description.events.regions.first().cloned().unwrap_or_default();
    BTreeMap::from([("name", "reaper".into()), ("region", region)])
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
