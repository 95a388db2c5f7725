//! What nobody should send: a clear answer, a recorded fact where it matters, nothing stored half, and processes that
//! live on.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};

use kubeconfig::Status;
use reqwest::Method;
use serde_json::{Value, json};

use crate::company::{BATCH, Member, PROD, company};
use crate::world::{APPROVER, OPERATOR, PATIENCE, VIEWER, World, answered};

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;

fn leaver() -> Member {
    Member::user(101, &[PROD, BATCH])
}

async fn world() -> World {
    let world = World::new(company(&[leaver(), Member::user(102, &[PROD])]), &[]).await;
    world.lose_events();
    world.look().await;
    world
}

/// Nobody lost anything, and everything still works.
async fn assert_unharmed(world: &World) {
    let log = world.log().await;
    assert_eq!(log.count("RevocationRequested"), 0);
    let deletions = world.deployment.emulator.calls();
    assert!(deletions.iter().all(|call| !call.operation.starts_with("Clean")));
    world.assert_no_panic();
    world.deliver(&world.delete(&leaver())).await.unwrap();
    let log = world.log().await;
    for (cluster, uid) in leaver().audited() {
        assert_eq!(log.status(cluster, uid), Status::Deleted);
        world.assert_cleaned_once(&log, cluster, uid);
    }
    for function in ["identity-deleted", "revoke", "history"] {
        assert!(world.starts(function) <= 1, "{function} lives on");
    }
}

/// An event of somebody's deletion with one thing changed.
fn deletion(change: impl FnOnce(&mut Value)) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": "forged", "source": "acs.ram", "type": "ram:ActionTrail:ApiCall",
        "time": "2026-01-02T03:04:05Z",
        "data": {
            "eventName": "DeleteUser", "eventTime": "2026-01-02T03:04:05Z",
            "requestParameters": { "UserName": "nobody-known" },
        },
    });
    change(&mut event);
    event
}

