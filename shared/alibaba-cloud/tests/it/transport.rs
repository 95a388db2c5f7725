//! Which attempts are made, when they end, and what is known afterwards.

use std::collections::BTreeSet;
use std::time::Duration;

use alibaba_cloud::credentials::{Chain, from_fn};
use alibaba_cloud::signature::{Unsigned, sign};
use alibaba_cloud::{BaseUrl, Client, Config, Endpoints, ErrorKind, Listing};
use kubeconfig::KubeconfigKey;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::permit::permit;
use crate::script::{Asked, Server, Step, answer, config, credentials, ok};

fn key() -> KubeconfigKey {
    KubeconfigKey { cluster: "c0123".parse().unwrap(), uid: "200000000000000001".parse().unwrap() }
}

const CALLER: &str = r#"{"IdentityType":"AssumedRoleUser","AccountId":"1000000000000001","RoleId":"300000000000000009","Arn":"acs:x"}"#;

fn throttled() -> Step {
    answer(429, &[("x-acs-retry-after", "2")], r#"{"code":"Throttling.User","message":"slow down"}"#)
}

/// Signs what arrived anew: the signature was made over exactly what was sent.
fn assert_signed(asked: &Asked, action: &str, version: &str) {
    let query = asked.query();
    let query: Vec<(&str, &str)> =
        query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Unsigned {
        method: asked.method(),
        host: asked.header("host"),
        path: asked.path(),
        query: &query,
        action,
        version,
        content_type: None,
        body: &asked.body,
    };
    let now = asked.header("x-acs-date").parse().unwrap();
    let signed = sign(&request, &credentials(), now, asked.header("x-acs-signature-nonce"));
    for (name, value) in signed.headers {
        assert_eq!(asked.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn a_throttled_call_is_repeated_with_a_new_nonce_each_time() {
    let server = Server::play(vec![throttled(), throttled(), ok(CALLER)]).await;
    let caller = server.client().sts().caller().await.unwrap();
    assert_eq!(caller.uid().unwrap().as_str(), "300000000000000009");
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    let nonces: BTreeSet<_> = asked.iter().map(|asked| asked.header("x-acs-signature-nonce")).collect();
    assert_eq!(nonces.len(), 3, "{nonces:?}");
    for asked in &asked {
        assert_eq!(asked.line, "POST /");
        assert_eq!(asked.header("host"), server.address.to_string());
        assert_eq!(asked.header("x-acs-security-token"), "test-token");
        assert_signed(asked, "GetCallerIdentity", "2015-04-01");
    }
}

#[tokio::test]
async fn a_throttled_write_is_repeated_too() {
    let server = Server::play(vec![throttled(), answer(429, &[], ""), ok("{}")]).await;
    server.client().cs().clean_cluster_user_permissions(&permit(key(), true)).await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert_signed(&asked[2], "CleanClusterUserPermissions", "2015-12-15");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_waited_for() {
    let hour = answer(400, &[("x-acs-retry-after", "3600000")], r#"{"code":"Throttling.Api"}"#);
    let server = Server::play(vec![hour]).await;
    let error = server.client().sts().caller().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled { retry_after: Some(Duration::from_secs(3600)) });
    assert_eq!((error.attempts(), error.code()), (1, Some("Throttling.Api")));
}

#[tokio::test]
async fn a_read_outlives_failures_of_the_server_and_the_network() {
    let server = Server::play(vec![answer(500, &[], ""), Step::Drop, Step::DropInBody, ok(CALLER)]).await;
    server.client().sts().caller().await.unwrap();
    assert_eq!(server.asked().len(), 4);
}

#[tokio::test]
async fn a_read_is_given_up_after_the_last_attempt() {
    let server = Server::play(vec![answer(503, &[], r#"{"Code":"ServiceUnavailable"}"#); 4]).await;
    let error = server.client().sts().caller().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Server, 4));
    assert!(!error.outcome_unknown(), "a read changes nothing");
    server.asked();
}

#[tokio::test]
async fn a_write_that_may_have_been_applied_is_sent_once_and_says_so() {
    for (step, kind) in [
        (answer(500, &[], ""), ErrorKind::Server),
        (
            answer(503, &[("x-acs-retry-after", "1")], ""),
            ErrorKind::Throttled { retry_after: Some(Duration::from_millis(1)) },
        ),
        (Step::Drop, ErrorKind::Transport),
        (Step::DropInBody, ErrorKind::Transport),
        (Step::Hang, ErrorKind::Timeout),
        (answer(302, &[("location", "http://127.0.0.1:1/")], ""), ErrorKind::InvalidResponse),
    ] {
        let server = Server::play(vec![step]).await;
        let mut config = server.config();
        config.attempt_timeout = Some(Duration::from_millis(300));
        let client = Client::new(config, credentials()).unwrap();
        let error = client.cs().clean_cluster_user_permissions(&permit(key(), false)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.outcome_unknown(), "{error}");
        assert_eq!(server.asked().len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_write_that_was_surely_not_applied_says_so() {
    for (status, kind) in [(400, ErrorKind::Refused), (403, ErrorKind::Refused), (404, ErrorKind::NotFound)] {
        let server = Server::play(vec![answer(status, &[], r#"{"code":"X"}"#)]).await;
        let error =
            server.client().cs().clean_cluster_user_permissions(&permit(key(), false)).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome_unknown()), (kind, false));
        server.asked();
    }
}

#[tokio::test]
async fn without_a_connection_even_a_write_is_tried_again() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(config(address), credentials()).unwrap();
    let error = client.cs().clean_cluster_user_permissions(&permit(key(), false)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 4));
    assert!(!error.outcome_unknown(), "nothing was sent");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_never_sent_a_request() {
    let server = Server::play(vec![]).await;
    let url: BaseUrl = format!("https://{}", server.address).parse().unwrap();
    let config = Config { endpoints: Endpoints::all(&url), ..server.config() };
    let client = Client::new(config, credentials()).unwrap();
    let error = client.cs().clean_cluster_user_permissions(&permit(key(), false)).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Transport, 4));
    assert!(!error.outcome_unknown());
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_slow_answer_to_a_read_is_asked_for_again() {
    let server = Server::play(vec![Step::Hang, ok(CALLER)]).await;
    let mut config = server.config();
    config.attempt_timeout = Some(Duration::from_millis(300));
    Client::new(config, credentials()).unwrap().sts().caller().await.unwrap();
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn a_deadline_bounds_a_call_that_would_go_on() {
    let server = Server::play(vec![Step::Hang]).await;
    let config = Config { attempt_timeout: Some(Duration::from_secs(3600)), ..server.config() };
    let client = Client::new(config, credentials()).unwrap();
    let client = client.with_deadline(Instant::now() + Duration::from_millis(300));
    let error = client.sts().caller().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    server.asked();
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline_or_without_credentials() {
    let server = Server::play(vec![]).await;
    let late = server.client().with_deadline(Instant::now()).sts().caller().await.unwrap_err();
    assert_eq!((late.kind(), late.attempts()), (ErrorKind::Timeout, 0));
    let none = Chain::new().then(from_fn("request context", || None));
    let error = server.client().with_credentials(none).sts().caller().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);
    assert!(error.message().contains("request context: none given"), "{error}");
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn other_credentials_sign_the_calls_of_a_clone_alone() {
    let server = Server::play(vec![ok(CALLER), ok(CALLER)]).await;
    let client = server.client();
    let other = client.with_credentials(alibaba_cloud::Credentials::new("other-id", "x"));
    other.sts().caller().await.unwrap();
    client.sts().caller().await.unwrap();
    let asked = server.asked();
    assert!(asked[0].header("authorization").contains("Credential=other-id,"));
    assert_eq!(asked[0].header("x-acs-security-token"), "");
    assert!(asked[1].header("authorization").contains("Credential=test-id,"));
}

#[tokio::test]
async fn a_failed_page_ends_the_list_without_a_part_of_it() {
    let page = r#"{"clusters":[{"cluster_id":"c1","state":"running"}],"page_info":{"total_count":2}}"#;
    let server = Server::play(vec![ok(page), answer(403, &[], r#"{"code":"Forbidden.RAM"}"#)]).await;
    let error = Listing::collect(server.client().cs().clusters()).await.unwrap_err();
    assert_eq!(error.code(), Some("Forbidden.RAM"));
    server.asked();
}
