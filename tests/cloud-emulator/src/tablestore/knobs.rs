//! What can be turned of Tablestore alone, beside the faults that every service has.

use serde::{Deserialize, Serialize};

/// Knobs of the emulated Tablestore. Its general faults ([`crate::Faults`] of [`crate::Service::Tablestore`]) speak its
/// own words: errors are `OTSServerBusy` (503), throttling is `OTSNotEnoughCapacityUnit` (403).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TablestoreKnobs {
    /// This many calls to a table that is created from now on are answered `OTSTableNotReady`.
    pub not_ready_calls: u32,
    /// A global index shows a change this much later, in milliseconds of the emulator's clock.
    pub index_lag_ms: u64,
    /// At most this much later still, at random. Changes of one partition key stay in their order, others overtake
    /// each other.
    pub index_jitter_ms: u64,
    /// Global indexes show nothing new while this is on, but for what [`crate::Emulator::release_index_entries`] lets
    /// through.
    pub indexes_held: bool,
    /// Share of the calls that are carried out and then answered `OTSTimeout`.
    pub timeout_rate: f64,
    /// Operations on tables a second, on the emulator's clock; more are answered `OTSQuotaExhausted`. 0 is no limit.
    pub table_operations_per_second: u32,
    /// Rows that GetRange looks at in one call. The service has 5000; fewer make short and empty pages.
    pub scanned_rows: u32,
    /// Every table has local transactions. Only some packages can ask for them when they create a table.
    pub transactions_everywhere: bool,
}

impl Default for TablestoreKnobs {
    fn default() -> Self {
        Self {
            not_ready_calls: 0,
            index_lag_ms: 0,
            index_jitter_ms: 0,
            indexes_held: false,
            timeout_rate: 0.0,
            table_operations_per_second: 10,
            scanned_rows: 5000,
            transactions_everywhere: false,
        }
    }
}
