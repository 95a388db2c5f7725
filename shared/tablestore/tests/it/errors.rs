//! Errors carry what is needed to act on them.

use tablestore_rs::SdkError;
use tablestore_rs::error::{ErrorCode, ProvideErrorMetadata};
use tablestore_rs::operation::create_table::CreateTableError;
use tablestore_rs::operation::put_row::PutRowError;
use tablestore_rs::types::{Condition, KeySchema, Row};

use crate::requests::key;
use crate::server::{Server, refused};

async fn put(status: u16, code: &str, message: &str) -> SdkError<PutRowError> {
    let server = Server::start([refused(status, code, message)]).await;
    let put = server.client().put_row().table_name("t").row(Row::new(key(1)));
    put.condition(Condition::expect_not_exist()).send().await.unwrap_err()
}

#[tokio::test]
async fn a_failed_condition_is_told_from_everything_else() {
    let error = put(403, "OTSConditionCheckFail", "Condition check failed.").await;
    let refused = error.as_service_error().unwrap();
    assert!(refused.is_condition_check_fail() && !refused.is_object_not_exist());
    assert_eq!(refused.meta().code(), &ErrorCode::ConditionCheckFail);
    assert_eq!(refused.meta().message(), "Condition check failed.");
    assert_eq!(error.request_id(), Some("rid"));
    assert_eq!(error.http_status(), Some(403));
    assert!(!error.may_have_been_applied());
    let text = "OTSConditionCheckFail: Condition check failed. (HTTP 403, request rid)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_code_that_is_not_known_is_handed_through() {
    let error = put(400, "OTSUnheardOf", "new").await;
    assert!(matches!(error.as_service_error(), Some(PutRowError::Unhandled(_))));
    assert_eq!(error.code().map(ErrorCode::as_str), Some("OTSUnheardOf"));
}

#[tokio::test]
async fn each_operation_has_its_own_errors() {
    let server = Server::start([refused(409, "OTSObjectAlreadyExist", "Requested table already exists.")]);
    let server = server.await;
    let create = server.client().create_table().table_name("t").key_schema(KeySchema::auto_increment("k"));
    let error = create.send().await.unwrap_err();
    assert!(matches!(error.as_service_error(), Some(CreateTableError::ObjectAlreadyExist(_))));
}

/// Callers box errors and send them between threads.
#[test]
fn errors_are_errors() {
    fn check<T: std::error::Error + Send + Sync + Clone + 'static>() {}
    check::<SdkError<PutRowError>>();
    check::<tablestore_rs::ConfigError>();
    check::<tablestore_rs::operation::RowError>();
}
