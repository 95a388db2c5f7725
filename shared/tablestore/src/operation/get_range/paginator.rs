//! All pages of a range.

use futures::stream::{self, Stream, TryStreamExt};

use super::{GetRangeError, GetRangeFluentBuilder, GetRangeOutput};
use crate::error::{ResponseError, ResponseProblem, SdkError};
use crate::paginator::PaginationStream;
use crate::types::Row;

/// Reads all pages of a range, each when the stream is asked for it.
///
/// ```no_run
/// # async fn example(client: tablestore_rs::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use tablestore_rs::types::{KeyValue, PrimaryKey};
///
/// let mut rows = client
///     .get_range()
///     .table_name("events")
///     .inclusive_start_primary_key(PrimaryKey::new().column("stream", "a").column("seq", KeyValue::InfMin))
///     .exclusive_end_primary_key(PrimaryKey::new().column("stream", "a").column("seq", KeyValue::InfMax))
///     .into_paginator()
///     .items()
///     .send();
/// while let Some(row) = rows.next().await {
///     println!("{:?}", row?.primary_key());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct GetRangePaginator {
    builder: GetRangeFluentBuilder,
}

impl GetRangePaginator {
    pub(super) fn new(builder: GetRangeFluentBuilder) -> Self {
        Self { builder }
    }

    /// How many rows a page has at most.
    pub fn page_size(self, page_size: i32) -> Self {
        Self { builder: self.builder.limit(page_size) }
    }

    /// Rows in place of pages.
    pub fn items(self) -> GetRangeItems {
        GetRangeItems(self)
    }

    /// The stream of pages, empty ones too. It ends after the last page or the first error.
    pub fn send(self) -> PaginationStream<Result<GetRangeOutput, SdkError<GetRangeError>>> {
        PaginationStream::new(self.pages())
    }

    fn pages(self) -> impl Stream<Item = Result<GetRangeOutput, SdkError<GetRangeError>>> + Send {
        stream::try_unfold(Some(self.builder), |builder| async move {
            let Some(builder) = builder else { return Ok(None) };
            let page = builder.clone().send().await?;
            let next = match page.next_start_primary_key() {
                None => None,
                Some(start) => {
                    // A service that leads back to where this page started would be followed for ever.
                    if builder.is_at(start, page.next_token()) {
                        return Err(unusable(&page, "the next page starts where this one did"));
                    }
                    Some(builder.from(start.clone(), page.next_token().cloned()))
                }
            };
            Ok(Some((page, next)))
        })
    }
}

/// Reads all rows of a range.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct GetRangeItems(GetRangePaginator);

impl GetRangeItems {
    /// The stream of rows. It ends after the last row or the first error. A row that is too wide to come in one page is
    /// an error: its parts are not rows. Read pages to get it.
    pub fn send(self) -> PaginationStream<Result<Row, SdkError<GetRangeError>>> {
        let rows = |page: GetRangeOutput| async move {
            if page.next_token().is_some() {
                return Err(unusable(&page, "a row comes in parts"));
            }
            Ok(stream::iter(page.into_rows().into_iter().map(Ok)))
        };
        PaginationStream::new(self.0.pages().and_then(rows).try_flatten())
    }
}

fn unusable(page: &GetRangeOutput, why: &str) -> SdkError<GetRangeError> {
    SdkError::ResponseError(ResponseError {
        problem: ResponseProblem::Message(why.to_owned()),
        http_status: 200,
        request_id: page.request_id().map(str::to_owned),
    })
}