fn not_understood() -> Vec<Vec<u8>> {
    let text = |value: Value| value.to_string().into_bytes();
    vec![
        b"".to_vec(),
        b"no json".to_vec(),
        b"{\"data\":".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"null".to_vec(),
        b"[1]".to_vec(),
        b"{}".to_vec(),
        format!("\"{}\"", "x".repeat(TEN_MEGABYTES)).into_bytes(),
        "[".repeat(100_000).into_bytes(),
        text(json!({ "data": [] })),
        text(deletion(|event| event["data"]["eventName"] = json!({ "DeleteUser": 1 }))),
        text(deletion(|event| event["id"] = Value::Null)),
        text(deletion(|event| event["source"] = json!([]))),
        text(deletion(|event| {
            event["data"]["eventTime"] = json!("yesterday");
            event["time"] = json!(-1);
        })),
        text(deletion(|event| event["data"]["requestParameters"] = json!("UserName"))),
        text(deletion(|event| event["data"]["requestParameters"]["UserName"] = json!([]))),
        text(deletion(|event| event["data"]["requestParameters"]["UserId"] = json!("12ab"))),
        text(deletion(|event| event["data"]["requestParameters"]["UserId"] = json!("../../1"))),
        text(deletion(|event| event["data"]["requestParameters"]["UserId"] = json!(-1))),
        text(deletion(|event| event["data"]["requestParameters"]["UserId"] = json!("9".repeat(21)))),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_that_are_not_understood_are_kept_once_each() {
    let world = world().await;
    let messages = not_understood();
    for _ in 0..2 {
        for message in &messages {
            let start = String::from_utf8_lossy(&message[..message.len().min(300)]).into_owned();
            let receipts = world.deliver_bytes(message.clone()).await;
            let receipts = receipts.unwrap_or_else(|error| panic!("{start}: {error}"));
            assert_eq!(receipts[0]["became"], "notUnderstood", "{start}: {receipts}");
            assert!(!receipts[0]["problem"].as_str().unwrap().is_empty());
        }
    }
    let log = world.log().await;
    assert_eq!(log.count("MessageNotUnderstood"), messages.len());
    assert_eq!(log.projection.intakes.len(), messages.len());
    assert_unharmed(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_none_of_our_business_leaves_no_trace_and_nobody_is_guessed() {
    let world = world().await;
    let before = world.log().await.events.len();
    for name in ["DeleteBucket", "", "deleteuser", "DROP TABLE events"] {
        let event = deletion(|event| event["data"]["eventName"] = json!(name));
        let receipts = world.deliver(&event).await.unwrap();
        let became = receipts[0]["became"].as_str().unwrap();
        assert!(became == "irrelevant" || name.is_empty() && became == "notUnderstood", "{name}: {receipts}");
    }
    let many = vec![deletion(|event| event["data"]["eventName"] = json!("ListUsers")); 5000];
    assert_eq!(world.deliver(&json!(many)).await.unwrap().as_array().unwrap().len(), 5000);
    let log = world.log().await;
    assert_eq!(log.events.len() - before, log.count("MessageNotUnderstood"));

    // A name that nobody bore, one as long as a book, and the id of somebody who exists.
    let long = deletion(|event| {
        event["id"] = json!("long");
        event["data"]["requestParameters"]["UserName"] = json!("x".repeat(1 << 20));
    });
    for event in [deletion(|_| {}), long] {
        let receipts = world.deliver(&event).await.unwrap();
        let became = receipts[0]["became"].as_str().unwrap();
        assert!(["unresolved", "notUnderstood"].contains(&became), "{receipts}");
    }
    let existing = deletion(|event| {
        event["id"] = json!("existing");
        event["data"]["requestParameters"]["UserId"] = json!(leaver().uid);
    });
    world.deliver(&existing).await.unwrap();
    let log = world.log().await;
    assert_eq!(log.access(PROD, &leaver().uid).open, None);
    assert_eq!(log.status(PROD, &leaver().uid), Status::Effective);
    let deletions = world.deployment.emulator.calls();
    assert!(deletions.iter().all(|call| !call.operation.starts_with("Clean")));
    world.assert_no_panic();
}

/// Method, path, token, body, and the status that it earns.
fn wrong_requests() -> Vec<(Method, String, &'static str, Vec<u8>, u16)> {
    let revocations = || "/v1/revocations".to_owned();
    let json = |value: Value| value.to_string().into_bytes();
    let good = || json!({ "uid": leaver().uid, "clusters": [PROD] });
    let changed = |field: &str, value: Value| {
        let mut body = good();
        body[field] = value;
        body.to_string().into_bytes()
    };
    let unknown = "01890000-0000-7000-8000-000000000000";
    vec![
        (Method::POST, revocations(), "", json(good()), 401),
        (Method::POST, revocations(), "wrong", json(good()), 401),
        (Method::POST, revocations(), VIEWER, json(good()), 403),
        (Method::POST, revocations(), OPERATOR, b"{".to_vec(), 400),
        (Method::POST, revocations(), OPERATOR, b"\xff".to_vec(), 400),
        (Method::POST, revocations(), OPERATOR, vec![], 400),
        (Method::POST, revocations(), OPERATOR, json(json!([])), 422),
        (Method::POST, revocations(), OPERATOR, changed("uid", json!(12)), 422),
        (Method::POST, revocations(), OPERATOR, changed("uid", json!("12ab")), 422),
        (Method::POST, revocations(), OPERATOR, changed("uid", json!("../../1")), 422),
        (Method::POST, revocations(), OPERATOR, changed("clusters", json!([])), 422),
        (Method::POST, revocations(), OPERATOR, changed("clusters", json!(["a/b"])), 422),
        (Method::POST, revocations(), OPERATOR, changed("dry_run", json!("yes")), 422),
        (Method::POST, revocations(), OPERATOR, changed("force", json!(true)), 422),
        (Method::POST, format!("/v1/revocations/{unknown}/approval"), OPERATOR, json(json!({})), 403),
        (Method::POST, format!("/v1/revocations/{unknown}/approval"), APPROVER, json(json!({})), 404),
        (Method::POST, "/v1/revocations/no-id/approval".to_owned(), APPROVER, json(json!({})), 422),
        (Method::DELETE, revocations(), OPERATOR, vec![], 405),
        (Method::POST, "/invoke".to_owned(), OPERATOR, json(good()), 404),
        (Method::POST, "/initialize".to_owned(), OPERATOR, vec![], 404),
        (Method::POST, "/pre-stop".to_owned(), OPERATOR, vec![], 404),
        (Method::GET, "/v1/../../etc/passwd".to_owned(), OPERATOR, vec![], 404),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_wrong_get_a_problem_that_says_so() {
    let world = world().await;
    let client = reqwest::Client::new();
    let before = world.log().await.events.len();
    for (method, path, token, body, expected) in wrong_requests() {
        let start = String::from_utf8_lossy(&body[..body.len().min(100)]).into_owned();
        let url = format!("{}{path}", world.deployment.revoke_url());
        let mut request =
            client.request(method.clone(), url).header("content-type", "application/json").body(body);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        let (status, problem) = answered(request).await;
        assert_eq!(status, expected, "{method} {path} {start}: {problem}");
        assert_eq!(problem["status"], expected, "{method} {path} {start}: {problem}");
        assert!(problem["type"].is_string() && problem["detail"].is_string(), "{problem}");
    }
    assert_eq!(world.log().await.events.len(), before, "nothing is stored");
    assert_unharmed(&world).await;
}

/// The first line of the answer to a request of which only the head is sent.
fn answer_to_head(url: &str, path: &str, length: usize) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {OPERATOR}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let world = world().await;
    let before = world.log().await.events.len();
    for path in ["/v1/revocations", "/v1/events"] {
        let url = world.deployment.revoke_url();
        let line = tokio::task::block_in_place(|| answer_to_head(&url, path, TEN_MEGABYTES));
        assert!(line.starts_with("HTTP/1.1 413"), "{path}: {line}");
        // A client that goes on sending may find the connection closed before it reads the answer.
        let request = reqwest::Client::new().post(format!("{url}{path}")).bearer_auth(OPERATOR);
        let request = request.header("content-type", "application/json").body(vec![b' '; TEN_MEGABYTES]);
        let (status, problem) = answered(request).await;
        assert!([413, 502, 0].contains(&status), "{path}: {status} {problem}");
    }
    assert_eq!(world.log().await.events.len(), before, "nothing is stored");
    assert_unharmed(&world).await;
}

/// Headers that only the platform may set.
fn forged(request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    request
        .header("x-fc-control-path", "/invoke")
        .header("x-fc-request-id", "forged")
        .header("x-fc-function-name", "identity-deleted")
        .header("x-fc-function-timeout", "99999999")
        .header("x-fc-access-key-id", "forged")
        .header("x-fc-access-key-secret", "forged")
        .header("x-fc-security-token", "forged")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_is_not_the_platform() {
    let world = world().await;
    let client = reqwest::Client::new();
    let event = deletion(|_| {});
    for path in ["/invoke", "/v1/revocations", "/"] {
        let url = format!("{}{path}", world.deployment.revoke_url());
        let (status, problem) = answered(forged(client.post(url)).json(&event)).await;
        assert!([401, 404].contains(&status), "{path}: {status} {problem}");
    }
    // Forged credentials are not used: the request works with the function's own.
    let url = format!("{}/v1/revocations", world.deployment.revoke_url());
    let body = json!({ "uid": leaver().uid, "clusters": "all", "dry_run": true });
    let (status, answer) = answered(forged(client.post(url)).bearer_auth(OPERATOR).json(&body)).await;
    assert_eq!((status, answer["outcomes"].as_array().map(Vec::len)), (200, Some(2)), "{answer}");
    // Whoever reaches the function behind EventBridge directly is turned away as well.
    let address = world.deployment.functions.start("identity-deleted").await.unwrap();
    for path in ["/invoke", "/"] {
        let (status, _) = answered(client.post(format!("http://{address}{path}")).json(&event)).await;
        assert_eq!(status, 403, "{path}");
    }
    let twice = client.post(format!("http://{address}/invoke")).header("x-fc-control-path", "/http-invoke");
    let (status, refused) = answered(forged(twice).json(&event)).await;
    assert_eq!((status, &refused["errorType"]), (404, &json!("UnknownControlPath")));
    assert_eq!(world.log().await.projection.intakes.len(), 0);
    assert_unharmed(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_break_off_harm_nobody() {
    let world = world().await;
    // The trigger starts the function.
    assert_eq!(world.post("/v1/revocations", VIEWER, &json!({})).await.0, 403);
    let address = world.deployment.functions.start("revoke").await.unwrap();
    let head = "POST /v1/revocations HTTP/1.1\r\nhost: x\r\nx-fc-control-path: /http-invoke\r\n";
    for bytes in
        ["", "POST", head, &format!("{head}content-length: 1000000\r\n\r\n{{\"uid\":"), "\0\0\0\r\n\r\n"]
    {
        for _ in 0..20 {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(bytes.as_bytes()).unwrap();
            stream.shutdown(Shutdown::Both).unwrap();
        }
    }
    assert_eq!(world.post("/v1/revocations", VIEWER, &json!({})).await.0, 403);
    assert_unharmed(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_rights_nothing_is_done_and_everybody_is_told() {
    let scenario = company(&[leaver(), Member::user(102, &[PROD])]);
    // The roles are there, and nobody attached their policies.
    let mut policies = BTreeMap::new();
    let world = World::with(scenario, &[], |program| policies = std::mem::take(&mut program.policies)).await;
    world.lose_events();
    let refused = world.deliver(&world.delete(&leaver())).await.expect_err("no policy");
    assert!(!refused.to_string().contains("Secret"), "{refused}");
    assert!(world.deployment.sweep("").await.is_err());
    let body = json!({ "uid": leaver().uid, "clusters": "all" });
    let (status, problem) = world.post("/v1/revocations", OPERATOR, &body).await;
    assert!(status >= 500 && problem["status"] == status, "{status} {problem}");
    let log = world.log().await;
    assert_eq!(log.count("DeletionReceived"), 1, "the message is kept for better times");
    assert!(log.projection.accesses.is_empty());
    assert!(world.deployment.emulator.calls().iter().all(|call| !call.carried_out));

    for (function, policy) in policies {
        world.deployment.attach(&function, &policy).unwrap();
    }
    world.sweep().await;
    let log = world.log().await;
    for (cluster, uid) in leaver().audited() {
        assert_eq!(log.status(cluster, uid), Status::Deleted);
        world.assert_cleaned_once(&log, cluster, uid);
    }
    world.assert_no_panic();
}
