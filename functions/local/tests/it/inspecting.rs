//! `inspect`: whose a file is, without ever showing what it proves it with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::{Emulator, Options, Scenario};
use jiff::SignedDuration;

use crate::world::{ALICE, PROD, World, same_everywhere};

/// A kubeconfig file as the emulated cloud issues it.
fn issued(validity: Option<SignedDuration>) -> String {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let emulator = Emulator::start(Scenario::believable(), Options::default()).await.unwrap();
        let now = emulator.now();
        emulator.account(|account| account.kubeconfig_file(PROD, ALICE, validity, now)).unwrap().0
    })
}

fn field<'a>(file: &'a str, name: &str) -> &'a str {
    file.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap().trim()
}

#[test]
fn a_file_names_its_holder_its_cluster_and_its_validity() {
    let world = World::observed();
    let path = world.file("kubeconfig", issued(None));
    let ended = world.run(&["inspect", path.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("inspect", ended.out));
    assert!(ended.err.contains(&format!("reaper revoke {ALICE} {PROD}")), "{}", ended.err);
}

#[test]
fn neither_keys_nor_certificates_are_shown_in_any_format() {
    let world = World::new();
    let file = issued(None);
    let path = world.file("kubeconfig", &file);
    let secret = String::from_utf8(STANDARD.decode(field(&file, "client-key-data:")).unwrap()).unwrap();
    let line = secret.lines().nth(1).unwrap();
    for format in ["table", "wide", "json", "yaml", "ndjson", "name", "csv"] {
        let ended = world.run(&["inspect", path.to_str().unwrap(), "-o", format, "-vv"]);
        let shown = format!("{}{}", ended.out, ended.err);
        assert!(ended.code == Some(0) && !shown.contains(line) && !shown.contains("PRIVATE KEY"), "{format}");
        assert!(!shown.contains(field(&file, "client-key-data:")), "{format}");
    }
}

#[test]
fn the_store_adds_what_it_knows_and_is_not_needed() {
    let file = issued(None);
    let status = |world: &World| {
        let ended = world.run_with(&["inspect", "-", "-o", "json"], file.as_bytes());
        let holdings: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
        holdings[0]["status"].clone()
    };
    assert_eq!(status(&World::new()), serde_json::Value::Null);
    let world = World::observed();
    assert_eq!(status(&world), "Effective, account Active");
    world.run(&["revoke", ALICE, PROD, "--yes"]);
    assert_eq!(status(&world), "Deleted, account Active");
}

#[test]
fn an_expired_certificate_says_so() {
    let world = World::new();
    let file = issued(Some(SignedDuration::from_hours(-1)));
    let ended = world.run_with(&["inspect", "-", "-o", "json"], file.as_bytes());
    let holdings: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(holdings[0]["validity"], "expired");
}

#[test]
fn a_certificate_alone_tells_its_holder() {
    let world = World::new();
    let file = issued(None);
    let pem = STANDARD.decode(field(&file, "client-certificate-data:")).unwrap();
    let ended = world.run_with(&["inspect", "-", "-o", "name"], &pem);
    assert_eq!(ended.out, format!("identity/{ALICE}\n"));
}

#[test]
fn files_of_others_are_understood_as_far_as_they_go() {
    let world = World::new();
    let foreign = "apiVersion: v1\nkind: Config\ncurrent-context: a\n\
        contexts:\n- {name: a, context: {cluster: c, user: token}}\n- {name: b, context: {cluster: c, user: exec}}\n\
        clusters:\n- {name: c, cluster: {server: 'https://user:hush@example.com:6443'}}\n\
        users:\n- {name: token, user: {token: hush}}\n- {name: exec, user: {exec: {command: aws, args: [hush]}}}\n";
    let ended = world.run_with(&["inspect", "-", "-o", "wide"], foreign.as_bytes());
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    same_everywhere(|| insta::assert_snapshot!("inspect_foreign", ended.out));
    assert!(!format!("{}{}", ended.out, ended.err).contains("hush"));
}

#[test]
fn what_is_neither_is_an_error_that_quotes_nothing() {
    let world = World::new();
    for input in ["hush: [", "hush", "", "-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----\n"] {
        let ended = world.run_with(&["inspect", "-"], input.as_bytes());
        assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{input}");
        assert!(!ended.err.contains("hush"), "{}", ended.err);
    }
    let long = world.run_with(&["inspect", "-"], &vec![b'a'; 2 << 20]);
    assert_eq!(long.code, Some(1));
    assert_eq!(world.run(&["inspect", "missing.yaml"]).code, Some(1));
}
