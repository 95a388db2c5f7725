//! Credentials in use: tokens are sent and signed, new ones are asked for, secrets are never shown.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use tablestore_rs::credentials::{Credentials, CredentialsError, provide_credentials_fn};
use tablestore_rs::error::ProvideErrorMetadata;
use tablestore_rs::signature::SigningKey;
use tablestore_rs::{Client, SdkError};

use crate::server::{Server, good, refused};
use crate::vectors::vector;

fn tables() -> crate::server::Answer {
    good(vector("resp_list_table"))
}

#[tokio::test]
async fn a_security_token_is_sent_and_signed() {
    let server = Server::start([tables()]).await;
    let credentials = Credentials::new("ak", "sk").with_security_token("token");
    let client = Client::new(&server.config().credentials_provider(credentials).build().unwrap());
    client.list_tables().send().await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.header("x-ots-ststoken"), Some("token"));
    let headers = asked.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signed: Vec<_> = headers.filter(|(name, _)| *name != "x-ots-signature").collect();
    let expected = SigningKey::v2("sk").sign_request("ListTable", signed);
    assert_eq!(asked.header("x-ots-signature"), Some(expected.as_str()));
}

#[tokio::test]
async fn without_a_token_there_is_no_such_header() {
    let server = Server::start([tables()]).await;
    server.client().list_tables().send().await.unwrap();
    assert_eq!(server.asked()[0].header("x-ots-ststoken"), None);
}

/// Each answer of the source lives for this long; the tokens that three calls carried.
async fn tokens(life: SignedDuration) -> Vec<String> {
    let server = Server::start([tables(), tables(), tables()]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let source = provide_credentials_fn(move || {
        let n = asked.fetch_add(1, Ordering::SeqCst);
        async move {
            let credentials = Credentials::new("ak", "sk").with_security_token(format!("token-{n}"));
            Ok(credentials.with_expiry(Timestamp::now() + life))
        }
    });
    let client = Client::new(&server.config().credentials_provider(source).build().unwrap());
    for _ in 0..3 {
        client.clone().list_tables().send().await.unwrap();
    }
    server.asked().iter().map(|asked| asked.header("x-ots-ststoken").unwrap().to_owned()).collect()
}

#[tokio::test]
async fn temporary_credentials_are_kept_while_they_last_and_renewed_before_they_end() {
    assert_eq!(tokens(SignedDuration::from_mins(30)).await, ["token-0", "token-0", "token-0"]);
    assert_eq!(tokens(SignedDuration::from_mins(4)).await, ["token-0", "token-1", "token-2"]);
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let server = Server::start([tables()]).await;
    let none = provide_credentials_fn(|| async { Err(CredentialsError::new("STS said no")) });
    let client = Client::new(&server.config().credentials_provider(none).build().unwrap());
    let error = client.list_tables().send().await.unwrap_err();
    assert!(matches!(error, SdkError::ConstructionFailure(_)) && !error.may_have_been_applied());
    assert_eq!(error.to_string(), "the request could not be made: no credentials: STS said no");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn secrets_that_a_server_quotes_are_taken_out_and_debug_shows_none() {
    let server = Server::start([refused(400, "OTSParameterInvalid", "token t0ken, key s3cret")]).await;
    let credentials = Credentials::new("ak", "s3cret").with_security_token("t0ken");
    let config = server.config().credentials_provider(credentials).build().unwrap();
    let client = Client::new(&config);
    let unsigned = client.list_tables().send().await.unwrap_err();
    let shown = format!("{unsigned} {unsigned:?} {client:?} {config:?}");
    assert!(!shown.contains("s3cret") && !shown.contains("t0ken"), "{shown}");

    let quoting = refused(403, "OTSAuthFailed", "token t0ken, key s3cret");
    let server = Server::start([quoting]).await;
    let client = Client::new(&config_for(&server));
    let error = client.list_tables().send().await.unwrap_err();
    assert_eq!(error.message(), Some("token [redacted], key [redacted]"));
}

fn config_for(server: &Server) -> tablestore_rs::Config {
    let credentials = Credentials::new("ak", "s3cret").with_security_token("t0ken");
    server.config().credentials_provider(credentials).build().unwrap()
}
