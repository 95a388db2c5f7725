//! Ranges: page by page to the end, and the end is told by the key alone.

use prost::Message;
use tablestore_rs::SdkError;
use tablestore_rs::operation::get_range::GetRangeFluentBuilder;
use tablestore_rs::plainbuffer::{WireRow, decode_row, encode_row, encode_rows};
use tablestore_rs::protobuf::{CapacityUnit, ConsumedCapacity, GetRangeRequest, GetRangeResponse};
use tablestore_rs::types::{KeyValue, PrimaryKey, Row};

use crate::requests::key;
use crate::server::{Answer, Server, Step, good, refused};

fn page(rows: impl IntoIterator<Item = i64>, next: Option<i64>) -> Answer {
    page_with_token(rows, next, None)
}

fn page_with_token(
    rows: impl IntoIterator<Item = i64>,
    next: Option<i64>,
    token: Option<&'static str>,
) -> Answer {
    let rows: Vec<WireRow> = rows.into_iter().map(|seq| Row::new(key(seq)).column("v", seq).into()).collect();
    // The service leaves the buffer out where there are no rows.
    let rows = if rows.is_empty() { Vec::new() } else { encode_rows(&rows).unwrap() };
    let unit = CapacityUnit { read: Some(1), write: Some(0) };
    let response = GetRangeResponse {
        consumed: Some(ConsumedCapacity { capacity_unit: Some(unit) }),
        rows: Some(rows.into()),
        next_start_primary_key: next.map(|seq| encode_row(&WireRow::key(key(seq))).unwrap().into()),
        next_token: token.map(Into::into),
    };
    good(response.encode_to_vec())
}

fn range(server: &Server) -> GetRangeFluentBuilder {
    server
        .client()
        .get_range()
        .table_name("t")
        .inclusive_start_primary_key(key(KeyValue::InfMin))
        .exclusive_end_primary_key(key(KeyValue::InfMax))
}

async fn sequence(server: &Server) -> Vec<i64> {
    let mut rows = range(server).into_paginator().items().send();
    let mut sequence = Vec::new();
    while let Some(row) = rows.try_next().await.unwrap() {
        sequence.push(row.primary_key().get("seq").unwrap().as_integer().unwrap());
    }
    sequence
}

fn starts(server: &Server) -> Vec<PrimaryKey> {
    let start = |body: &[u8]| GetRangeRequest::decode(body).unwrap().inclusive_start_primary_key;
    server.asked().iter().map(|asked| decode_row(&start(&asked.body)).unwrap().primary_key).collect()
}

#[tokio::test]
async fn rows_of_all_pages_come_in_order() {
    let server = Server::start([page([1, 2], Some(3)), page([3], Some(4)), page([4], None)]).await;
    assert_eq!(sequence(&server).await, [1, 2, 3, 4]);
    assert_eq!(starts(&server), [key(KeyValue::InfMin), key(3), key(4)]);
}

/// A filter can pass nothing of what one call scans.
#[tokio::test]
async fn an_empty_page_with_a_next_key_is_not_the_end() {
    let server = Server::start([page([], Some(3)), page([], Some(5)), page([7], None)]).await;
    assert_eq!(sequence(&server).await, [7]);
}

#[tokio::test]
async fn pages_are_asked_for_one_at_a_time_and_only_when_wanted() {
    let server = Server::start([page([1], Some(2)), page([2], None)]).await;
    let mut pages = range(&server).into_paginator().page_size(1).send();
    assert!(server.asked().is_empty());
    assert_eq!(pages.next().await.unwrap().unwrap().rows().len(), 1);
    assert_eq!(server.asked().len(), 1);
    let last = pages.try_next().await.unwrap().unwrap();
    assert_eq!(last.next_start_primary_key(), None);
    assert!(pages.next().await.is_none());
    let limits: Vec<_> =
        server.asked().iter().map(|asked| GetRangeRequest::decode(&*asked.body).unwrap().limit).collect();
    assert_eq!(limits, [Some(1), Some(1)]);
}

#[tokio::test]
async fn a_page_that_fails_is_repeated_and_nothing_is_skipped_or_doubled() {
    let lost = Step::Lose;
    let busy = refused(503, "OTSServerBusy", "").into();
    let script = [page([1], Some(2)).into(), lost, busy, page([2], None).into()];
    let server = Server::start(script).await;
    assert_eq!(sequence(&server).await, [1, 2]);
    assert_eq!(starts(&server), [key(KeyValue::InfMin), key(2), key(2), key(2)]);
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let server = Server::start([page([1], Some(2)), refused(404, "OTSObjectNotExist", "gone")]).await;
    let mut rows = range(&server).into_paginator().items().send();
    assert!(rows.next().await.unwrap().is_ok());
    let error = rows.next().await.unwrap().unwrap_err();
    assert!(error.as_service_error().unwrap().is_object_not_exist());
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn a_service_that_leads_in_a_circle_is_not_followed() {
    let server = Server::start([page([1], Some(2)), page([2], Some(2)), page([2], Some(2))]).await;
    let mut pages = range(&server).into_paginator().send();
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error, SdkError::ResponseError(_)), "{error}");
    assert_eq!(server.asked().len(), 2);

    let within_a_row = || page_with_token([1], Some(1), Some("token"));
    let server = Server::start([within_a_row(), within_a_row(), within_a_row()]).await;
    let mut pages = range(&server).into_paginator().send();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_err());
}

#[tokio::test]
async fn the_token_within_a_wide_row_is_handed_on_from_page_to_page() {
    let server = Server::start([page_with_token([1], Some(1), Some("in row 1")), page([2], None)]).await;
    let mut pages = range(&server).into_paginator().send();
    assert!(pages.try_next().await.unwrap().unwrap().next_token().is_some());
    assert_eq!(pages.try_next().await.unwrap().unwrap().rows().len(), 1);
    let second = GetRangeRequest::decode(&*server.asked()[1].body).unwrap();
    assert_eq!(second.token.as_deref(), Some(&b"in row 1"[..]));
}

#[tokio::test]
async fn a_part_of_a_wide_row_is_never_an_item() {
    let server = Server::start([page_with_token([1], Some(1), Some("in row 1")), page([2], None)]).await;
    let error = range(&server).into_paginator().items().send().try_next().await.unwrap_err();
    assert!(error.to_string().contains("a row comes in parts"), "{error}");
}
