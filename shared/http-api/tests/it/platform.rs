//! Both functions as Function Compute starts and calls them, over HTTP.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use cloud_emulator::{Emulator, Service};
use fc_runtime::{Environment, Runtime};
use revocation::Config;
use revocation::config::EndpointConfig;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::world::{ALICE, BATCH, OLGA, PROD, VERA, World, entries};

/// A function behind a port. It ends with the test.
struct Started {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Drop for Started {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn start(function: Runtime) -> Started {
    let variables = |name: &str| (name == "FC_FUNCTION_NAME").then(|| "test".to_owned());
    let environment = Environment::from_lookup(variables).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let function = function.environment(environment).platform_lines(false);
    let server = tokio::spawn(async move { function.serve(listener, std::future::pending()).await.unwrap() });
    Started { address, server }
}

/// The configuration of a function in the emulated account of a world.
fn config(world: &World) -> Config {
    let url = |emulator: &Emulator, service| Some(emulator.endpoints().url(service));
    let mut config = Config::default();
    config.store.path = world.folder.path().join("events.sqlite");
    config.api.tokens = entries();
    config.cloud.calls_per_second = 10_000;
    config.cloud.endpoints = EndpointConfig {
        cs: url(&world.emulator, Service::Cs),
        ram: url(&world.emulator, Service::Ram),
        ims: url(&world.emulator, Service::Ims),
        sts: url(&world.emulator, Service::Sts),
        sls: url(&world.emulator, Service::Sls),
        actiontrail: url(&world.emulator, Service::ActionTrail),
        oss: url(&world.emulator, Service::Oss),
    };
    config
}

impl Started {
    /// Calls as the platform does: with the credentials of the role, an id and a time limit in seconds.
    async fn call(&self, head: &str, token: &str, seconds: u32, body: &str) -> (u16, String, Value) {
        let request = format!(
            "{head} HTTP/1.1\r\nhost: example\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nx-fc-control-path: /http-invoke\r\n\
             x-fc-request-id: 1-platform\r\nx-fc-function-timeout: {seconds}\r\n\
             x-fc-access-key-id: STS.EmulatedReaper\r\nx-fc-access-key-secret: EmulatedReaperSecret\r\n\
             x-fc-security-token: EmulatedReaperSecurityToken\r\n\r\n{body}",
            body.len()
        );
        let address = self.address;
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            // A server that refuses a large body may close before it has read all of it.
            let _ = stream.write_all(request.as_bytes());
            let mut answer = vec![];
            let _ = stream.read_to_end(&mut answer);
            String::from_utf8(answer).unwrap()
        });
        let answer = answer.await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_lowercase(), serde_json::from_str(body).unwrap())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn revoke_and_history_share_a_store() {
    let world = World::seen().await;
    let revoke = start(revoke::function(config(&world)).unwrap()).await;
    let history = start(history::function(config(&world)).unwrap()).await;

    let body = json!({ "uid": ALICE, "clusters": [PROD] }).to_string();
    let (status, head, answer) = revoke.call("POST /v1/revocations", OLGA, 60, &body).await;
    assert_eq!((status, &answer["outcomes"][0]["outcome"]), (200, &"confirmed".into()), "{answer}");
    assert!(head.contains("x-request-id: 1-platform"), "{head}");

    let path = format!("GET /v1/kubeconfigs/{PROD}/{ALICE}");
    let (status, _, pair) = history.call(&path, VERA, 60, "").await;
    assert_eq!((status, &pair["status"]), (200, &"Deleted".into()));

    // Each has its own routes only.
    assert_eq!(history.call("POST /v1/revocations", OLGA, 60, &body).await.0, 404);
    assert_eq!(history.call("POST /v1/events", OLGA, 60, "{}").await.0, 405);
    assert_eq!(revoke.call(&path, VERA, 60, "").await.0, 404);
}

/// A call that is begun must have the time to be read back. What is stored so far waits for the next sweep.
#[tokio::test(flavor = "multi_thread")]
async fn without_time_for_a_call_nothing_is_called() {
    let world = World::seen().await;
    let revoke = start(revoke::function(config(&world)).unwrap()).await;
    let body = json!({ "uid": ALICE, "clusters": [PROD, BATCH] }).to_string();
    let (status, _, answer) = revoke.call("POST /v1/revocations", OLGA, 10, &body).await;
    assert_eq!(status, 202, "{answer}");
    for outcome in answer["outcomes"].as_array().unwrap() {
        assert!(outcome["open_revocation"].is_object(), "{outcome}");
    }
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 0);
    world.sweep().await;
    assert_eq!(world.emulator.cleans(PROD, ALICE).received, 1, "the sweep goes on from there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_a_problem_here_too() {
    let world = World::new().await;
    let revoke = start(revoke::function(config(&world)).unwrap()).await;
    // A client that sends all of it before it listens may never hear the answer; one that waits for the word to go on does.
    let head = "POST /v1/revocations HTTP/1.1\r\nhost: example\r\nconnection: close\r\ncontent-type: application/json\r\n\
        content-length: 10485760\r\nexpect: 100-continue\r\nx-fc-control-path: /http-invoke\r\n";
    let request = format!("{head}authorization: Bearer {OLGA}\r\n\r\n");
    let address = revoke.address;
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("/problems/body-too-large"), "{answer}");
}

#[test]
fn a_bad_token_in_the_configuration_stops_both_functions_and_is_not_shown() {
    let mut config = Config::default();
    config.api.tokens = vec!["hunter2".into()];
    for function in [revoke::function, history::function] {
        let error = function(config.clone()).err().unwrap().to_string();
        assert!(error.contains("api.tokens: entry 1") && !error.contains("hunter2"), "{error}");
    }
}
