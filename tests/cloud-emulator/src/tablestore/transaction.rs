//! Local transactions: a lock on one partition key, and what the transaction sees of the partition.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::rows::Rows;
use super::value::{Key, KeyValue};

/// How long one may stay open (DOC:tablestore/developer-reference/configure-local-transaction-*).
pub(crate) const LIFE: SignedDuration = SignedDuration::from_secs(60);

/// An open transaction. Nobody else writes to the partition meanwhile, so a copy of it is what is there.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub(crate) table: String,
    pub(crate) partition: KeyValue,
    /// The rows of the partition as the transaction sees them.
    pub(crate) rows: Rows,
    /// Keys of the rows that it changed.
    pub(crate) touched: BTreeSet<Key>,
    /// Bytes written so far.
    pub(crate) written: usize,
    pub(crate) expires: Timestamp,
}

impl Transaction {
    pub(crate) fn new(table: &str, partition: KeyValue, rows: &Rows, now: Timestamp) -> Self {
        let own =
            rows.range(vec![partition.clone()]..).take_while(|(key, _)| key.first() == Some(&partition));
        Self {
            table: table.to_owned(),
            rows: own.map(|(key, row)| (key.clone(), row.clone())).collect(),
            partition,
            touched: BTreeSet::new(),
            written: 0,
            expires: now.saturating_add(LIFE).unwrap_or(Timestamp::MAX),
        }
    }
}
