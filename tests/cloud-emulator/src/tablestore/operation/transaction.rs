//! StartLocalTransaction, CommitTransaction, AbortTransaction.

use uuid::Uuid;

use super::Desk;
use crate::tablestore::error::OtsError;
use crate::tablestore::message::{Empty, StartLocalTransactionRequest, TransactionMessage};
use crate::tablestore::plainbuffer::read_key;
use crate::tablestore::schema::KeySchema;
use crate::tablestore::transaction::Transaction;

/// Locks a partition key. Whoever comes second gets a conflict.
pub(super) fn start(
    desk: &mut Desk<'_>,
    request: &StartLocalTransactionRequest,
) -> Result<TransactionMessage, OtsError> {
    let key = read_key(&request.key)?;
    let (everywhere, now) = (desk.knobs.transactions_everywhere, desk.now);
    let table = desk.table(&request.table_name)?;
    if !table.transactional && !everywhere {
        let message = "Try to call method using explicit transaction on explicit-transaction-disabled table.";
        return Err(OtsError::parameter(message));
    }
    let partition = KeySchema(table.schema.0.iter().take(1).cloned().collect());
    let partition = partition.exact(&key)?.into_iter().next().ok_or_else(OtsError::undecodable)?;
    if table.locks.contains_key(&partition) {
        return Err(OtsError::conflict());
    }
    let transaction = Transaction::new(&request.table_name, partition.clone(), &table.rows, now);
    let id = Uuid::new_v4().simple().to_string();
    desk.instance.transactions.insert(id.clone(), transaction);
    if let Some(table) = desk.instance.tables.get_mut(&request.table_name) {
        table.locks.insert(partition, id.clone());
    }
    Ok(TransactionMessage { transaction_id: id })
}

/// Stores everything that the transaction changed, in one commit.
pub(super) fn commit(desk: &mut Desk<'_>, request: &TransactionMessage) -> Result<Empty, OtsError> {
    let open = desk.instance.end(&request.transaction_id).ok_or_else(OtsError::no_such_transaction)?;
    desk.name(&open.table);
    let changes: Vec<_> = open.touched.iter().map(|key| (key.clone(), open.rows.get(key).cloned())).collect();
    if !changes.is_empty() {
        desk.instance.store(&open.table, changes, desk.knobs, desk.now)?;
    }
    Ok(Empty {})
}

pub(super) fn abort(desk: &mut Desk<'_>, request: &TransactionMessage) -> Result<Empty, OtsError> {
    let open = desk.instance.end(&request.transaction_id).ok_or_else(OtsError::no_such_transaction)?;
    desk.name(&open.table);
    Ok(Empty {})
}
