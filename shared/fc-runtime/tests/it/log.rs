//! What is logged of a call, and what never is.

use serde_json::{Value, json};

use crate::child::Process;
use crate::client::Call;

/// The log line that follows `call`, with times blanked.
async fn line_of(process: &mut Process, call: Call, message: &str) -> Value {
    let _ = call.send().await;
    let mut line = process.line_with(message).await;
    for key in ["timestamp", "duration_ms"] {
        if let Some(value) = line.get_mut(key) {
            *value = "…".into();
        }
    }
    line
}

#[tokio::test]
async fn a_call_is_one_line() {
    let (mut process, address) = Process::function("all_triggers", &[]).await;
    let echo = Call::event(address, r#"{"do":"echo","with":"private"}"#);
    let line = |request_id: &str, kind: &str, outcome: &str, status: u16| {
        json!({
            "timestamp": "…", "level": "INFO", "target": "fc_runtime", "message": "invocation",
            "request_id": request_id, "function": "probe", "kind": kind, "duration_ms": "…",
            "outcome": outcome, "http.status": status,
        })
    };
    assert_eq!(line_of(&mut process, echo, "invocation").await, line("req-1", "event", "ok", 200));
    let fail = Call::event(address, r#"{"do":"fail","with":"private"}"#);
    let mut expected = line("req-1", "event", "error", 404);
    // The type that lambda_runtime's Diagnostic gives every boxed error.
    let boxed = "&alloc::boxed::Box<dyn core::error::Error + core::marker::Send + core::marker::Sync>";
    expected["error.type"] = json!(boxed);
    assert_eq!(line_of(&mut process, fail, "invocation").await, expected);
    let page = Call::to(address, "/panic?private")
        .header("x-fc-control-path", "/http-invoke")
        .header("x-fc-request-id", "req-h");
    let mut expected = line("req-h", "http", "error", 500);
    expected["error.type"] = json!("HandlerPanic");
    expected["http.method"] = json!("POST");
    expected["http.path"] = json!("/panic");
    assert_eq!(line_of(&mut process, page, "invocation").await, expected);
}

#[tokio::test]
async fn a_panic_is_one_bounded_line_with_its_place() {
    let (mut process, address) = Process::function("all_triggers", &[]).await;
    let message = format!("{}\\nsecond line", "é".repeat(150));
    let call = Call::event(address, format!(r#"{{"do":"panic","with":"{message}"}}"#));
    let line = line_of(&mut process, call, "panic").await;
    assert_eq!(line["panic.message"], "é".repeat(100));
    assert_eq!(line["request_id"], "req-1");
    assert!(
        line["location"].as_str().unwrap().starts_with("shared/fc-runtime/examples/all_triggers.rs:"),
        "{line}"
    );
    let next = line_of(&mut process, Call::event(address, r#"{"do":"echo","with":1}"#), "invocation").await;
    assert_eq!(next["error.type"], "HandlerPanic");
}

#[tokio::test]
async fn credentials_and_payloads_appear_in_no_output_at_any_level() {
    let environment = [
        ("RUST_LOG", "trace"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "STS.env-canary"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "env-secret-canary"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "env-token-canary"),
    ];
    let (process, address) = Process::function("all_triggers", &environment).await;
    for control_path in ["/invoke", "/http-invoke", "/initialize", "/pre-stop", "/unknown"] {
        for body in
            [r#"{"do":"echo","with":"payload-canary"}"#, r#"{"do":"payload-canary"}"#, "payload-canary"]
        {
            let call = Call::to(address, "/hello")
                .header("x-fc-control-path", control_path)
                .header("x-fc-request-id", "req-c")
                .header("x-fc-access-key-id", "STS.key-canary")
                .header("x-fc-access-key-secret", "secret-canary")
                .header("x-fc-security-token", "token-canary")
                .header("authorization", "Bearer bearer-canary")
                .body(body);
            let answer = call.send().await;
            assert!(!format!("{:?}", answer.headers).contains("canary"));
            assert!(!answer.text().contains("key-canary") && !answer.text().contains("secret-canary"));
        }
    }
    process.terminate().await;
    let (_, stdout, stderr) = process.end().await;
    assert!(stderr.contains("req-c") && stdout.contains("req-c"), "the calls are in the output");
    assert!(!stdout.contains("canary") && !stderr.contains("canary"), "{stdout}{stderr}");
}

#[tokio::test]
async fn the_platform_lines_frame_each_call_inside_function_compute() {
    let (process, address) = Process::function("all_triggers", &[]).await;
    let call = |control_path: &str, id: &str, body: &'static str| {
        Call::to(address, "/hello")
            .header("x-fc-control-path", control_path)
            .header("x-fc-request-id", id)
            .body(body)
            .send()
    };
    call("/initialize", "a", "").await;
    call("/invoke", "b", r#"{"do":"echo","with":1}"#).await;
    call("/invoke", "c", r#"{"do":"fail","with":"x"}"#).await;
    process.terminate().await;
    let (_, stdout, _) = process.end().await;
    let expected = "\
FC Initialize Start RequestId: a
FC Initialize End RequestId: a
FC Invoke Start RequestId: b
FC Invoke End RequestId: b
FC Invoke Start RequestId: c
FC Invoke End RequestId: c, Error: Unhandled function error
";
    assert_eq!(stdout, expected);
}

#[tokio::test]
async fn a_log_level_that_cannot_be_read_is_named() {
    let process = Process::start("all_triggers", &[("RUST_LOG", "a=b=c")]);
    let (status, _, stderr) = process.end().await;
    assert!(!status.success());
    assert!(stderr.contains("RUST_LOG") || stderr.contains("Level"), "{stderr}");
}

#[tokio::test]
async fn a_call_that_the_platform_gives_up_is_recorded_as_cancelled() {
    let gate = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut process, address) = Process::function("all_triggers", &[]).await;
    let order = json!({ "do": "wait_for", "with": gate.local_addr().unwrap().to_string() });
    let platform = tokio::spawn(Call::event(address, order.to_string()).try_send());
    let _handler = gate.accept().await.unwrap();
    platform.abort();
    let line = process.line_with("invocation").await;
    assert_eq!((&line["outcome"], &line["request_id"]), (&json!("cancelled"), &json!("req-1")));
    let echo = Call::event(address, r#"{"do":"echo","with":1}"#).send().await;
    assert!(echo.counts_as_success());
}
