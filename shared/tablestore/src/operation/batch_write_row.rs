//! BatchWriteRow: writes up to 200 rows, each by itself. It is not atomic: rows can fail while others do not, and the
//! call is `Ok` all the same. With a transaction all rows have to be in its partition.

use super::batch::{entry, same, same_table};
use super::{Operation, OperationClass, RowError, answer};
use crate::client::{Client, Meta};
use crate::error::{ConstructionFailure, ResponseProblem, SdkError, operation_error};
use crate::protobuf;
use crate::types::{ConsumedCapacity, PrimaryKey, Row, WriteRequest};

type Items = Vec<(String, Vec<WriteRequest>)>;

/// Builds the request. Needed is at least one write.
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before `send`"]
pub struct BatchWriteRowFluentBuilder {
    client: Client,
    items: Items,
    transaction_id: Option<String>,
}

impl BatchWriteRowFluentBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, items: Vec::new(), transaction_id: None }
    }

    /// Adds writes to a table.
    pub fn request_items(
        mut self,
        table_name: impl Into<String>,
        writes: impl IntoIterator<Item = WriteRequest>,
    ) -> Self {
        entry(&mut self.items, table_name.into()).extend(writes);
        self
    }

    /// The transaction that it is a part of.
    pub fn transaction_id(self, id: impl Into<String>) -> Self {
        Self { transaction_id: Some(id.into()), ..self }
    }

    fn request(&self) -> Result<protobuf::BatchWriteRowRequest, ConstructionFailure> {
        if self.items.iter().all(|(_, writes)| writes.is_empty()) {
            return Err(ConstructionFailure::Missing("request_items"));
        }
        let table = |(name, writes): &(String, Vec<WriteRequest>)| {
            let rows = writes.iter().map(WriteRequest::wire).collect::<Result<_, _>>()?;
            Ok(protobuf::TableInBatchWriteRowRequest { table_name: name.clone(), rows })
        };
        let tables = self.items.iter().map(table).collect::<Result<_, ConstructionFailure>>()?;
        Ok(protobuf::BatchWriteRowRequest { tables, transaction_id: self.transaction_id.clone() })
    }

    /// Sends it. Rows that failed are not sent again: see [`BatchWriteRowOutput::unprocessed_items`].
    ///
    /// # Errors
    /// See [`SdkError`]: the batch as a whole failed.
    pub async fn send(self) -> Result<BatchWriteRowOutput, SdkError<BatchWriteRowError>> {
        let request = self.request();
        let items = self.items;
        let read = |response, meta: &Meta| BatchWriteRowOutput::read(items, response, meta);
        self.client.call(Operation::BatchWriteRow, request, read).await
    }
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchWriteRowResult {
    /// The table.
    pub table_name: String,
    /// The key of the row.
    pub primary_key: PrimaryKey,
    /// What was asked to be returned, or why it failed.
    pub outcome: Result<Option<Row>, RowError>,
    /// What it cost, where the service says so.
    pub consumed: Option<ConsumedCapacity>,
}

/// What BatchWriteRow answers.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchWriteRowOutput {
    results: Vec<BatchWriteRowResult>,
    unprocessed: Items,
    request_id: Option<String>,
}

impl BatchWriteRowOutput {
    fn read(
        items: Items,
        response: protobuf::BatchWriteRowResponse,
        meta: &Meta,
    ) -> Result<Self, ResponseProblem> {
        same("tables", items.len(), response.tables.len())?;
        let mut output =
            Self { results: Vec::new(), unprocessed: Vec::new(), request_id: meta.request_id.clone() };
        for ((name, writes), table) in items.into_iter().zip(response.tables) {
            same_table(&name, &table.table_name)?;
            same("rows", writes.len(), table.rows.len())?;
            for (write, row) in writes.into_iter().zip(table.rows) {
                output.read_row(&name, write, row, meta)?;
            }
        }
        Ok(output)
    }

    fn read_row(
        &mut self,
        table: &str,
        write: WriteRequest,
        row: protobuf::RowInBatchWriteRowResponse,
        meta: &Meta,
    ) -> Result<(), ResponseProblem> {
        let outcome = if row.is_ok {
            Ok(row.row.as_ref().map(answer::row).transpose()?.flatten())
        } else {
            Err(RowError::read(row.error, OperationClass::Write, meta)?)
        };
        self.results.push(BatchWriteRowResult {
            table_name: table.to_owned(),
            primary_key: write.primary_key().clone(),
            consumed: row.consumed.and_then(|consumed| consumed.capacity_unit).map(ConsumedCapacity::from),
            outcome: outcome.clone(),
        });
        if outcome.is_err_and(|error| error.may_be_repeated()) {
            entry(&mut self.unprocessed, table.to_owned()).push(write);
        }
        Ok(())
    }

    /// What became of each row, in the order of the request.
    pub fn results(&self) -> &[BatchWriteRowResult] {
        &self.results
    }

    /// The rows that failed.
    pub fn failures(&self) -> impl Iterator<Item = (&BatchWriteRowResult, &RowError)> {
        self.results.iter().filter_map(|result| result.outcome.as_ref().err().map(|error| (result, error)))
    }

    /// The writes that were certainly not carried out and may succeed in a moment, by table: for another
    /// [`request_items`](BatchWriteRowFluentBuilder::request_items).
    pub fn unprocessed_items(&self) -> &[(String, Vec<WriteRequest>)] {
        &self.unprocessed
    }

    /// The id under which Alibaba Cloud finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

operation_error! {
    /// Why the service refused or failed the batch as a whole.
    BatchWriteRowError {
        ConditionCheckFail, is_condition_check_fail;
        ObjectNotExist, is_object_not_exist;
        ParameterInvalid, is_parameter_invalid;
        RequestBodyTooLarge, is_request_body_too_large;
        RowOperationConflict, is_row_operation_conflict;
    }
}
