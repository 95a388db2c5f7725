//! The error table as a table: which failures are repeated for which operations, seen by what arrives at a server.

use tablestore_rs::error::ProvideErrorMetadata;
use tablestore_rs::types::{Condition, KeySchema, KeyType, PrimaryKey, Row};
use tablestore_rs::{Client, SdkError};

use crate::requests::key;
use crate::server::{Answer, Server, Step, good, refused};
use crate::vectors::vector;

/// Calls an operation and says whether it went well and whether it may have been applied.
async fn call(client: &Client, operation: &str) -> (bool, Option<bool>) {
    fn outcome<T, E>(result: Result<T, SdkError<E>>) -> (bool, Option<bool>) {
        (result.is_ok(), result.err().map(|error| error.may_have_been_applied()))
    }
    match operation {
        "read" => outcome(client.get_row().table_name("t").primary_key(key(1)).send().await),
        "write" => {
            let put = client.put_row().table_name("t").row(Row::new(key(1)));
            outcome(put.condition(Condition::expect_not_exist()).send().await)
        }
        _ => {
            let schema = KeySchema::new("pk", KeyType::String);
            outcome(client.create_table().table_name("t").key_schema(schema).send().await)
        }
    }
}

fn success(operation: &str) -> Answer {
    good(match operation {
        "read" => vector("resp_get_row_missing"),
        "write" => vector("resp_put_row_pk"),
        _ => Vec::new(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Repeated {
    Always,
    Reads,
    Never,
}
use Repeated::{Always, Never, Reads};

/// Fails once and then succeeds: a repeated call is good after two requests, another one fails after one.
async fn check(what: &str, failure: impl Into<Step>, repeated: Repeated) {
    let failure = failure.into();
    for operation in ["read", "write", "definition"] {
        let server = Server::start([failure.clone(), success(operation).into()]).await;
        let (good, applied) = call(&server.client(), operation).await;
        let expected = repeated == Always || (repeated == Reads && operation == "read");
        assert_eq!(good, expected, "{operation} after {what}");
        assert_eq!(server.asked().len(), 1 + usize::from(expected), "{operation} after {what}");
        if !expected && operation != "read" {
            assert_eq!(applied, Some(repeated == Reads), "{operation} after {what} may be applied");
        }
        let bodies: Vec<_> = server.asked().into_iter().map(|asked| asked.body).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the same is sent again");
    }
}

#[tokio::test]
async fn errors_of_the_service() {
    for (status, code, message, repeated) in [
        (400, "OTSParameterInvalid", "", Never),
        (403, "OTSConditionCheckFail", "Condition check failed.", Never),
        (403, "OTSNotEnoughCapacityUnit", "", Always),
        (404, "OTSObjectNotExist", "Requested table does not exist.", Never),
        (409, "OTSObjectAlreadyExist", "Requested table already exists.", Never),
        (403, "OTSAuthFailed", "", Never),
        (409, "OTSRowOperationConflict", "", Always),
        (409, "OTSOperationConflict", "", Always),
        (503, "OTSServerBusy", "", Always),
        (503, "OTSPartitionUnavailable", "", Always),
        (503, "OTSOperationThrottled", "", Always),
        (404, "OTSTableNotReady", "", Always),
        (503, "OTSTimeout", "", Reads),
        (503, "OTSServerUnavailable", "", Reads),
        (500, "OTSInternalServerError", "", Reads),
        (403, "OTSQuotaExhausted", "Too frequent table operations.", Always),
        (403, "OTSQuotaExhausted", "Number of tables exceeded the quota.", Never),
        (400, "OTSInvalidPK", "", Never),
        (400, "OTSOutOfRowSizeLimit", "", Never),
        (400, "OTSOutOfColumnCountLimit", "", Never),
        (413, "OTSRequestBodyTooLarge", "", Never),
        (405, "OTSMethodNotAllowed", "", Never),
        (400, "OTSUnheardOf", "", Never),
        (502, "OTSUnheardOf", "", Reads),
    ] {
        check(code, refused(status, code, message), repeated).await;
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_a_write_alone() {
    check("a lost connection", Step::Lose, Reads).await;
}

#[tokio::test]
async fn an_error_page_of_something_in_front_leaves_a_write_alone() {
    for status in [500, 502, 503, 504] {
        let page = Answer { status, ..good(*b"<html>Bad gateway</html>") };
        check("an error page", page.tamper("authorization", None), Reads).await;
    }
    let page = Answer { status: 404, ..good(*b"<html>Not here</html>") };
    let server = Server::start([page]).await;
    assert_eq!(call(&server.client(), "read").await, (false, Some(true)));
    assert_eq!(server.asked().len(), 1, "a wrong address does not get better");
}

#[tokio::test]
async fn attempts_end_and_the_last_error_is_told() {
    let server = Server::start((0..9).map(|n| refused(503, "OTSServerBusy", &n.to_string()))).await;
    let client = server.client();
    let error = client.delete_row().table_name("t").primary_key(key(1)).send().await.unwrap_err();
    assert_eq!(error.message(), Some("2"), "the third of three attempts");
    assert!(!error.may_have_been_applied());
    assert_eq!(server.asked().len(), 3);
}

/// Busy first, lost afterwards: what counts is the attempt that may have arrived.
#[tokio::test]
async fn a_write_that_is_lost_after_a_repetition_is_left_alone_too() {
    let busy = refused(503, "OTSServerBusy", "").into();
    let server = Server::start([busy, Step::Lose, success("write").into()]).await;
    assert_eq!(call(&server.client(), "write").await, (false, Some(true)));
    assert_eq!(server.asked().len(), 2);
}

#[tokio::test]
async fn without_a_connection_nothing_was_applied() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let server = Server::start(Vec::<Step>::new()).await;
    let client = Client::new(&server.config().endpoint_url(url).build().unwrap());
    let error = client.put_row().table_name("t").row(Row::new(key(1))).send().await.unwrap_err();
    assert!(matches!(error, SdkError::DispatchFailure(_)), "{error:?}");
    assert!(!error.may_have_been_applied(), "{error}");
    let start = client.start_local_transaction().table_name("t");
    let error = start.partition_key(PrimaryKey::new().column("pk", "a")).send().await.unwrap_err();
    assert!(!error.may_have_been_applied(), "{error}");
}
