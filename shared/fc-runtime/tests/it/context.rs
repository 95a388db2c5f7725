//! What a handler learns of its call.

use std::time::{Duration, SystemTime};

use fc_runtime::{Context, Error, LambdaEvent, Runtime, invocation, service_fn};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::client::Call;
use crate::server::Server;

fn with_role(call: Call) -> Call {
    call.header("x-fc-access-key-id", "STS.request-id")
        .header("x-fc-access-key-secret", "request-secret")
        .header("x-fc-security-token", "request-token")
}

/// What the handler's credentials are, for the eyes of a test only.
async fn reveal(_: LambdaEvent<Value>) -> Result<Value, Error> {
    let invocation = invocation().ok_or("no invocation")?;
    let keys = invocation.credentials.as_ref().ok_or("no credentials")?;
    Ok(json!([
        keys.access_key_id,
        keys.secret.expose_secret(),
        keys.token.as_ref().map(|token| token.expose_secret().to_owned()),
        format!("{invocation:?}"),
    ]))
}

#[tokio::test]
async fn the_context_holds_request_id_deadline_and_function() {
    let (seen, mut contexts) = mpsc::unbounded_channel::<Context>();
    let handler = move |event: LambdaEvent<Value>| {
        let _ = seen.send(event.context);
        async { Ok::<_, Error>(()) }
    };
    let server = Server::start(Runtime::new().event(service_fn(handler))).await;
    let before = SystemTime::now();
    Call::event(server.address, "1")
        .header("x-fc-function-timeout", "60")
        .header("x-fc-function-name", "identity-deleted")
        .header("x-fc-function-memory", "512")
        .header("x-fc-version-id", "7")
        .send()
        .await;
    let after = SystemTime::now();
    let context = contexts.recv().await.unwrap();
    assert_eq!(context.request_id, "req-1");
    assert_eq!(context.env_config.function_name, "identity-deleted");
    assert_eq!((context.env_config.memory, context.env_config.version.as_str()), (512, "7"));
    // The deadline is in whole milliseconds.
    let (minute, millisecond) = (Duration::from_secs(60), Duration::from_millis(1));
    assert!(context.deadline() >= before + minute - millisecond, "{:?}", context.deadline());
    assert!(context.deadline() <= after + minute, "{:?}", context.deadline());
}

#[tokio::test]
async fn the_invocation_holds_what_the_platform_says() {
    async fn facts(_: LambdaEvent<Value>) -> Result<Value, Error> {
        let i = invocation().ok_or("no invocation")?;
        let in_time = i.remaining() <= Duration::from_secs(9) && i.remaining() > Duration::ZERO;
        Ok(json!([
            i.kind.as_str(),
            i.account_id,
            i.region,
            i.function_name,
            i.retry_count,
            i.client_ip,
            in_time
        ]))
    }
    let server = Server::start(Runtime::new().event(service_fn(facts))).await;
    let call = Call::event(server.address, "1")
        .header("x-fc-account-id", "1000000000000001")
        .header("x-fc-retry-count", "2")
        .header("x-fc-function-timeout", "9")
        .header("x-fc-client-ip", "192.0.2.7");
    let expected = json!(["event", "1000000000000001", "cn-hangzhou", "probe", 2, "192.0.2.7", true]);
    assert_eq!(call.send().await.json(), expected);
}

#[tokio::test]
async fn credentials_of_the_request_win_over_those_of_the_environment() {
    let server = Server::start(Runtime::new().event(service_fn(reveal))).await;
    let answer = with_role(Call::event(server.address, "1")).send().await.json();
    assert_eq!(answer.as_array().unwrap()[..3], ["STS.request-id", "request-secret", "request-token"]);
    let answer = Call::event(server.address, "1").send().await.json();
    assert_eq!(answer.as_array().unwrap()[..3], ["STS.env-id", "env-secret", "env-token"]);
}

#[tokio::test]
async fn debug_of_an_invocation_shows_no_credentials() {
    let server = Server::start(Runtime::new().event(service_fn(reveal))).await;
    let answer = with_role(Call::event(server.address, "1")).send().await.json();
    let shown = answer[3].as_str().unwrap();
    assert!(shown.contains("req-1") && shown.contains("[redacted]"), "{shown}");
    assert!(
        !shown.contains("STS.request-id")
            && !shown.contains("request-secret")
            && !shown.contains("request-token")
    );
}

#[tokio::test]
async fn two_calls_at_once_see_their_own_invocation() {
    async fn id(_: LambdaEvent<Value>) -> Result<String, Error> {
        tokio::task::yield_now().await;
        let current = invocation().ok_or("no invocation")?;
        // A task of its own sees the call only when it is told.
        let lost = tokio::spawn(async { invocation().is_none() }).await?;
        let told =
            tokio::spawn(current.clone().scope(async { invocation().map(|i| i.request_id.clone()) })).await?;
        Ok(format!("{} {lost} {}", current.request_id, told.unwrap_or_default()))
    }
    let server = Server::start(Runtime::new().event(service_fn(id))).await;
    let call = |id: &str| {
        Call::to(server.address, "/")
            .header("x-fc-control-path", "/invoke")
            .header("x-fc-request-id", id)
            .body("1")
            .send()
    };
    let (a, b) = tokio::join!(call("a"), call("b"));
    assert_eq!((a.json(), b.json()), (json!("a true a"), json!("b true b")));
}

#[tokio::test]
async fn a_call_without_request_id_gets_one() {
    async fn id(event: LambdaEvent<Value>) -> Result<String, Error> {
        Ok(event.context.request_id)
    }
    let server = Server::start(Runtime::new().event(service_fn(id))).await;
    let call = || Call::to(server.address, "/").header("x-fc-control-path", "/invoke").body("1").send();
    let (a, b) = (call().await.text(), call().await.text());
    assert!(a.starts_with("\"local-") && a != b, "{a} {b}");
}
