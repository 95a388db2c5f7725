//! The client.

mod attempt;
mod call;

pub(crate) use call::Meta;

use std::sync::Arc;

use tokio::time::Instant;

use crate::config::Config;
use crate::operation::{
    abort_transaction, batch_get_row, batch_write_row, commit_transaction, create_index, create_table,
    delete_row, delete_table, describe_table, drop_index, get_range, get_row, list_tables, put_row,
    start_local_transaction, update_row,
};

/// A client of one instance. A clone is cheap and shares connections and credentials.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use tablestore_rs::types::{Condition, PrimaryKey, Row};
/// use tablestore_rs::{Client, Config, credentials::EnvironmentCredentials};
///
/// let config = Config::builder()
///     .region("cn-hangzhou")
///     .instance_name("audit")
///     .credentials_provider(EnvironmentCredentials)
///     .build()?;
/// let client = Client::new(&config);
/// client
///     .put_row()
///     .table_name("events")
///     .row(Row::new(PrimaryKey::new().column("stream", "a").column("seq", 1)).column("data", "{}"))
///     .condition(Condition::expect_not_exist())
///     .send()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    config: Arc<Config>,
    deadline: Option<Instant>,
}

/// The methods that start an operation.
macro_rules! operations {
    ($($(#[$doc:meta])* $module:ident => $builder:ident;)*) => {$(
        $(#[$doc])*
        pub fn $module(&self) -> $module::$builder {
            $module::$builder::new(self.clone())
        }
    )*};
}

impl Client {
    /// A client. Nothing is called yet.
    pub fn new(config: &Config) -> Self {
        Self { config: Arc::new(config.clone()), deadline: None }
    }

    /// The same client, all of whose calls end by this time, however many attempts they still had.
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        Self { config: Arc::clone(&self.config), deadline: Some(deadline) }
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    operations! {
        /// Puts a row, in place of the one with the same key if there is one.
        put_row => PutRowFluentBuilder;
        /// Reads a row.
        get_row => GetRowFluentBuilder;
        /// Changes columns of a row.
        update_row => UpdateRowFluentBuilder;
        /// Deletes a row.
        delete_row => DeleteRowFluentBuilder;
        /// Reads rows in the order of their keys, page by page.
        get_range => GetRangeFluentBuilder;
        /// Reads up to 100 rows.
        batch_get_row => BatchGetRowFluentBuilder;
        /// Writes up to 200 rows, each by itself: some can fail while others do not.
        batch_write_row => BatchWriteRowFluentBuilder;
        /// Makes a table.
        create_table => CreateTableFluentBuilder;
        /// Describes a table.
        describe_table => DescribeTableFluentBuilder;
        /// Lists the tables.
        list_tables => ListTablesFluentBuilder;
        /// Deletes a table with all it holds.
        delete_table => DeleteTableFluentBuilder;
        /// Makes a secondary index.
        create_index => CreateIndexFluentBuilder;
        /// Deletes a secondary index.
        drop_index => DropIndexFluentBuilder;
        /// Starts a transaction in one partition.
        start_local_transaction => StartLocalTransactionFluentBuilder;
        /// Commits a transaction.
        commit_transaction => CommitTransactionFluentBuilder;
        /// Takes a transaction back.
        abort_transaction => AbortTransactionFluentBuilder;
    }
}
