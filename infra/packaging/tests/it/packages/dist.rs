//! The packages themselves, unpacked and started by the emulated Function Compute, carry the main job.
//!
//! Ignored unless asked for, because they have to be built first: `just package-test`.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use alibaba_cloud::Credentials;
use cloud_emulator::account::IssuedCertificate;
use cloud_emulator::deployment::{Deployment, Program};
use cloud_emulator::{Call, Options, Scenario, Service};
use packaging::package::{Budget, Size, needs_libraries};
use packaging::policy::Policy;
use revocation::Config;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{dist, unpack};
use crate::description;

const ALICE: &str = "200000000000000101";
const ROOT: &str = "1000000000000001";
const TOKENS: [(&str, &str); 2] = [("viewer", "a-viewer-token"), ("approver", "an-approver-token")];

/// Started as `launch function NAME`, as the emulated deployment starts its functions.
const LAUNCH: &str = "#!/bin/sh\nexec \"$(dirname \"$0\")/$2/bootstrap\"\n";

/// What every SQLite file begins with, and so every program that can write one holds.
const SQLITE: &[u8] = b"SQLite format 3";

struct Stage {
    deployment: Deployment,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Stage {
    async fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in description().functions.keys() {
            unpack(&dist().join(format!("{name}.zip")), &folder.path().join(name));
        }
        let launch = folder.path().join("launch");
        std::fs::write(&launch, LAUNCH).unwrap();
        std::fs::set_permissions(&launch, std::fs::Permissions::from_mode(0o755)).unwrap();
        let tokens =
            TOKENS.map(|(role, token)| format!("{role}:{role}:{}", hex::encode(Sha256::digest(token))));
        let program = Program::new(launch, folder.path().join("events.sqlite"))
            .env("REAPER_API_TOKENS", tokens.join(","))
            .env("REAPER_STORE_KIND", "tablestore")
            .env("REAPER_CLOUD_CALLS_PER_SECOND", "1000")
            .env("RUST_LOG", "warn");
        let deployment =
            Deployment::start(Scenario::believable(), Options::default(), &program).await.unwrap();
        // Only loopback is called; reqwest wants a TLS provider all the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stage = Self { deployment, http: reqwest::Client::new(), _folder: folder };
        stage.make_tables().await;
        stage
    }

    /// Tables are made by a person.
    async fn make_tables(&self) {
        let emulator = &self.deployment.emulator;
        let mut config = Config::default();
        config.store.instance = Some(emulator.tablestore_instance());
        config.store.endpoint = Some(emulator.endpoints().url(Service::Tablestore));
        let key = emulator.account(|account| account.access_keys()[0].clone());
        let person = Credentials::new(key.id, key.secret.expose());
        revocation::tablestore(&config, false, Arc::new(person)).unwrap().set_up().await.unwrap();
        emulator.forget_calls();
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("{}{path}", self.deployment.history_url());
        let response = self.http.get(url).bearer_auth(TOKENS[0].1).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        response.json().await.unwrap()
    }

    async fn approve(&self, open: &Value) {
        let path = format!("/v1/revocations/{}/approval", open["id"].as_str().unwrap());
        let url = format!("{}{path}", self.deployment.revoke_url());
        let body = json!({ "hold": open["hold"], "note": "alice has left" });
        let response = self.http.post(url).bearer_auth(TOKENS[1].1).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
    }

    fn certificates(&self) -> Vec<(String, IssuedCertificate)> {
        self.deployment.emulator.account(|account| {
            let of_alice = account.kubeconfigs().filter(|kubeconfig| kubeconfig.uid == ALICE);
            of_alice.flat_map(|k| k.certificates.iter().map(|c| (k.cluster.clone(), c.clone()))).collect()
        })
    }

    fn admitted(&self, certificates: &[(String, IssuedCertificate)]) -> usize {
        let now = self.deployment.emulator.now();
        self.deployment.emulator.account(|account| {
            certificates.iter().filter(|(c, issued)| account.admits(c, issued, now)).count()
        })
    }

