//! BatchGetRow: reads up to 100 rows. Rows can fail while others do not, and the call is `Ok` all the same.

use bytes::Bytes;

use super::batch::{same, same_table};
use super::read::versions;
use super::{Operation, OperationClass, RowError, answer};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, ResponseProblem, SdkError, operation_error};
use crate::plainbuffer::{WireRow, encode_row};
use crate::protobuf;
use crate::types::{ConsumedCapacity, Filter, KeysAndColumns, PrimaryKey, Row, TimeRange};

type Items = Vec<(String, KeysAndColumns)>;

/// Builds the request. Needed is at least one row.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct BatchGetRowFluentBuilder {
    client: Client,
    items: Items,
}

impl BatchGetRowFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, items: Vec::new() }
    }

    /// Adds rows of a table.
    pub fn request_items(mut self, table_name: impl Into<String>, rows: KeysAndColumns) -> Self {
        self.items.push((table_name.into(), rows));
        self
    }

    fn request(&self) -> Result<protobuf::BatchGetRowRequest, ConstructionFailure> {
        if self.items.iter().all(|(_, rows)| rows.keys.is_empty()) {
            return Err(ConstructionFailure::Missing("request_items"));
        }
        let tables = self.items.iter().map(|(name, rows)| table(name, rows)).collect::<Result<_, _>>()?;
        Ok(protobuf::BatchGetRowRequest { tables })
    }

    /// Sends it. Rows that failed are not asked for again: see [`BatchGetRowOutput::unprocessed_keys`].
    ///
    /// # Errors
    /// See [`SdkError`]: the batch as a whole failed.
    pub async fn send(self) -> Result<BatchGetRowOutput, SdkError<BatchGetRowError>> {
        let request = self.request();
        let items = self.items;
        let read = |response, meta: &Meta| BatchGetRowOutput::read(items, response, meta);
        self.client.call(Operation::BatchGetRow, request, read).await
    }
}

fn table(
    name: &str,
    rows: &KeysAndColumns,
) -> Result<protobuf::TableInBatchGetRowRequest, ConstructionFailure> {
    let key = |key: &PrimaryKey| encode_row(&WireRow::key(key.clone())).map(Into::into);
    Ok(protobuf::TableInBatchGetRowRequest {
        table_name: name.to_owned(),
        primary_key: rows.keys.iter().map(key).collect::<Result<_, _>>()?,
        token: Vec::new(),
        columns_to_get: rows.columns_to_get.clone(),
        time_range: rows.time_range.map(TimeRange::wire),
        max_versions: versions(rows.max_versions, rows.time_range.is_some()),
        filter: rows.filter.as_ref().map(Filter::wire).transpose()?,
        start_column: None,
        end_column: None,
    })
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchGetRowResult {
    /// The table.
    pub table_name: String,
    /// The key that was asked for.
    pub primary_key: PrimaryKey,
    /// The row if there is one, or why it could not be read.
    pub outcome: Result<Option<Row>, RowError>,
    /// Where to go on with [`GetRow`](super::get_row): the row has more columns than came.
    pub next_token: Option<Bytes>,
    /// What it cost, where the service says so.
    pub consumed: Option<ConsumedCapacity>,
}

/// What BatchGetRow answers.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchGetRowOutput {
    results: Vec<BatchGetRowResult>,
    unprocessed: Items,
    request_id: Option<String>,
}

impl BatchGetRowOutput {
    fn read(
        items: Items,
        response: protobuf::BatchGetRowResponse,
        meta: &Meta,
    ) -> Result<Self, ResponseProblem> {
        same("tables", items.len(), response.tables.len())?;
        let mut results = Vec::new();
        let mut unprocessed = Items::new();
        for ((name, rows), table) in items.into_iter().zip(response.tables) {
            same_table(&name, &table.table_name)?;
            same("rows", rows.keys.len(), table.rows.len())?;
            let mut again = KeysAndColumns { keys: Vec::new(), ..rows };
            for (key, row) in rows.keys.into_iter().zip(table.rows) {
                let result = read_row(&name, key, row, meta)?;
                if result.outcome.as_ref().is_err_and(RowError::may_be_repeated) {
                    again.keys.push(result.primary_key.clone());
                }
                results.push(result);
            }
            if !again.keys.is_empty() {
                unprocessed.push((name, again));
            }
        }
        Ok(Self { results, unprocessed, request_id: meta.request_id.clone() })
    }

    /// What became of each row, in the order of the request.
    pub fn results(&self) -> &[BatchGetRowResult] {
        &self.results
    }

    /// The rows that were found.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.results.iter().filter_map(|result| result.outcome.as_ref().ok()?.as_ref())
    }

    /// The rows that could not be read.
    pub fn failures(&self) -> impl Iterator<Item = (&BatchGetRowResult, &RowError)> {
        self.results.iter().filter_map(|result| result.outcome.as_ref().err().map(|error| (result, error)))
    }

    /// The rows that could not be read and may be readable in a moment, by table: for another
    /// [`request_items`](BatchGetRowFluentBuilder::request_items).
    pub fn unprocessed_keys(&self) -> &[(String, KeysAndColumns)] {
        &self.unprocessed
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

fn read_row(
    table: &str,
    primary_key: PrimaryKey,
    row: protobuf::RowInBatchGetRowResponse,
    meta: &Meta,
) -> Result<BatchGetRowResult, ResponseProblem> {
    let outcome = if row.is_ok {
        Ok(answer::row(&answer::present("row", row.row)?)?)
    } else {
        Err(RowError::read(row.error, OperationClass::Read, meta)?)
    };
    Ok(BatchGetRowResult {
        table_name: table.to_owned(),
        primary_key,
        outcome,
        next_token: row.next_token.filter(|token| !token.is_empty()),
        consumed: row.consumed.and_then(|consumed| consumed.capacity_unit).map(ConsumedCapacity::from),
    })
}

operation_error! {
    /// Why the service refused or failed the batch as a whole.
    BatchGetRowError {
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
    }
}
