//! Emulated Function Compute with a real function in a real process.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::to_bytes;
use futures::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use super::*;
use crate::{Options, Scenario};

/// The function of `examples/`, which `cargo test` builds beside the tests.
pub(crate) fn obedient(name: &str) -> FunctionSpec {
    let test = std::env::current_exe().expect("the path of this test");
    let target = test.ancestors().nth(2).expect("target/<profile>");
    let path = target.join("examples/obedient_function");
    assert!(path.exists(), "{} is missing: cargo build -p cloud-emulator --examples", path.display());
    FunctionSpec::new(name, path)
}

/// Every second of waiting is a millisecond, and each call gets a key with the next number.
pub(crate) fn function_compute() -> FunctionCompute {
    let calls = AtomicU32::new(0);
    let role = move |function: &str| RoleKey {
        access_key_id: format!("STS.{function}-{}", calls.fetch_add(1, Ordering::SeqCst)),
        secret: "s".to_owned(),
        token: "t".to_owned(),
    };
    FunctionCompute::new(Settings {
        account_id: "1000000000000001".to_owned(),
        region: "cn-hangzhou".to_owned(),
        role: Some(Arc::new(role)),
        time_scale: 0.001,
    })
}

fn with(spec: FunctionSpec) -> FunctionCompute {
    let functions = function_compute();
    functions.register(spec);
    functions
}

async fn call(functions: &FunctionCompute, order: Value) -> Value {
    let invoked = functions.invoke("f", order.to_string()).await.unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_slice(&invoked.body).expect("JSON")
}

/// Somewhere a call can wait until the test lets it go.
async fn gate() -> (TcpListener, Value) {
    let gate = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let order = json!({ "wait_for": gate.local_addr().expect("an address").to_string() });
    (gate, order)
}

#[tokio::test]
async fn a_call_carries_the_facts_of_the_platform_and_a_fresh_key() {
    let functions = with(obedient("f").env("MINE", "yes"));
    let first = call(&functions, json!({ "n": 1 })).await;
    assert_eq!(first["order"], json!({ "n": 1 }));
    assert_eq!((&first["function"], &first["account"]), (&json!("f"), &json!("1000000000000001")));
    assert_eq!((&first["region"], &first["memory"]), (&json!("cn-hangzhou"), &json!(512)));
    assert_eq!(first["variable"], "yes");
    // Key 0 was the environment's.
    assert_eq!(first["key"], "STS.f-1");
    let second = call(&functions, json!({})).await;
    assert_eq!(second["key"], "STS.f-2");
    assert_eq!(first["process"], second["process"], "one instance serves both");
}