    /// What was called since the last time is allowed to this function.
    fn allows(&self, function: &str) {
        let description = description();
        let policy = Policy::of(&description, &description.functions[function]).unwrap();
        let called: BTreeSet<String> =
            self.deployment.emulator.calls().into_iter().map(|call| call.action).collect();
        self.deployment.emulator.forget_calls();
        let beyond: Vec<_> =
            called.iter().filter(|action| !policy.allowed().contains(&action.as_str())).collect();
        assert!(beyond.is_empty(), "{function} calls what its policy does not allow: {beyond:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the packages: just package-test"]
async fn the_packages_end_the_access_of_a_deleted_user() {
    let stage = Stage::set().await;
    stage.deployment.sweep("look").await.unwrap();
    stage.allows("expiry-sweep");
    let certificates = stage.certificates();
    assert_eq!((certificates.len(), stage.admitted(&certificates)), (3, 3));

    let emulator = &stage.deployment.emulator;
    emulator.perform(Service::Ram, "DeleteUser", &[("UserName", "alice")], ROOT).unwrap();
    emulator.forget_calls();
    stage.deployment.idle().await;
    stage.allows("identity-deleted");
    assert_eq!(stage.admitted(&certificates), 1, "one cluster has no audit log: a person decides");

    let held = stage.get("/v1/held").await;
    let beyond_the_store = |call: &Call| call.service != Service::Tablestore;
    assert!(!stage.deployment.emulator.calls().iter().any(beyond_the_store), "history reads the store alone");
    stage.allows("history");
    for pair in held["revocations"].as_array().unwrap().iter().filter(|pair| pair["uid"] == ALICE) {
        stage.approve(&pair["open_revocation"]).await;
    }
    stage.allows("revoke");
    stage.deployment.sweep("").await.unwrap();
    stage.allows("expiry-sweep");
    assert_eq!(stage.admitted(&certificates), 0);
    for (cluster, _) in &certificates {
        assert_eq!(stage.deployment.emulator.cleans(cluster, ALICE).effective, 1, "{cluster}");
    }
}

#[test]
#[ignore = "needs the packages: just package-test"]
fn the_packages_keep_within_the_budget_and_are_what_the_checksums_say() {
    let sums = std::fs::read_to_string(dist().join("SHA256SUMS")).unwrap();
    for name in description().functions.keys() {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = dist().join(format!("{name}.zip"));
        unpack(&path, folder.path());
        let program = std::fs::read(folder.path().join("bootstrap")).unwrap();
        let zip = std::fs::read(&path).unwrap();
        let size = Size { name: name.clone(), binary: program.len(), zip: zip.len() };
        assert!(Budget::FUNCTION.holds(&size), "{size:?}");
        let carries_sqlite = program.windows(SQLITE.len()).any(|bytes| bytes == SQLITE);
        assert!(!carries_sqlite, "{name} carries SQLite, which no function uses on Function Compute");
        let line = format!("{}  {name}.zip\n", hex::encode(Sha256::digest(&zip)));
        assert!(sums.contains(&line), "{name}");
        println!("{name}: {} static: {}", program.len(), !needs_libraries(&program));
    }
}

#[test]
#[ignore = "needs the packages: just package-test"]
fn a_package_that_is_told_to_use_a_file_says_what_to_do_instead() {
    for name in description().functions.keys() {
        let folder = tempfile::tempdir().unwrap();
        unpack(&dist().join(format!("{name}.zip")), folder.path());
        let mut function = Command::new(folder.path().join("bootstrap"));
        let output = function.env_clear().env("REAPER_STORE_KIND", "sqlite").output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{name} starts");
        for part in ["built without SQLite", "REAPER_STORE_KIND", "tablestore", "REAPER_STORE_INSTANCE"] {
            assert!(told.contains(part), "{name}: {part} is missing in {told}");
        }
    }
}
