//! An emulated cloud in a process of its own, and the binary with everything it needs to reach it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::http;

pub(crate) use cloud_emulator::scenario::believable::{ALICE, BATCH, BOB, DAVE, DEV, PROD, ROOT};

/// How long anything may take before a test gives up on it. Never waited for when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with the test.
pub(crate) struct Process(pub(crate) Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A cloud and an empty folder for the store.
pub(crate) struct World {
    pub(crate) description: Value,
    folder: TempDir,
    _cloud: Process,
}

/// A command that ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary, without anything of this machine's environment.
pub(crate) fn bare(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reaper"));
    command.env_clear().env("HOME", folder).current_dir(folder).stdin(Stdio::null());
    // Where coverage is measured, the binary says where to.
    if let Ok(profile) = std::env::var("LLVM_PROFILE_FILE") {
        command.env("LLVM_PROFILE_FILE", profile);
    }
    command
}

/// The binary without a cloud and without a store.
pub(crate) fn alone(args: &[&str]) -> Ended {
    let folder = TempDir::new().unwrap();
    finish(bare(folder.path()).args(args))
}

pub(crate) fn finish(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

impl World {
    /// The believable account, never looked at.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let child =
            bare(folder.path()).arg("emulate").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut cloud = Process(child);
        let mut line = String::new();
        BufReader::new(cloud.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { description: serde_json::from_str(&line).unwrap(), folder, _cloud: cloud }
    }

    /// After a sweep.
    pub(crate) fn swept() -> Self {
        let world = Self::new();
        let swept = world.run(&["sweep"]);
        assert_eq!(swept.code, Some(0), "{}", swept.err);
        world
    }

    /// After readings alone, so that everything is as the account has it.
    pub(crate) fn observed() -> Self {
        let world = Self::new();
        let leave_all = |command: &mut Command| {
            for rules in ["IDENTITY_DELETED", "EXPIRED"] {
                for answer in ["NO_RECORDS", "RECORDS_FOUND", "CHECK_FAILED"] {
                    command.env(format!("REAPER_POLICY_{rules}_{answer}"), "leave");
                }
            }
        };
        let mut command = world.command(&["sweep"]);
        leave_all(&mut command);
        assert_eq!(finish(&mut command).code, Some(0));
        world
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = bare(self.folder.path());
        for service in ["cs", "ram", "ims", "sts", "sls", "actiontrail", "oss"] {
            let url = self.description["endpoints"][service].as_str().unwrap();
            command.env(format!("REAPER_CLOUD_ENDPOINTS_{}", service.to_uppercase()), url);
        }
        // Where the emulated Tablestore is; which store is used, each test says.
        for (variable, value) in [
            ("REAPER_STORE_INSTANCE", &self.description["tablestore_instance"]),
            ("REAPER_STORE_ENDPOINT", &self.description["endpoints"]["tablestore"]),
        ] {
            command.env(variable, value.as_str().unwrap());
        }
        let keys = self.description["access_keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["owner"] == "reaper").unwrap();
        for (variable, field) in [
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "access_key_id"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "access_key_secret"),
            ("ALIBABA_CLOUD_SECURITY_TOKEN", "security_token"),
        ] {
            command.env(variable, key[field].as_str().unwrap());
        }
        // Fast, and one thing after the other, so that histories are the same in every run.
        command.env("REAPER_CLOUD_CALLS_PER_SECOND", "1000").env("REAPER_SWEEP_CONCURRENCY", "1");
        command.args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ended {
        finish(&mut self.command(args))
    }

    /// Runs with a text on stdin.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Ended {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command may end before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs, and reads the result as JSON.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let ended = self.run(&[args, &["-o", "json"]].concat());
        serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("no JSON: {}{}", ended.out, ended.err))
    }

    /// A file in the folder of the store.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Asks the emulated cloud's control.
    pub(crate) fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let url = self.description["endpoints"]["control"].as_str().unwrap();
        let answer = http::request(url, method, path, &[], body);
        assert!((200..300).contains(&answer.status), "{} {}", answer.status, answer.body);
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    /// How often the cloud was asked to delete.
    pub(crate) fn cleanings(&self) -> usize {
        let calls = self.control("GET", "/calls", "");
        let is_cleaning = |call: &&Value| call["operation"].as_str().unwrap().starts_with("Clean");
        calls.as_array().unwrap().iter().filter(is_cleaning).count()
    }

    /// Ids of the revocations that wait for a person, by uid.
    pub(crate) fn held(&self, uid: &str) -> String {
        let held = self.json(&["status", "--held"]);
        let pairs = held["revocations"].as_array().unwrap();
        let pair = pairs.iter().find(|pair| pair["uid"] == uid).unwrap();
        pair["open_revocation"]["id"].as_str().unwrap().to_owned()
    }
}

/// Takes out of an output what differs from run to run and from machine to machine. Widths stay.
pub(crate) fn same_everywhere(run: impl FnOnce()) {
    let user = nix::unistd::User::from_uid(nix::unistd::Uid::current()).unwrap().map(|user| user.name);
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-01-01T00:00:00Z");
    settings.add_filter(
        r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "00000000-0000-0000-0000-000000000000",
    );
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:port");
    settings.add_filter(r"\b[0-9a-f]{64}\b", "[sha256]");
    if let Some(user) = user {
        settings.add_filter(&format!(r"\b{user}( via [a-z ]+)? \((cli|timer)\)"), "person$1 ($2)");
        settings.add_filter(&format!(r#""actorhuman":"{user}""#), r#""actorhuman":"person""#);
        settings.add_filter(&format!("actorhuman: {user}\n"), "actorhuman: person\n");
    }
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(run);
}
