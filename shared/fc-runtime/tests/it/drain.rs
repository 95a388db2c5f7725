//! The end: calls in flight finish, new ones are not taken, and it does not last for ever.

use std::sync::Arc;
use std::time::Duration;

use fc_runtime::{Error, LambdaEvent, Runtime, RuntimeError, service_fn};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::child::Process;
use crate::client::Call;
use crate::server::Server;

#[tokio::test]
async fn sigterm_lets_the_call_in_flight_finish_and_takes_no_new_one() {
    let gate = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut process, address) = Process::function("all_triggers", &[]).await;
    let order = json!({ "do": "wait_for", "with": gate.local_addr().unwrap().to_string() });
    let in_flight = tokio::spawn(Call::event(address, order.to_string()).send());
    let (handler, _) = gate.accept().await.unwrap();

    process.terminate().await;
    process.line_with("stopping").await;
    // The listener closes right after that line: a call that slips in is answered, soon none is.
    let echo = || Call::event(address, r#"{"do":"echo","with":1}"#).try_send();
    while let Ok(answer) = echo().await {
        assert!(answer.counts_as_success());
    }

    drop(handler);
    assert_eq!(in_flight.await.unwrap().json(), json!("waited"));
    let (status, _, stderr) = process.end().await;
    assert!(status.success(), "{status} {stderr}");
}

#[tokio::test]
async fn a_process_ends_with_the_one_that_started_it_if_told_so() {
    let (mut process, address) =
        Process::function("all_triggers", &[("FC_RUNTIME_END_WITH_STDIN", "true")]).await;
    assert!(Call::event(address, r#"{"do":"echo","with":1}"#).send().await.counts_as_success());
    process.let_go();
    process.line_with("stopping").await;
    let (status, _, stderr) = process.end().await;
    assert!(status.success(), "{status} {stderr}");
}

#[tokio::test]
async fn a_call_that_does_not_finish_is_given_up_after_the_drain_time() {
    let arrived = Arc::new(Semaphore::new(0));
    let seen = Arc::clone(&arrived);
    let handler = move |_: LambdaEvent<Value>| {
        seen.add_permits(1);
        std::future::pending::<Result<(), Error>>()
    };
    let runtime = Runtime::new().event(service_fn(handler)).drain(Duration::from_millis(20));
    let server = Server::start(runtime).await;
    let call = tokio::spawn(Call::event(server.address, "1").try_send());
    arrived.acquire().await.unwrap().forget();
    assert!(matches!(server.stop().await, Err(RuntimeError::DrainTimeout(_))));
    call.abort();
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let server = Server::start(Runtime::new()).await;
    let idle = tokio::net::TcpStream::connect(server.address).await.unwrap();
    assert!(server.stop().await.is_ok());
    drop(idle);
}
