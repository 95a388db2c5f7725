//! Answers as they come: spellings of errors, what is no JSON, what is too long, what would leak.

use alibaba_cloud::{Client, Error, ErrorKind};

use crate::script::{Server, Step, answer, credentials, ok};

async fn error_of(step: Step) -> Error {
    let server = Server::play(vec![step]).await;
    let error = server.client().ram().user("alice").await.unwrap_err();
    server.asked();
    error
}

#[tokio::test]
async fn every_spelling_of_an_error_is_read() {
    for body in [
        r#"{"code":"Forbidden.RAM","message":"no","requestId":"R-1"}"#,
        r#"{"Code":"Forbidden.RAM","Message":"no","RequestId":"R-1","HostId":"x"}"#,
        r#"{"errorCode":"Forbidden.RAM","errorMessage":"no","requestId":"R-1"}"#,
        r#"{"code":"Forbidden.RAM","message":"no","requestId":"R-1","request_id":"R-1","RequestId":"R-1"}"#,
    ] {
        let error = error_of(answer(403, &[], body)).await;
        assert_eq!(error.to_string(), "GetUser: refused (403) Forbidden.RAM: no [request R-1]", "{body}");
        assert_eq!((error.operation(), error.status()), ("GetUser", Some(403)));
    }
}

#[tokio::test]
async fn a_number_as_code_and_the_request_id_of_a_header_are_read() {
    let error = error_of(answer(400, &[("x-acs-request-id", "R-2")], r#"{"code":400,"message":null}"#)).await;
    assert_eq!((error.code(), error.message(), error.request_id()), (Some("400"), "", Some("R-2")));
}

#[tokio::test]
async fn what_is_missing_is_told_from_what_is_refused() {
    let error = error_of(answer(404, &[], r#"{"Code":"EntityNotExist.User"}"#)).await;
    assert!(error.is_not_found());
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_error_that_is_no_json_is_kept_as_bounded_text() {
    let page = format!("<html>\r\n\x1b[31mbad gateway{}", "x".repeat(100_000));
    let error = error_of(answer(400, &[], &page)).await;
    assert!(error.message().starts_with("<html>   [31mbad gatewayxxx"), "{error}");
    assert!(error.message().chars().count() <= 513, "{}", error.message().len());
    let empty = error_of(answer(400, &[], "")).await;
    assert_eq!(empty.to_string(), "GetUser: refused (400)");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_an_error() {
    for body in
        ["", "not json", "[]", "{}", r#"{"User":{}}"#, r#"{"User":{"UserId":"alice","UserName":"alice"}}"#]
    {
        let error = error_of(ok(body)).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(200)), "{body}");
    }
}

#[tokio::test]
async fn a_list_that_is_not_there_is_not_an_empty_list() {
    let server = Server::play(vec![
        ok("{}"),
        ok(r#"{"clusters":"none"}"#),
        ok("{}"),
        ok(r#"{"Users":{}}"#),
        ok(r#"{"Users":{"User":{}}}"#),
    ])
    .await;
    let client = server.client();
    for _ in 0..2 {
        let clusters = alibaba_cloud::Listing::collect(client.cs().clusters()).await;
        assert_eq!(clusters.unwrap_err().kind(), ErrorKind::InvalidResponse);
    }
    for _ in 0..3 {
        let users = alibaba_cloud::Listing::collect(client.ram().users()).await;
        assert_eq!(users.unwrap_err().kind(), ErrorKind::InvalidResponse);
    }
    server.asked();
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_not_read() {
    let server = Server::play(vec![ok(&" ".repeat(1001))]).await;
    let config = alibaba_cloud::Config { max_response: 1000, ..server.config() };
    let client = Client::new(config, credentials()).unwrap();
    let error = client.ram().user("alice").await.unwrap_err();
    assert_eq!(error.message(), "the answer is longer than 1000 bytes");
    server.asked();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let target = Server::play(vec![]).await;
    let location = format!("http://{}/", target.address);
    let error = error_of(answer(307, &[("location", &location)], "")).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::InvalidResponse, Some(307)));
    assert!(target.asked().is_empty(), "a signed request goes nowhere else");
}

#[tokio::test]
async fn a_quoted_secret_does_not_come_back() {
    let body = r#"{"code":"SignatureDoesNotMatch","message":"x-acs-security-token:test-token test-secret"}"#;
    let error = error_of(answer(400, &[], body)).await;
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("test-token") && !shown.contains("test-secret"), "{shown}");
}
