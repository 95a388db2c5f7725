//! The emulated Tablestore (wide-column model, API version 2015-12-31), after the sources of the packages tablestore
//! 6.4.8 (Python) and 5.6.5 (Node) and the service's documentation. It shares no code with the project's own client:
//! each is the check on the other.
//!
//! It is what an event store needs: tables with one version a column, conditional writes, ranges both ways, batches with
//! results by row, local transactions, secondary indexes with a lag, and the limits with their error codes. It speaks
//! plain HTTP with signatures V2 and V4, and signs its answers.
//!
//! What is not emulated: more than one version (a table that asks for it is refused), expiry of rows by
//! `time_to_live` (the value is kept and shown), wide-column reads by token, value transfer rules in filters, streams,
//! search indexes, SQL and time series. Reserved throughput is kept and shown and limits nothing.
//!
//! Tables are in memory, or in an append-only file that survives a killed process: see [`Options::tablestore`].
//!
//! [`Options::tablestore`]: crate::Options::tablestore

mod capacity;
mod change;
mod edge;
mod error;
mod filter;
mod index;
mod instance;
mod journal;
mod knobs;
mod limits;
mod message;
mod operation;
mod plainbuffer;
mod rows;
mod schema;
mod selection;
mod signature;
mod table;
mod transaction;
mod value;
mod write;

use std::path::PathBuf;
use std::sync::Mutex;

pub(crate) use edge::{Tablestore, pass, too_large};
use instance::Instance;
pub use knobs::TablestoreKnobs;

/// How the instance starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablestoreOptions {
    /// Name of the instance; requests to others are denied.
    pub instance: String,
    /// Where the tables are kept; in memory if not given. The file is for one emulator at a time.
    pub file: Option<PathBuf>,
}

impl Default for TablestoreOptions {
    fn default() -> Self {
        Self { instance: "reaper-test".to_owned(), file: None }
    }
}

/// Opens the instance.
///
/// # Errors
/// The file cannot be used.
pub(crate) fn open(options: &TablestoreOptions, seed: u64) -> std::io::Result<Tablestore> {
    let instance = Instance::open(options.file.as_deref(), seed)?;
    Ok(Tablestore { name: options.instance.clone(), instance: Mutex::new(instance) })
}