#[tokio::test]
async fn a_function_that_says_it_failed_has_failed() {
    let functions = with(obedient("f"));
    let error = functions.invoke("f", r#"{"fail":1}"#).await.expect_err("a failure");
    assert!(
        matches!(&error, InvokeError::Function { error_message, .. } if error_message == "told to fail"),
        "{error}"
    );
    let error = functions.invoke("f", "{").await.expect_err("a failure");
    assert!(
        matches!(&error, InvokeError::Function { error_type, .. } if error_type == "MalformedPayload"),
        "{error}"
    );
}

#[tokio::test]
async fn a_500_without_the_status_header_counts_as_a_success() {
    let functions = with(obedient("f").arg("silent"));
    assert_eq!(functions.invoke("f", "{}").await.expect("a success").body, "broken");
    functions.invoke_async("f", "{}").expect("accepted");
    functions.idle().await;
    assert!(functions.failed_events().is_empty());
}

#[tokio::test]
async fn an_asynchronous_call_is_repeated_until_it_succeeds() {
    let functions = with(obedient("f"));
    let id = functions.invoke_async("f", r#"{"fail":3}"#).expect("accepted");
    functions.idle().await;
    assert!(functions.failed_events().is_empty());
    let last = functions.output_with("f", |line| line.text.starts_with(&format!("call {id} try 3"))).await;
    assert_eq!(last.expect("the fourth try").stream, Stream::Stdout);
}

#[tokio::test]
async fn an_exhausted_asynchronous_call_is_kept() {
    let mut spec = obedient("f");
    spec.max_async_retry_attempts = 2;
    let functions = with(spec);
    let id = functions.invoke_async("f", r#"{"fail":9}"#).expect("accepted");
    functions.idle().await;
    let failed = functions.failed_events();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (&failed[0].request_id, failed[0].tries, &failed[0].payload[..]),
        (&id, 3, &br#"{"fail":9}"#[..])
    );
    assert!(failed[0].error.contains("told to fail"), "{}", failed[0].error);
}

#[tokio::test]
async fn an_asynchronous_event_is_bounded() {
    let functions = with(obedient("f"));
    let error = functions.invoke_async("f", vec![b' '; 128 * 1024 + 1]).expect_err("too large");
    assert!(matches!(error, InvokeError::TooLarge { limit: 131_072, .. }), "{error}");
    assert!(
        matches!(functions.invoke("g", "1").await, Err(InvokeError::NoSuchFunction(name)) if name == "g")
    );
}

#[tokio::test]
async fn a_killed_function_breaks_off_its_call_and_the_next_call_starts_another_process() {
    let functions = with(obedient("f"));
    let before = call(&functions, json!({})).await["process"].clone();
    let (gate, order) = gate().await;
    let in_flight = tokio::spawn({
        let functions = functions.clone();
        async move { functions.invoke("f", order.to_string()).await }
    });
    let _waiting = gate.accept().await.expect("the call waits");
    assert!(functions.kill("f").await.expect("f exists"));
    let error = in_flight.await.expect("no panic").expect_err("broken off");
    assert!(matches!(error, InvokeError::Crashed { .. }), "{error}");
    assert_ne!(call(&functions, json!({})).await["process"], before);
    functions.kill("f").await.expect("f exists");
    assert!(!functions.kill("f").await.expect("f exists"), "nothing runs any more");
}

#[tokio::test]
async fn a_function_killed_in_an_asynchronous_call_gets_the_event_again() {
    let functions = with(obedient("f"));
    let (gate, order) = gate().await;
    functions.invoke_async("f", order.to_string()).expect("accepted");
    let _first = gate.accept().await.expect("the first try waits");
    functions.kill("f").await.expect("f exists");
    let (second, _) = gate.accept().await.expect("the second try waits");
    drop(second);
    functions.idle().await;
    assert!(functions.failed_events().is_empty());
}

#[tokio::test]
async fn a_function_that_ends_itself_has_crashed_with_its_last_words() {
    let functions = with(obedient("f"));
    let error = functions.invoke("f", r#"{"exit":3}"#).await.expect_err("a crash");
    assert!(matches!(&error, InvokeError::Crashed { tail, .. } if tail.ends_with("last words")), "{error}");
    call(&functions, json!({})).await;
}

#[tokio::test]
async fn a_call_beyond_the_timeout_fails_and_ends_the_process() {
    let mut spec = obedient("f");
    spec.timeout = Duration::from_millis(300);
    let functions = with(spec);
    functions.start("f").await.expect("it starts");
    let (_gate, order) = gate().await;
    let error = functions.invoke("f", order.to_string()).await.expect_err("too late");
    assert!(matches!(error, InvokeError::TimedOut { .. }), "{error}");
    assert!(!functions.kill("f").await.expect("f exists"), "it was ended");
}

#[tokio::test]
async fn a_program_that_does_not_start_shows_its_output() {
    let functions = with(FunctionSpec::new("f", "/bin/sh").arg("-c").arg("echo out of order >&2; exit 4"));
    let error = functions.start("f").await.expect_err("it ends");
    let InvokeError::Start(StartError::Ended { status, tail }) = &error else { panic!("{error}") };
    assert_eq!((status.as_str(), tail.lines().last()), ("exit status: 4", Some("out of order")));
    functions.register(FunctionSpec::new("f", "/nowhere/bootstrap"));
    let error = functions.start("f").await.expect_err("no program");
    assert!(matches!(error, InvokeError::Start(StartError::Spawn { .. })), "{error}");
}

#[tokio::test]
async fn lifecycle_hooks_are_called_when_the_function_has_them() {
    let mut spec = obedient("f");
    (spec.initializer, spec.pre_stop) = (true, true);
    let functions = with(spec.clone());
    functions.start("f").await.expect("it starts");
    functions.stop().await;
    let lines: Vec<_> = functions.output("f").expect("f exists").into_iter().map(|line| line.text).collect();
    let at = |text: &str| {
        lines.iter().position(|line| line == text).unwrap_or_else(|| panic!("{text} in {lines:?}"))
    };
    assert!(at("initialized") < at("stopping"));

    functions.register(spec.env("BAD_START", "no database"));
    let error = functions.start("f").await.expect_err("the initializer fails");
    assert!(
        matches!(&error, InvokeError::Start(StartError::Initializer { reason, .. }) if reason.contains("no database"))
    );
}

#[tokio::test]
async fn a_timer_event_says_when_which_and_what() {
    let functions = with(obedient("f"));
    functions.fire_timer("f", "sweep", "now").expect("accepted");
    let line =
        functions.output_with("f", |line| line.text.starts_with("call ")).await.expect("f exists").text;
    let event: Value = serde_json::from_str(line.split_once(": ").expect("an event").1).expect("JSON");
    assert_eq!((&event["triggerName"], &event["payload"]), (&json!("sweep"), &json!("now")));
    event["triggerTime"].as_str().expect("a time").parse::<jiff::Timestamp>().expect("a time");

    functions.timer("f", "often", "", Duration::from_millis(1)).expect("f exists");
    let mut fired = 0;
    let often = |line: &OutputLine| {
        fired += usize::from(line.text.contains("often"));
        fired == 3
    };
    functions.output_with("f", often).await.expect("f exists");
}

#[tokio::test]
async fn with_the_last_handle_the_processes_end() {
    let functions = with(obedient("f"));
    let address = functions.start("f").await.expect("it starts");
    functions.timer("f", "often", "", Duration::from_millis(1)).expect("f exists");
    drop(functions);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

/// A request as a client sends it; path and headers are its own.
async fn client(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (http::StatusCode, http::HeaderMap, Value) {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let mut request = http::Request::post(path).header("host", "example.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).expect("a request");
    let (parts, body) = sender.send_request(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status, parts.headers, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn an_http_trigger_passes_the_request_but_no_header_of_the_platform() {
    let functions = with(obedient("f"));
    let address =
        functions.http_trigger("f", "127.0.0.1:0".parse().expect("an address")).await.expect("it listens");
    let forged = [
        ("x-mine", "yes"),
        ("x-fc-forged", "yes"),
        ("X-Fc-Control-Path", "/invoke"),
        ("x-fc-client-ip", "1.2.3.4"),
    ];
    let (status, headers, body) = client(address, "/invoke?a=%20b", &forged, "hello").await;
    assert_eq!(status, http::StatusCode::OK);
    assert_eq!(body, json!(["/invoke?a=%20b", "hello", "yes", null, "/http-invoke", "127.0.0.1"]));
    assert!(headers.contains_key("x-fc-request-id"));
    let many = (0..8).map(|n| async move { client(address, &format!("/{n}"), &[], "").await.2[0].clone() });
    assert_eq!(join_all(many).await, (0..8).map(|n| json!(format!("/{n}"))).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_custom_domain_leads_each_path_to_its_function() {
    let functions = with(obedient("all"));
    functions.register(FunctionSpec::new("below", "/bin/false"));
    let routes = [("/*", "all"), ("/held/*", "below"), ("/v1/one", "below")];
    let address = functions
        .custom_domain(&routes, "127.0.0.1:0".parse().expect("an address"))
        .await
        .expect("it listens");
    // The function behind the longer paths is broken, which shows that it was meant.
    for (path, is_below) in [
        ("/", false),
        ("/held", false),
        ("/held/x", true),
        ("/heldx", false),
        ("/v1/one", true),
        ("/v1/one/x", false),
    ] {
        let broken = client(address, path, &[], "").await.0 == http::StatusCode::BAD_GATEWAY;
        assert_eq!(broken, is_below, "{path}");
    }
    let nobody =
        functions.custom_domain(&[("/*", "nobody")], "127.0.0.1:0".parse().expect("an address")).await;
    assert!(nobody.is_err());
}

#[tokio::test]
async fn an_http_trigger_starts_a_killed_function_again_and_a_broken_one_is_a_bad_gateway() {
    let functions = with(obedient("f"));
    let address =
        functions.http_trigger("f", "127.0.0.1:0".parse().expect("an address")).await.expect("it listens");
    client(address, "/", &[], "").await;
    functions.kill("f").await.expect("f exists");
    assert_eq!(client(address, "/", &[], "").await.0, http::StatusCode::OK);
    functions.register(FunctionSpec::new("f", "/bin/false"));
    assert_eq!(client(address, "/", &[], "").await.0, http::StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn the_invoke_api_tells_answers_failures_and_missing_functions_apart() {
    let functions = with(obedient("f"));
    let api = functions.invoke_api();
    let post = |name: &str, kind: &str, body: &str| {
        let request =
            http::Request::post(format!("/2023-03-30/functions/{name}/invocations?qualifier=LATEST"))
                .header("x-fc-invocation-type", kind)
                .body(axum::body::Body::from(body.to_owned()))
                .expect("a request");
        let api = api.clone();
        async move {
            let (parts, body) = api.oneshot(request).await.expect("an answer").into_parts();
            let error =
                parts.headers.get("x-fc-error-type").map(|value| value.to_str().expect("text").to_owned());
            let body = to_bytes(body, 1 << 20).await.expect("a body");
            (parts.status.as_u16(), error, serde_json::from_slice::<Value>(&body).unwrap_or_default())
        }
    };
    let (status, error, body) = post("f", "Sync", r#"{"n":1}"#).await;
    assert_eq!((status, error, &body["order"]["n"]), (200, None, &json!(1)));
    let (status, error, body) = post("f", "Sync", r#"{"fail":1}"#).await;
    assert_eq!((status, error.as_deref()), (200, Some("UnhandledInvocationError")));
    assert_eq!(body["errorMessage"], "told to fail");
    assert_eq!(post("f", "Async", r#"{"fail":1}"#).await.0, 202);
    functions.idle().await;
    let (status, _, body) = post("g", "Sync", "1").await;
    assert_eq!((status, &body["Code"]), (404, &json!("FunctionNotFound")));
}

#[tokio::test]
async fn the_signed_invoke_api_serves_keys_of_the_account_only() {
    let functions = with(obedient("f"));
    let emulator = Emulator::start(Scenario::believable(), Options::default()).await.expect("it starts");
    let key = emulator.account(|account| account.access_keys()[0].clone());
    let api = functions.signed_invoke_api(&emulator);
    let send = |request: http::Request<axum::body::Body>| {
        let api = api.clone();
        async move {
            let (parts, body) = api.oneshot(request).await.expect("an answer").into_parts();
            let body = to_bytes(body, 1 << 20).await.expect("a body");
            (parts.status.as_u16(), serde_json::from_slice::<Value>(&body).expect("JSON"))
        }
    };
    let (status, body) = send(signed("n-1", &key.id, key.secret.expose(), r#"{"n":1}"#, r#"{"n":1}"#)).await;
    assert_eq!((status, &body["order"]["n"]), (200, &json!(1)), "{body}");
    let refused = [
        (signed("n-1", &key.id, key.secret.expose(), "1", "1"), "SignatureNonceUsed"),
        (signed("n-2", &key.id, "another", "1", "1"), "SignatureDoesNotMatch"),
        (signed("n-3", &key.id, key.secret.expose(), "1", "2"), "IncompleteSignature"),
        (signed("n-4", "LTAInobody", "x", "1", "1"), "InvalidAccessKeyId.NotFound"),
    ];
    for (request, code) in refused {
        let (status, body) = send(request).await;
        assert!((400..500).contains(&status), "{status} {body}");
        assert_eq!(body["Code"], code);
    }
}

/// A call of the Invoke API signed with ACS3-HMAC-SHA256 for `body`, that carries `sent`.
fn signed(nonce: &str, key: &str, secret: &str, body: &str, sent: &str) -> http::Request<axum::body::Body> {
    let sha256 = |text: &str| hex::encode(Sha256::digest(text));
    let path = "/2023-03-30/functions/f/invocations";
    let headers = [
        ("host", "1000000000000001.cn-hangzhou.fc.aliyuncs.com".to_owned()),
        ("x-acs-action", "InvokeFunction".to_owned()),
        ("x-acs-content-sha256", sha256(body)),
        ("x-acs-date", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("x-acs-signature-nonce", nonce.to_owned()),
        ("x-acs-version", "2023-03-30".to_owned()),
    ];
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let names = headers.each_ref().map(|(name, _)| *name).join(";");
    let canonical = format!("POST\n{path}\n\n{lines}\n{names}\n{}", sha256(body));
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", sha256(&canonical));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length").chain_update(to_sign);
    let signature = hex::encode(mac.finalize().into_bytes());
    let authorization =
        format!("ACS3-HMAC-SHA256 Credential={key},SignedHeaders={names},Signature={signature}");
    let mut request = http::Request::post(path).header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(axum::body::Body::from(sent.to_owned())).expect("a request")
}
