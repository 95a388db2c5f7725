//! Event calls: payloads, answers, failures, panics, sizes.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use fc_runtime::{Diagnostic, Error, LambdaEvent, RawPayload, Runtime, StreamResponse, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::client::Call;
use crate::server::Server;

#[derive(Debug, Deserialize)]
struct Sum {
    terms: Vec<u32>,
}

/// An error that names its type, as lambda_runtime's documentation advises.
#[derive(Debug)]
struct Overflow;

impl From<Overflow> for Diagnostic {
    fn from(Overflow: Overflow) -> Self {
        Diagnostic { error_type: "Overflow".to_owned(), error_message: "the sum is too large".to_owned() }
    }
}

async fn sum(event: LambdaEvent<Sum>) -> Result<u32, Overflow> {
    event.payload.terms.iter().try_fold(0, |sum: u32, term| sum.checked_add(*term)).ok_or(Overflow)
}

#[tokio::test]
async fn an_answer_is_the_json_of_what_the_handler_returns() {
    let server = Server::start(Runtime::new().event(service_fn(sum))).await;
    let answer = Call::event(server.address, r#"{"terms":[1,2,3]}"#).send().await;
    assert!(answer.counts_as_success());
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "6"));
}

#[tokio::test]
async fn an_error_of_the_handler_is_a_failed_call_with_its_type() {
    let server = Server::start(Runtime::new().event(service_fn(sum))).await;
    let answer = Call::event(server.address, r#"{"terms":[4294967295,1]}"#).send().await;
    assert_eq!(answer.failure(), ("Overflow".to_owned(), "the sum is too large".to_owned()));
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_a_failed_call_that_names_the_column() {
    let server = Server::start(Runtime::new().event(service_fn(sum))).await;
    let (kind, message) = Call::event(server.address, r#"{"terms":[1,]}"#).send().await.failure();
    assert_eq!(kind, "MalformedPayload");
    assert_eq!(message, "the event cannot be read: trailing comma at line 1 column 13");
    let (kind, _) = Call::event(server.address, "").send().await.failure();
    assert_eq!(kind, "MalformedPayload");
}

#[tokio::test]
async fn a_payload_of_another_shape_is_a_failed_call() {
    let server = Server::start(Runtime::new().event(service_fn(sum))).await;
    let (kind, message) = Call::event(server.address, r#"{"terms":[-1]}"#).send().await.failure();
    assert_eq!(kind, "PayloadMismatch");
    assert!(message.contains("line 1 column 12"), "{message}");
}

#[tokio::test]
async fn a_function_may_take_what_is_not_json() {
    async fn keep(event: LambdaEvent<RawPayload>) -> Result<usize, Error> {
        Ok(event.payload.0.len())
    }
    let server = Server::start(Runtime::new().event(service_fn(keep))).await;
    assert_eq!(Call::event(server.address, &b"\xff\xfe{"[..]).send().await.json(), json!(3));
}

#[tokio::test]
async fn a_streaming_answer_arrives_whole_and_its_failure_fails_the_call() {
    async fn stream(
        event: LambdaEvent<Vec<Option<String>>>,
    ) -> Result<StreamResponse<impl futures::Stream<Item = Result<Bytes, Error>> + Unpin>, Error> {
        let chunks = event.payload.into_iter().map(|c| c.map(Bytes::from).ok_or(Error::from("cut")));
        Ok(StreamResponse::from(futures::stream::iter(chunks)))
    }
    let server = Server::start(Runtime::new().event(service_fn(stream))).await;
    assert_eq!(Call::event(server.address, r#"["a","b"]"#).send().await.text(), "ab");
    assert_eq!(Call::event(server.address, r#"["a",null]"#).send().await.failure().1, "cut");
}

#[tokio::test]
async fn a_panic_fails_its_call_tells_nothing_and_the_next_call_works() {
    async fn moody(event: LambdaEvent<bool>) -> Result<&'static str, Error> {
        assert!(event.payload, "the secret is hunter2");
        Ok("calm")
    }
    let server = Server::start(Runtime::new().event(service_fn(moody))).await;
    let answer = Call::event(server.address, "false").send().await;
    assert_eq!(answer.failure(), ("HandlerPanic".to_owned(), "the handler panicked".to_owned()));
    assert_eq!(Call::event(server.address, "true").send().await.json(), json!("calm"));
}

#[tokio::test]
async fn a_panic_before_the_first_await_is_caught_too() {
    let early = |_: LambdaEvent<Value>| -> std::future::Ready<Result<Value, Error>> { panic!("at once") };
    let server = Server::start(Runtime::new().event(service_fn(early))).await;
    assert_eq!(Call::event(server.address, "1").send().await.failure().0, "HandlerPanic");
}

#[tokio::test]
async fn an_event_of_ten_megabytes_is_taken_and_one_above_the_limit_fails() {
    async fn length(event: LambdaEvent<String>) -> Result<usize, Error> {
        Ok(event.payload.len())
    }
    let text = "x".repeat(10 * 1024 * 1024);
    let body = Bytes::from(format!("\"{text}\""));
    let server = Server::start(Runtime::new().event(service_fn(length))).await;
    assert_eq!(Call::event(server.address, body.clone()).send().await.json(), json!(text.len()));

    let small = Server::start(Runtime::new().event(service_fn(length)).event_body_limit(16)).await;
    assert_eq!(Call::event(small.address, r#""0123456789abcd""#).send().await.json(), json!(14));
    let (kind, message) = Call::event(small.address, r#""0123456789abcde""#).send().await.failure();
    assert_eq!(kind, "PayloadUnreadable");
    assert!(message.contains("at most 16 bytes"), "{message}");
}

#[tokio::test]
async fn a_long_error_message_is_cut_at_a_character() {
    async fn chatty(event: LambdaEvent<String>) -> Result<(), Error> {
        Err(event.payload.repeat(2000).into())
    }
    let server = Server::start(Runtime::new().event(service_fn(chatty))).await;
    let (_, message) = Call::event(server.address, "\"€\"").send().await.failure();
    assert_eq!(message, "€".repeat(2048 / 3));
}

#[tokio::test]
async fn no_more_calls_run_at_once_than_allowed() {
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (arrived, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let handler = {
        let (running, most, arrived, gate) = (running.clone(), most.clone(), arrived.clone(), gate.clone());
        move |_: LambdaEvent<Value>| {
            let (running, most, arrived, gate) =
                (running.clone(), most.clone(), arrived.clone(), gate.clone());
            async move {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                arrived.add_permits(1);
                gate.acquire().await?.forget();
                running.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, Error>(())
            }
        }
    };
    let server = Server::start(Runtime::new().event(service_fn(handler)).concurrency(2)).await;
    let calls: Vec<_> = (0..6).map(|_| tokio::spawn(Call::event(server.address, "1").send())).collect();
    arrived.acquire_many(2).await.unwrap().forget();
    gate.add_permits(6);
    for call in calls {
        assert!(call.await.unwrap().counts_as_success());
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
}
