//! `s.yaml`, held to what the component fc3 takes.
//!
//! The component cannot be installed from npm (no package of that name), and its schema is not checked in here. The names
//! below were read from `src/schema.json` of devsapp/fc3 (commit 0c2a2207); `concurrencyConfig` and `qualifier` of later
//! versions (section 10 of the interface facts, tag FC3).

use std::collections::BTreeSet;

use packaging::workspace;
use serde_norway::Value;

use crate::description;

const PROPS: &[&str] = &[
    "asyncInvokeConfig",
    "code",
    "concurrencyConfig",
    "cpu",
    "customDNS",
    "customRuntimeConfig",
    "description",
    "diskSize",
    "endpoint",
    "environmentVariables",
    "functionName",
    "handler",
    "instanceConcurrency",
    "instanceLifecycleConfig",
    "internetAccess",
    "layers",
    "logConfig",
    "memorySize",
    "region",
    "role",
    "runtime",
    "timeout",
    "triggers",
    "vpcConfig",
];
const REQUIRED: &[&str] = &["functionName", "region", "runtime", "code"];
const LOG: &[&str] =
    &["enableInstanceMetrics", "enableRequestMetrics", "logBeginRule", "logstore", "project"];
const ASYNC: &[&str] = &["destinationConfig", "maxAsyncEventAgeInSeconds", "maxAsyncRetryAttempts"];
const RUNTIME: &[&str] = &["args", "command", "healthCheckConfig", "port"];
const TRIGGER: &[&str] = &[
    "description",
    "invocationRole",
    "qualifier",
    "sourceArn",
    "triggerConfig",
    "triggerName",
    "triggerType",
];
const TIMER: &[&str] = &["cronExpression", "enable", "payload"];
const HTTP: &[&str] = &["authConfig", "authType", "disableURLInternet", "methods"];
const EVENTBRIDGE: &[&str] = &[
    "asyncInvocationType",
    "eventRuleFilterPattern",
    "eventSinkConfig",
    "eventSourceConfig",
    "runOptions",
    "triggerEnable",
];
/// Runtimes of that commit and of later versions that a static program runs on.
const RUNTIMES: &[&str] = &["custom", "custom.debian10", "custom.debian11", "custom.debian12"];

/// The component fc3-domain: its page `spec.md` among the documents of Serverless Devs.
const DOMAIN: &[&str] = &[
    "authConfig",
    "certConfig",
    "domainName",
    "protocol",
    "region",
    "routeConfig",
    "tlsConfig",
    "wafConfig",
];
const ROUTE: &[&str] = &["functionName", "methods", "path", "qualifier", "rewriteConfig"];
const CERTIFICATE: &[&str] = &["certId", "certName", "certificate", "privateKey"];
const TLS: &[&str] = &["cipherSuites", "maxVersion", "minVersion"];
/// Of TLS, those that nobody has to be ashamed of (same page).
const TLS_VERSIONS: &[&str] = &["TLSv1.2", "TLSv1.3"];

fn file() -> Value {
    read("s.yaml")
}

fn read(name: &str) -> Value {
    let text = std::fs::read_to_string(workspace().join("infra/serverless-devs").join(name)).unwrap();
    serde_norway::from_str(&text).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect()
}

fn known(value: &Value, known: &[&str], place: &str) {
    for key in keys(value) {
        assert!(known.contains(&key), "{place}: there is no {key}");
    }
}

