//! An answer is believed only if it is the service's, whole, and of now.

use prost::Message;
use tablestore_rs::error::{ErrorCode, ProvideErrorMetadata, ResponseProblem};
use tablestore_rs::operation::get_row::{GetRowError, GetRowOutput};
use tablestore_rs::signature::{SignatureVersion, SigningKey, VerifyError, content_md5};
use tablestore_rs::types::Row;
use tablestore_rs::{Client, SdkError, protobuf};

use crate::requests::key;
use crate::server::{Answer, Server, good, refused};
use crate::vectors::vector;

async fn get(answer: Answer) -> Result<GetRowOutput, SdkError<GetRowError>> {
    let server = Server::start([answer]).await;
    let result = server.client().get_row().table_name("t").primary_key(key(1)).send().await;
    assert_eq!(server.asked().len(), 1, "it is not asked again");
    result
}

fn problem<E: std::fmt::Debug>(error: SdkError<E>) -> ResponseProblem {
    match error {
        SdkError::ResponseError(error) => error.problem,
        other => panic!("{other:?}"),
    }
}

async fn unverified(answer: Answer) -> VerifyError {
    match problem(get(answer).await.unwrap_err()) {
        ResponseProblem::Unverified(error) => error,
        other => panic!("{other:?}"),
    }
}

fn row() -> Answer {
    good(vector("resp_get_row"))
}

#[tokio::test]
async fn a_tampered_answer_is_refused() {
    let signed = SigningKey::v2("other").sign_response("GetRow", []);
    for (answer, expected) in [
        (row().tamper("x-ots-contentmd5", Some(&content_md5(b"other"))), VerifyError::ContentMd5),
        (row().tamper("x-ots-requestid", Some("other")), VerifyError::Signature),
        (row().tamper("x-ots-extra", Some("new")), VerifyError::Signature),
        (row().tamper("authorization", Some(&format!("OTS ak:{signed}"))), VerifyError::Signature),
        (row().tamper("authorization", Some("OTS ak:!")), VerifyError::Signature),
        (row().tamper("authorization", Some("OTS other:x")), VerifyError::Authorization),
        (row().tamper("authorization", Some("Basic x")), VerifyError::Authorization),
        (row().tamper("authorization", None), VerifyError::MissingHeader("authorization")),
        (row().tamper("x-ots-date", None), VerifyError::MissingHeader("x-ots-date")),
        (row().tamper("x-ots-contentmd5", None), VerifyError::MissingHeader("x-ots-contentmd5")),
        (Answer { key: SigningKey::v2("other"), ..row() }, VerifyError::Signature),
    ] {
        assert_eq!(unverified(answer).await, expected);
    }
}

#[tokio::test]
async fn an_answer_of_another_time_is_refused() {
    for skew in [-1000, 1000] {
        let error = unverified(Answer { clock_skew: skew, ..row() }).await;
        assert!(matches!(error, VerifyError::ClockSkew(seconds) if (seconds - skew).abs() < 60), "{error}");
    }
    get(Answer { clock_skew: 600, ..row() }).await.unwrap();
}

/// Right MD5 and signature, wrong row: what the service itself got wrong is found too.
#[tokio::test]
async fn a_damaged_row_is_an_error() {
    let body = vector("resp_get_row");
    let at = body.windows(2).position(|window| window == [0x09, *body.last().unwrap()]).unwrap_or(0);
    let mut damaged = body.clone();
    *damaged.last_mut().unwrap() ^= 1;
    assert!(at > 0, "the row's checksum is the last byte");
    assert!(matches!(problem(get(good(damaged)).await.unwrap_err()), ResponseProblem::Row(_)));
}

#[tokio::test]
async fn a_body_that_is_no_message_or_lacks_a_part_is_an_error() {
    for body in [&b"<html>"[..], b"", b"\x12\x00"] {
        let error = get(good(body)).await.unwrap_err();
        assert!(error.may_have_been_applied(), "nobody knows what it answered");
        assert!(matches!(problem(error), ResponseProblem::Message(_)), "{body:?}");
    }
}

/// An answer cannot change a row: nothing in it may look as if it did.
#[tokio::test]
async fn an_answer_with_changes_in_it_is_an_error() {
    let deletion = tablestore_rs::plainbuffer::WireRow::deletion(key(1));
    let row = tablestore_rs::plainbuffer::encode_row(&deletion).unwrap();
    let unit = protobuf::CapacityUnit { read: Some(1), write: None };
    let consumed = Some(protobuf::ConsumedCapacity { capacity_unit: Some(unit) });
    let response = protobuf::GetRowResponse { consumed, row: Some(row.into()), next_token: None };
    let error = get(good(response.encode_to_vec())).await.unwrap_err();
    assert!(matches!(problem(error), ResponseProblem::Row(_)));
}

#[tokio::test]
async fn an_error_of_the_service_is_checked_as_far_as_it_is_signed() {
    let denied = || refused(403, "OTSConditionCheckFail", "Condition check failed.");
    assert_eq!(unverified(Answer { key: SigningKey::v2("other"), ..denied() }).await, VerifyError::Signature);
    let unsigned = denied().tamper("authorization", None);
    let error = get(unsigned).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::ConditionCheckFail));
}

/// The service cannot sign with a key that it does not accept, and a wrong clock is what it complains about.
#[tokio::test]
async fn a_refused_key_is_reported_although_nothing_in_the_answer_is_signed() {
    let denied = refused(403, "OTSAuthFailed", "Signature mismatch.");
    let denied = Answer { key: SigningKey::v2("other"), clock_skew: 9000, ..denied };
    let error = get(denied).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::AuthFailed));
    assert_eq!(error.message(), Some("Signature mismatch."));
    assert_eq!((error.http_status(), error.request_id()), (Some(403), Some("rid")));
}

#[tokio::test]
async fn version_4_signs_requests_and_believes_its_answers() {
    let today = jiff::Timestamp::now().strftime("%Y%m%d").to_string();
    let answer = Answer { key: SigningKey::v4("sk", &today, "cn-hangzhou"), ..row() };
    let server = Server::start([answer]).await;
    let version = SignatureVersion::V4 { region: "cn-hangzhou".to_owned() };
    let client = Client::new(&server.config().signature_version(version).build().unwrap());
    client.get_row().table_name("t").primary_key(key(1)).send().await.unwrap();
    let asked = &server.asked()[0];
    assert_eq!(asked.header("x-ots-signdate"), Some(today.as_str()));
    assert_eq!(asked.header("x-ots-signregion"), Some("cn-hangzhou"));
    let headers = asked.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let expected = SigningKey::v4("sk", &today, "cn-hangzhou")
        .sign_request("GetRow", headers.filter(|(name, _)| *name != "x-ots-signaturev4"));
    assert_eq!(asked.header("x-ots-signaturev4"), Some(expected.as_str()));
}

#[tokio::test]
async fn a_region_in_the_configuration_selects_version_4() {
    let server = Server::start([row()]).await;
    let client = Client::new(&server.config().region("cn-hangzhou").build().unwrap());
    let put = client.put_row().table_name("t").row(Row::new(key(1)));
    put.send().await.expect_err("the server signs with version 2");
    assert!(server.asked()[0].header("x-ots-signaturev4").is_some());
}
