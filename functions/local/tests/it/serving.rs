//! `serve`, `emulate` and `function`: what runs until it is told to stop.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{ChildStderr, ChildStdout, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::http::request;
use crate::world::{ALICE, PROD, Process, World, alone, bare, finish};

pub(crate) struct Service {
    process: Process,
    url: String,
    out: Lines<BufReader<ChildStdout>>,
    log: Lines<BufReader<ChildStderr>>,
}

impl Service {
    pub(crate) fn start(mut command: Command) -> Self {
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut process = Process(child);
        let mut out = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let log = BufReader::new(process.0.stderr.take().unwrap()).lines();
        let first = out.next().expect("it says where it listens").unwrap();
        let url = first.split([' ', ',']).find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { process, url, out, log }
    }

    /// The next line of the log with this message. Every line before has to be JSON, too.
    fn logged(&mut self, message: &str) -> Value {
        loop {
            let line = self.log.next().expect("the log goes on").unwrap();
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if line["message"] == message {
                return line;
            }
        }
    }

    fn stop(&mut self) -> Option<i32> {
        let pid = Pid::from_raw(self.process.0.id().try_into().unwrap());
        kill(pid, Signal::SIGTERM).unwrap();
        self.process.0.wait().unwrap().code()
    }
}

fn serve(world: &World, tokens: &str) -> Service {
    let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("REAPER_API_TOKENS", tokens);
    Service::start(command)
}

/// A token and its entry.
fn token(role: &str) -> (String, String) {
    let out = alone(&["token", role, role]).out;
    let line = |name: &str| out.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
    (format!("Bearer {}", line("token: ")), line("entry: "))
}

#[test]
fn it_sweeps_at_the_start_answers_and_stops_when_told() {
    let world = World::new();
    let ((viewer, viewer_entry), (operator, operator_entry)) = (token("viewer"), token("operator"));
    let mut service = serve(&world, &format!("{viewer_entry},{operator_entry}"));
    let swept = service.logged("sweep done");
    assert_eq!((swept["confirmed"].as_u64(), swept["complete"].as_bool()), (Some(3), Some(true)));

    let get = |path, token: &str| request(&service.url, "GET", path, &[("authorization", token)], "");
    let overview: Value = serde_json::from_str(&get("/v1/overview", &viewer).body).unwrap();
    assert_eq!(overview["clusters"], 3);
    let path = format!(r#"{{"uid":"{ALICE}","clusters":["{PROD}"]}}"#);
    let post =
        |token: &str| request(&service.url, "POST", "/v1/revocations", &[("authorization", token)], &path);
    assert_eq!(post(&viewer).status, 403);
    let answer = post(&operator);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(answer.body.contains("confirmed"), "{}", answer.body);
    let record = service.logged("invocation");
    assert_eq!(record["kind"], "http");
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn without_tokens_it_answers_nobody_and_says_what_to_do() {
    let world = World::new();
    let mut service = serve(&world, "");
    let second = service.out.next().unwrap().unwrap();
    assert!(second.contains("reaper token NAME ROLE"), "{second}");
    assert_eq!(request(&service.url, "GET", "/healthz", &[], "").status, 200);
    assert_eq!(request(&service.url, "GET", "/v1/overview", &[], "").status, 401);
    assert_eq!(
        request(&service.url, "GET", "/v1/overview", &[("authorization", "Bearer x")], "").status,
        401
    );
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn one_document_describes_all_functions() {
    let world = World::new();
    let service = serve(&world, "");
    let document: Value =
        serde_json::from_str(&request(&service.url, "GET", "/openapi.json", &[], "").body).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for path in ["/v1/revocations", "/v1/overview", "/v1/leftovers", "/healthz"] {
        assert!(paths.contains_key(path), "{path}");
    }
    assert!(paths["/v1/events"].get("get").is_some() && paths["/v1/events"].get("post").is_some());
}

#[test]
fn beyond_this_machine_it_listens_only_with_tokens() {
    let world = World::new();
    let ended = world.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("api.tokens") && ended.err.contains("reaper token"), "{}", ended.err);
    let bad =
        finish(world.command(&["serve", "--listen", "127.0.0.1:0"]).env("REAPER_API_TOKENS", "hunter2"));
    assert_eq!(bad.code, Some(2));
    assert!(bad.err.contains("entry 1") && !bad.err.contains("hunter2"), "{}", bad.err);
    let taken = serve(&world, "");
    let address = taken.url.strip_prefix("http://").unwrap();
    assert_eq!(world.run(&["serve", "--listen", address]).code, Some(1));
}

#[test]
fn it_sweeps_again_after_the_interval() {
    let world = World::new();
    let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("REAPER_SWEEP_INTERVAL_SECONDS", "1");
    let mut service = Service::start(command);
    let first = service.logged("sweep done");
    let second = service.logged("sweep done");
    assert_ne!(first["run"], second["run"]);
    assert_eq!((first["confirmed"].as_u64(), second["confirmed"].as_u64()), (Some(3), Some(0)));
}

/// Serves on an emulated cloud, looks at it from another terminal, and stops.
fn emulated(store: &[&str]) {
    let folder = tempfile::TempDir::new().unwrap();
    let mut command = bare(folder.path());
    command.args(["serve", "--emulated", "--listen", "127.0.0.1:0"]).args(store);
    let mut service = Service::start(command);
    let mut exports = vec![];
    for line in service.out.by_ref().map(Result::unwrap) {
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|line| line.split_once('=')) {
            exports.push((name.to_owned(), value.to_owned()));
            if name.ends_with("_STS") {
                break;
            }
        }
    }
    service.logged("sweep done");
    let run = |args: &[&str]| finish(bare(folder.path()).envs(exports.clone()).args(args));
    for args in [&["status", "--held"][..], &["store", "check"]] {
        let ended = run(args);
        assert_eq!(ended.code, Some(0), "{args:?}: {}{}", ended.out, ended.err);
    }
    assert!(run(&["status", "--held"]).out.contains("dave"));
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_none(),
        "nothing is left where it was started"
    );
    assert_eq!(service.stop(), Some(0));
}

