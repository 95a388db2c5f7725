//! The deployment on the emulated cloud is the described one.

use std::collections::BTreeMap;

use cloud_emulator::deployment::{Deployment, Program, ROUTES};
use cloud_emulator::event_bridge::Pattern;
use cloud_emulator::{Options, Scenario};
use packaging::terraform::{EVENT_TRIGGER, pattern};
use serde_json::{Value, json};

use crate::description;

/// Write operations of RAM and IMS on users, roles and what belongs to them (packages alibabacloud-ram20150501 1.3.0 and
/// alibabacloud-ims20190815), asked for or not.
const WRITES: &[&str] = &[
    "AddUserToGroup",
    "AttachPolicyToRole",
    "CreateAccessKey",
    "CreateGroup",
    "CreateLoginProfile",
    "CreateRole",
    "CreateUser",
    "DeleteAccessKey",
    "DeleteAccessKeyInRecycleBin",
    "DeleteGroup",
    "DeleteLoginProfile",
    "DeleteRole",
    "DeleteUser",
    "DeleteUserInRecycleBin",
    "DetachPolicyFromUser",
    "RestoreAccessKeyFromRecycleBin",
    "RestoreUserFromRecycleBin",
    "UpdateAccessKey",
    "UpdateRole",
    "UpdateUser",
];

/// A deployment whose functions cannot start: every event that a rule asks for ends as a dead letter, after all tries.
async fn broken() -> Deployment {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::new(folder.path().join("there-is-none"), folder.path().join("events.sqlite"));
    program.time_scale = 0.0;
    Deployment::start(Scenario::believable(), Options::default(), &program).await.unwrap()
}

fn event(product: &str, name: &str) -> Value {
    json!({
        "specversion": "1.0", "id": format!("{product}-{name}"), "source": format!("acs.{product}"),
        "type": format!("{product}:ActionTrail:ApiCall"), "time": "2026-01-02T03:04:05Z",
        "data": { "eventName": name },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn it_has_the_described_functions() {
    let described: Vec<String> = description().functions.into_keys().collect();
    let mut emulated = broken().await.functions.names();
    emulated.sort();
    assert_eq!(emulated, described);
}

#[test]
fn its_domain_leads_where_the_described_one_does() {
    let routes = description().domain.routes;
    let described: Vec<_> = routes.iter().map(|route| (&*route.path, &*route.function)).collect();
    assert_eq!(described, ROUTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_rules_deliver_what_the_described_rules_ask_for() {
    let events = description().events;
    let described: BTreeMap<String, Vec<String>> = (1..)
        .zip(&events.rules)
        .map(|(number, rule)| (format!("{EVENT_TRIGGER}-{number}"), rule.clone()))
        .collect();
    let deployment = broken().await;
    for name in WRITES {
        deployment.bus.publish(event("ram", name));
    }
    deployment.idle().await;
    let mut emulated = BTreeMap::<String, Vec<String>>::new();
    for letter in deployment.bus.dead_letters() {
        assert_eq!(letter.target, "identity-deleted");
        assert_eq!(letter.tries, 177, "the first try and the 176 of {}", events.retry);
        let name = letter.event["data"]["eventName"].as_str().unwrap().to_owned();
        emulated.entry(letter.rule).or_default().push(name);
    }
    let sorted = |mut rules: BTreeMap<String, Vec<String>>| {
        rules.values_mut().for_each(|names| names.sort());
        rules
    };
    assert_eq!(sorted(emulated), sorted(described));
}

#[test]
fn records_of_ram_and_of_ims_pass_the_described_patterns() {
    let events = description().events;
    for rule in &events.rules {
        let pattern = Pattern::parse(&pattern(&events, rule)).unwrap();
        for name in rule {
            assert!(pattern.matches(&event("ram", name)), "ram {name}");
            assert!(pattern.matches(&event("ims", name)), "ims {name}");
        }
        for name in WRITES {
            assert_eq!(
                pattern.matches(&event("ram", name)),
                rule.iter().any(|asked| asked == name),
                "{name}"
            );
        }
        let mut of_console = event("ram", &rule[0]);
        of_console["type"] = "ram:ActionTrail:ConsoleSignin".into();
        assert!(!pattern.matches(&of_console));
    }
}