#[test]
fn every_key_is_one_that_the_component_knows() {
    let file = file();
    known(&file, &["edition", "name", "access", "vars", "resources"], "the file");
    for (name, resource) in file["resources"].as_mapping().unwrap() {
        let name = name.as_str().unwrap();
        known(resource, &["component", "props"], name);
        assert_eq!(resource["component"], "fc3");
        let props = &resource["props"];
        known(props, PROPS, name);
        for key in REQUIRED {
            assert!(keys(props).contains(key), "{name}: {key} is required");
        }
        known(&props["logConfig"], LOG, name);
        known(&props["asyncInvokeConfig"], ASYNC, name);
        known(&props["customRuntimeConfig"], RUNTIME, name);
        known(&props["concurrencyConfig"], &["reservedConcurrency"], name);
        for trigger in props["triggers"].as_sequence().unwrap() {
            known(trigger, TRIGGER, name);
            let (config, all): (_, &[&str]) = match trigger["triggerType"].as_str().unwrap() {
                "timer" => (TIMER, &["cronExpression", "enable"]),
                "http" => (HTTP, &["authType", "methods"]),
                "eventbridge" => (EVENTBRIDGE, EVENTBRIDGE),
                other => panic!("{name}: no trigger is of type {other}"),
            };
            known(&trigger["triggerConfig"], config, name);
            for key in all {
                assert!(keys(&trigger["triggerConfig"]).contains(key), "{name}: {key} is required");
            }
        }
    }
}

#[test]
fn the_runtime_and_the_region_are_such_that_it_works() {
    let vars = file()["vars"].clone();
    assert!(RUNTIMES.contains(&vars["runtime"].as_str().unwrap()));
    let region = vars["region"].as_str().unwrap().to_owned();
    assert!(description().events.regions.contains(&region));
}

#[test]
fn names_are_those_of_the_terraform_module() {
    let terraform = std::fs::read_to_string(workspace().join("infra/terraform/main.tf")).unwrap();
    let file = file();
    for (name, resource) in file["resources"].as_mapping().unwrap() {
        let (name, props) = (name.as_str().unwrap(), &resource["props"]);
        assert_eq!(props["functionName"], format!("${{vars.name}}-{name}").as_str());
        assert_eq!(props["role"], format!("acs:ram::${{vars.account}}:role/${{vars.name}}-{name}").as_str());
        assert_eq!(props["code"], format!("../../dist/{name}.zip").as_str());
        let project =
            props["logConfig"]["project"].as_str().unwrap().replace("vars.account", "local.account");
        let project = project.replace("vars.name", "var.name");
        assert!(terraform.contains(&format!("project      = {project:?}")), "{project}");
        let logstore = props["logConfig"]["logstore"].as_str().unwrap();
        assert!(terraform.contains(&format!("logstore     = {logstore:?}")), "{logstore}");
    }
    assert!(terraform.contains(r#"dead_letters = "${var.name}-dead-letters""#));
    assert!(
        terraform.contains(r#""acs:mns:${var.region}:${local.account}:/queues/${local.names.dead_letters}""#)
    );
}

#[test]
fn every_key_of_the_domain_is_one_that_its_component_knows() {
    let file = read("domain.yaml");
    known(&file, &["edition", "name", "access", "vars", "resources"], "the file");
    let domain = &file["resources"]["domain"];
    assert_eq!(domain["component"], "fc3-domain");
    let props = &domain["props"];
    known(props, DOMAIN, "domain");
    for key in ["region", "domainName", "protocol", "routeConfig"] {
        assert!(keys(props).contains(key), "domain: {key} is required");
    }
    known(&props["certConfig"], CERTIFICATE, "domain");
    known(&props["tlsConfig"], TLS, "domain");
    for version in ["minVersion", "maxVersion"] {
        assert!(TLS_VERSIONS.contains(&props["tlsConfig"][version].as_str().unwrap()), "{version}");
    }
    for route in props["routeConfig"]["routes"].as_sequence().unwrap() {
        known(route, ROUTE, "domain");
    }
}

#[test]
fn the_domain_leads_to_the_functions_of_the_other_file() {
    let (functions, domain) = (file(), read("domain.yaml"));
    for var in ["name", "region"] {
        assert_eq!(functions["vars"][var], domain["vars"][var], "{var}");
    }
    let resources = functions["resources"].as_mapping().unwrap();
    let names: BTreeSet<&str> =
        resources.values().map(|resource| resource["props"]["functionName"].as_str().unwrap()).collect();
    for route in domain["resources"]["domain"]["props"]["routeConfig"]["routes"].as_sequence().unwrap() {
        assert!(names.contains(route["functionName"].as_str().unwrap()), "{route:?}");
    }
}
