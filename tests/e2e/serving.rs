//! `reaper serve` on one machine, with the command line beside it on the same store.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};

use cloud_emulator::HoldPoint;
use futures::future::join_all;
use kubeconfig::Status;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::company::{BATCH, DEV, Member, PROD, company};
use crate::world::{APPROVER, NO_LEASE, ONE_BY_ONE, OPERATOR, PATIENCE, VIEWER, World, answered, within};

/// A running `reaper serve`. It is killed with the test.
struct Server {
    child: Child,
    url: String,
    log: Receiver<Value>,
    client: reqwest::Client,
}

impl Server {
    fn start(world: &World) -> Self {
        let mut command = world.command(&["serve", "--listen", "127.0.0.1:0"], &[NO_LEASE, ONE_BY_ONE]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, log) = channel();
        let errors = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn(move || {
            for line in errors.map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or_else(|_| json!({ "message": line }));
                // Nobody listens any more: the test is over.
                let _ = lines.send(line);
            }
        });
        let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = out.next().expect("it says where it listens").unwrap();
        let url = first.split([' ', ',']).find(|word| word.starts_with("http://")).unwrap().to_owned();
        Self { child, url, log, client: reqwest::Client::new() }
    }

    /// The next line of the log with this message.
    fn logged(&self, message: &str) -> Value {
        loop {
            let line =
                tokio::task::block_in_place(|| self.log.recv_timeout(PATIENCE).expect("the log goes on"));
            assert_ne!(line["message"], "panic", "{line}");
            if line["message"] == message {
                return line;
            }
        }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answered(self.client.get(format!("{}{path}", self.url)).bearer_auth(VIEWER)).await
    }

    async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", self.url);
        answered(self.client.post(url).bearer_auth(token).json(body)).await
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// The exit code; none after a signal that cannot be handled.
    async fn ended(mut self) -> Option<i32> {
        let ended = tokio::task::spawn_blocking(move || self.child.wait().unwrap().code());
        within("the end of the server", ended).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn left_before() -> Member {
    Member::user(102, &[PROD]).deleted()
}

fn clerk() -> Member {
    Member::user(103, &[PROD, BATCH])
}

async fn world() -> World {
    let members = [Member::leaver(), left_before(), clerk(), Member::user(104, &[PROD])];
    let world = World::new(company(&members), &[]).await;
    world.lose_events();
    world
}

async fn assert_gone(world: &World, member: &Member) {
    let log = world.log().await;
    for (cluster, uid) in member.audited() {
        assert_eq!(log.status(cluster, uid), Status::Deleted, "{cluster}/{uid}");
        world.assert_cleaned_once(&log, cluster, uid);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_sweeps_takes_events_and_answers_while_the_command_line_works_on_the_same_store() {
    let world = world().await;
    let server = Server::start(&world);
    let swept = server.logged("sweep done");
    assert_eq!((&swept["confirmed"], &swept["errors"]), (&json!(1), &json!(0)), "{swept}");
    assert_gone(&world, &left_before()).await;

    let event = world.delete(&Member::leaver());
    let deliveries = (0..3).map(|_| server.post("/v1/events", OPERATOR, &event));
    let revoke = ["revoke", &clerk().uid, "--all", "--yes", "-o", "json"];
    let (deliveries, revoked, statuses) = tokio::join!(
        join_all(deliveries),
        world.run(&revoke, &[]),
        join_all((0..3).map(|_| world.run(&["status", "-o", "json"], &[]))),
    );
    assert_eq!(revoked.code, Some(0), "{}", revoked.err);
    for status in statuses {
        assert_eq!(status.code, Some(0), "{}", status.err);
        serde_json::from_str::<Value>(&status.out).unwrap();
    }
    // DEV waits for a person.
    assert!(deliveries.iter().all(|(status, _)| *status == 202), "{deliveries:?}");
    assert_gone(&world, &Member::leaver()).await;
    assert_gone(&world, &clerk()).await;

    let (_, held) = server.get("/v1/held").await;
    let open = &held["revocations"][0]["open_revocation"];
    let approved = world.run(&["approve", open["id"].as_str().unwrap()], &[]).await;
    assert_eq!(approved.code, Some(0), "{}", approved.err);
    assert_eq!(world.deployment.emulator.cleans(DEV, &Member::leaver().uid).effective, 1);
    let (status, answer) = server
        .post(&format!("/v1/revocations/{}/approval", open["id"].as_str().unwrap()), APPROVER, &json!({}))
        .await;
    assert!([200, 409].contains(&status), "{answer}");
    assert_eq!(world.deployment.emulator.cleans(DEV, &Member::leaver().uid).received, 1);

    let (status, overview) = server.get("/v1/overview").await;
    assert_eq!((status, &overview["held"], &overview["open"]), (200, &json!(0), &json!(0)), "{overview}");
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().await, Some(0));
    world.log().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_it_finishes_the_request_in_flight() {
    let world = world().await;
    let server = Server::start(&world);
    server.logged("sweep done");
    // A read is held in the middle of the revocation; when its connection breaks it is made again.
    let held = world.deployment.emulator.hold_call(5, HoldPoint::Arrived);
    let body = json!({ "uid": clerk().uid, "clusters": "all" });
    let stop = async {
        within("the call", held.reached()).await;
        server.signal(Signal::SIGTERM);
        server.logged("stopping");
        drop(held);
    };
    let ((status, answer), ()) = tokio::join!(server.post("/v1/revocations", OPERATOR, &body), stop);
    assert_eq!(status, 200, "{answer}");
    assert_gone(&world, &clerk()).await;
    assert_eq!(server.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_middle_of_anything_its_next_start_finishes_it() {
    let world = world().await;
    let held = world.deployment.emulator.hold_call(20, HoldPoint::CarriedOut);
    let server = Server::start(&world);
    within("a call of the first sweep", held.reached()).await;
    server.signal(Signal::SIGKILL);
    assert_eq!(server.ended().await, None);
    drop(held);

    let server = Server::start(&world);
    server.logged("sweep done");
    assert_gone(&world, &left_before()).await;
    let body = json!({ "uid": clerk().uid, "clusters": "all" });
    let held = world.deployment.emulator.hold_call(25, HoldPoint::CarriedOut);
    let end = async {
        within("a call of the request", held.reached()).await;
        server.signal(Signal::SIGKILL);
    };
    let ((status, _), ()) = tokio::join!(server.post("/v1/revocations", OPERATOR, &body), end);
    assert_eq!(status, 0, "the client sees that nobody answered");
    drop(held);

    let server = Server::start(&world);
    server.logged("sweep done");
    assert_eq!(server.post("/v1/revocations", OPERATOR, &body).await.0, 200);
    assert_gone(&world, &clerk()).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_function_compute_no_header_is_the_platforms_word() {
    let world = world().await;
    let server = Server::start(&world);
    for path in ["/invoke", "/v1/revocations"] {
        let forged =
            server.client.post(format!("{}{path}", server.url)).header("x-fc-control-path", "/invoke");
        let (status, _) = answered(forged.json(&world.delete(&Member::leaver()))).await;
        assert!([401, 404].contains(&status), "{path}: {status}");
        world.perform("CreateUser", &[("UserName", &Member::leaver().name)]);
    }
    assert_eq!(server.get("/healthz").await.0, 200);
}