#[test]
fn emulated_it_needs_nothing_and_tells_how_to_look_at_it() {
    emulated(&[]);
}

#[test]
fn emulated_it_keeps_its_events_in_tables_if_asked_to() {
    emulated(&["--store", "tablestore"]);
}

#[test]
fn the_emulated_cloud_says_everything_in_its_first_line_and_stops_when_told() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("account.toml"),
        "account_id = \"1000000000000009\"\nregion = \"cn-hangzhou\"\ndomain = \"tiny.onaliyun.com\"\n\
         [[identities]]\nid = \"1000000000000009\"\nkind = \"root\"\nname = \"root\"\n",
    )
    .unwrap();
    let mut command = bare(folder.path());
    let child =
        command.args(["emulate", "--scenario", "account.toml"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut process = Process(child);
    let mut line = String::new();
    BufReader::new(process.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let description: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(description["account_id"], "1000000000000009");
    for part in ["endpoints", "access_keys", "clusters", "identities"] {
        assert!(!description[part].is_null(), "{part}");
    }
    kill(Pid::from_raw(process.0.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(process.0.wait().unwrap().code(), Some(0));
    let wrong = finish(bare(folder.path()).args(["emulate", "--scenario", "missing.toml"]));
    assert_eq!(wrong.code, Some(2));
}

#[test]
fn a_function_starts_as_its_own_binary_would() {
    for name in ["identity-deleted", "expiry-sweep", "revoke", "history"] {
        let world = World::new();
        let mut command = world.command(&["function", name]);
        command
            .env("FC_FUNCTION_NAME", name)
            .env("FC_SERVER_PORT", "0")
            .env("FC_RUNTIME_LISTEN_HOST", "127.0.0.1");
        let mut process = Process(command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap());
        let log = BufReader::new(process.0.stderr.take().unwrap()).lines();
        let mut lines = log.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let line = lines.find(|line| line["message"] == "listening").expect("it listens");
        assert_eq!(line["function"], name);
        let url = format!("http://{}", line["address"].as_str().unwrap());
        let hook = request(&url, "POST", "/initialize", &[("x-fc-control-path", "/initialize")], "");
        assert_eq!(hook.status, 200, "{name}");
    }
}

#[test]
fn told_to_stop_in_the_middle_of_a_deletion_it_finishes_that_step_and_leaves_the_rest() {
    let world = World::new();
    world.control("POST", "/knobs", r#"{"operations":{"CleanClusterUserPermissions":{"latency_ms":2000}}}"#);
    let mut service = serve(&world, "");
    let submitted =
        ["history", "--follow", "--interval", "0.01", "--type", "RevocationSubmitted", "-o", "ndjson"];
    let mut follower = Process(world.command(&submitted).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(follower.0.stdout.take().unwrap()).lines();
    let announced: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();

    assert_eq!(service.stop(), Some(0));
    let confirmed = world.json(&["history", "--type", "RevocationConfirmed"]);
    let subjects: Vec<&Value> = confirmed.as_array().unwrap().iter().map(|event| &event["subject"]).collect();
    assert_eq!(subjects, [&announced["subject"]]);
    assert_eq!(world.cleanings(), 1);

    world.control("POST", "/knobs", r#"{"operations":{}}"#);
    assert_eq!(world.run(&["sweep"]).code, Some(0));
    assert_eq!(world.cleanings(), 3, "the next sweep does the rest");
}
