//! Time limits, on a clock that the test moves.

use std::time::Duration;

use tablestore_rs::config::TimeoutConfig;
use tablestore_rs::credentials::{Credentials, provide_credentials_fn};
use tablestore_rs::error::TimeoutKind;
use tablestore_rs::operation::OperationClass::{Read, Write};
use tablestore_rs::types::Row;
use tablestore_rs::{Client, SdkError};
use tokio::time::Instant;

use crate::http_client::{Does, Scripted};
use crate::requests::key;
use crate::server::{Server, Step};

fn limits(attempt: u64, operation: u64) -> TimeoutConfig {
    TimeoutConfig::standard(Read)
        .with_attempt_timeout(Duration::from_secs(attempt))
        .with_operation_timeout(Duration::from_secs(operation))
}

fn timeout<E: std::fmt::Debug>(error: SdkError<E>) -> (TimeoutKind, bool) {
    match error {
        SdkError::TimeoutError(error) => (error.kind, error.sent),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_got_no_answer_is_not_sent_again() {
    let http = Scripted::new(Does::Hang);
    let config = http.config().timeout_config_for(Write, limits(2, 60)).build().unwrap();
    let begin = Instant::now();
    let put = Client::new(&config).put_row().table_name("t").row(Row::new(key(1)));
    let error = put.send().await.unwrap_err();
    assert!(error.may_have_been_applied());
    assert_eq!(error.to_string(), "the attempt timed out after 2000 ms");
    assert_eq!(timeout(error), (TimeoutKind::Attempt, true));
    assert_eq!((http.times(), begin.elapsed()), (1, Duration::from_secs(2)));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_got_no_answer_is_sent_again_until_its_time_is_over() {
    let http = Scripted::new(Does::Hang);
    let config = http.config().timeout_config_for(Read, limits(2, 10)).build().unwrap();
    let begin = Instant::now();
    Client::new(&config).list_tables().send().await.unwrap_err();
    assert!((3..=5).contains(&http.times()), "{} attempts of 2 s", http.times());
    assert!(begin.elapsed() <= Duration::from_secs(10), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_everything_and_sends_nothing_when_it_has_passed() {
    let http = Scripted::new(Does::Hang);
    let client = Client::new(&http.config().build().unwrap());
    let begin = Instant::now();
    let soon = client.with_deadline(begin + Duration::from_secs(1));
    assert_eq!(timeout(soon.list_tables().send().await.unwrap_err()), (TimeoutKind::Operation, true));
    assert_eq!((http.times(), begin.elapsed()), (1, Duration::from_secs(1)));
    let error = soon.delete_row().table_name("t").primary_key(key(1)).send().await.unwrap_err();
    assert!(!error.may_have_been_applied());
    assert_eq!(timeout(error), (TimeoutKind::Operation, false));
    assert_eq!(http.times(), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_credentials_counts_and_nothing_was_sent() {
    let http = Scripted::new(Does::Hang);
    let never = provide_credentials_fn(std::future::pending::<Result<Credentials, _>>);
    let client = Client::new(&http.config().credentials_provider(never).build().unwrap());
    let error = client.delete_row().table_name("t").primary_key(key(1)).send().await.unwrap_err();
    assert_eq!(timeout(error), (TimeoutKind::Operation, false));
    assert_eq!(http.times(), 0);
}

#[tokio::test]
async fn a_server_that_never_answers_does_not_hold_the_caller() {
    let server = Server::start([Step::Hang]).await;
    let limits = limits(60, 60).with_attempt_timeout(Duration::from_millis(50));
    let client = Client::new(&server.config().timeout_config_for(Write, limits).build().unwrap());
    let error = client.delete_row().table_name("t").primary_key(key(1)).send().await.unwrap_err();
    assert!(error.may_have_been_applied());
    assert_eq!(timeout(error), (TimeoutKind::Attempt, true));
}
