//! Kubeconfig files and the certificates in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cloud_emulator::Service;
use serde_json::json;
use x509_parser::pem::parse_x509_pem;

use crate::client::{ALICE, CAROL, DAVE, DEV, Keys, PROD, Plain, REAPER, World};

struct Certificate {
    common_name: String,
    days: i64,
}

/// Reads the client certificate in a kubeconfig file.
fn certificate(file: &str) -> Certificate {
    let file: serde_json::Value = serde_norway::from_str(file).expect("YAML");
    assert_eq!(file["kind"], "Config");
    let user = &file["users"][0]["user"];
    let pem = user["client-certificate-data"].as_str().expect("a certificate");
    assert!(user["client-key-data"].is_string());
    let pem = STANDARD.decode(pem).expect("base64");
    let (_, pem) = parse_x509_pem(&pem).expect("PEM");
    let parsed = pem.parse_x509().expect("X.509");
    let name = parsed.subject().iter_common_name().next().expect("a common name");
    let validity = parsed.validity();
    Certificate {
        common_name: name.as_str().expect("text").to_owned(),
        days: (validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kubeconfig_is_a_yaml_file_with_a_certificate_for_uid_and_suffix_for_three_years() {
    let world = World::start().await;
    let answer = world.cs("GET", &format!("/k8s/{DEV}/users/{CAROL}/user_config")).ok();
    let certificate = certificate(answer["config"].as_str().expect("a file"));
    let (uid, suffix) = certificate.common_name.split_once('-').expect("uid and suffix");
    assert_eq!(uid, CAROL);
    assert!(suffix.bytes().all(|b| b.is_ascii_digit()), "{suffix}");
    assert_eq!(certificate.days, 1095);
    assert!(answer["expiration"].as_str().expect("a time").ends_with('Z'));
    assert_eq!(world.states(DEV, CAROL), ["Unexpired"], "reading it has issued it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_is_given_again_and_a_temporary_one_is_issued_beside_it() {
    let world = World::start().await;
    let address = format!("/k8s/{PROD}/users/{ALICE}/user_config");
    let first = world.cs("GET", &address).ok();
    assert_eq!(world.cs("GET", &address).ok()["config"], first["config"]);
    let short = world.cs("GET", &format!("{address}?TemporaryDurationMinutes=30")).ok();
    let short = certificate(short["config"].as_str().expect("a file"));
    assert_eq!(short.days, 0);
    assert_eq!(world.states(PROD, ALICE), ["Unexpired", "Unexpired"]);
    assert_eq!(world.cs("GET", &address).ok()["config"], first["config"]);
    let long = certificate(first["config"].as_str().expect("a file"));
    assert_eq!(long.common_name, short.common_name);
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_certificates_last_fifteen_minutes_to_three_days() {
    let world = World::start().await;
    for (minutes, accepted) in [(14, false), (15, true), (4320, true), (4321, false)] {
        let address = format!("/k8s/{PROD}/user_config?TemporaryDurationMinutes={minutes}");
        assert_eq!(world.cs("GET", &address).status == 200, accepted, "{minutes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_replaces_the_callers_own_credential_and_nobody_elses() {
    let world = World::start().await;
    let own = |world: &World| {
        let answer = world.cs("GET", &format!("/k8s/{PROD}/user_config")).ok();
        certificate(answer["config"].as_str().expect("a file")).common_name
    };
    let (before, alice) = (own(&world), world.account(|a| a.common_name(PROD, ALICE)));
    assert!(before.starts_with(REAPER));
    assert_eq!(world.cs("DELETE", &format!("/k8s/{PROD}/certs")).status, 200);
    assert_ne!(own(&world), before);
    assert_eq!(world.account(|a| a.common_name(PROD, ALICE)), alice);
    assert_eq!(world.roles(PROD, REAPER), ["restricted"], "permissions stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn validity_can_be_set_from_one_hour_to_a_hundred_years() {
    let world = World::start().await;
    let address = format!("/k8s/{PROD}/user_config/expire");
    let set =
        |hours: i64| world.cs_json("POST", &address, &json!({"user": ALICE, "expire_hour": hours})).status;
    assert_eq!(set(0), 400);
    assert_eq!(set(876_001), 400);
    assert_eq!(set(24), 200);
    let file = world.cs("GET", &format!("/k8s/{PROD}/users/{ALICE}/user_config")).ok();
    assert_eq!(certificate(file["config"].as_str().expect("a file")).days, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_issued_to_a_deleted_user_or_in_a_broken_cluster() {
    let world = World::start().await;
    let answer = world.cs("GET", &format!("/k8s/{PROD}/users/{DAVE}/user_config"));
    assert_eq!(answer.error(), (404, "ErrorUserNotFound"));
    world.account(|a| a.set_cluster_state(PROD, "failed")).expect("a cluster");
    let answer = world.cs("GET", &format!("/k8s/{PROD}/users/{ALICE}/user_config"));
    assert_eq!(answer.error(), (400, "ErrorClusterState"));
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_expire_with_the_clock() {
    let world = World::as_of(Keys::root()).await;
    assert_eq!(world.states(PROD, ALICE), ["Unexpired"]);
    world.emulator.advance(jiff::SignedDuration::from_hours(3 * 365 * 24));
    assert_eq!(world.states(PROD, ALICE), ["Expired"]);
    let plain = Plain::new("GET", &format!("/clusters/{PROD}/kubeconfig/states"));
    let list = world.send(Service::Cs, plain).ok();
    assert_eq!(list["states"][0]["cert_state"], "Expired");
}
