//! Making the tables, and checking that they are as they have to be.

use tablestore_rs::operation::describe_table::DescribeTableOutput;
use tablestore_rs::types::{Condition, KeySchema, KeyType, TableOptions};
use uuid::Uuid;

use super::layout::{self, BLOCK_COLUMN, NUMBER_COLUMN, PLACE_COLUMN, TAG_COLUMN};
use super::{Inner, TablestoreStore};
use crate::error::StoreError;

/// A table as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablestoreTable {
    /// Its name.
    pub name: String,
    /// The columns of its primary key, the partition key first.
    pub key: Vec<KeySchema>,
    /// Rows are kept for ever, in one version, and are put as a whole.
    pub options: TableOptions,
}

impl TablestoreStore {
    /// The tables that the store needs. There is no secondary index.
    pub fn tables(&self) -> [TablestoreTable; 2] {
        let options = TableOptions { allow_update: Some(false), ..TableOptions::default() };
        let tables = &self.0.remote.tables;
        [
            TablestoreTable {
                name: tables.log.clone(),
                key: vec![
                    KeySchema::new(BLOCK_COLUMN, KeyType::Integer),
                    KeySchema::new(NUMBER_COLUMN, KeyType::Integer),
                ],
                options,
            },
            TablestoreTable {
                name: tables.index.clone(),
                key: vec![
                    KeySchema::new(TAG_COLUMN, KeyType::String),
                    KeySchema::new(PLACE_COLUMN, KeyType::Integer),
                ],
                options,
            },
        ]
    }

    /// Makes what is missing, and says what was: may be called at any time, also by several at once. What is there and
    /// not as it has to be is left alone; see [`Self::problems`].
    ///
    /// # Errors
    /// The service refused or failed; calling it again goes on.
    pub async fn set_up(&self) -> Result<Vec<String>, StoreError> {
        let mut made = Vec::new();
        for table in self.tables() {
            if self.describe(&table.name).await?.is_none() && self.create(&table).await? {
                made.push(format!("table {}", table.name));
            }
        }
        let remote = &self.0.remote;
        let put = remote
            .until(remote.end())
            .put_row()
            .table_name(&remote.tables.index)
            .row(layout::store_row(Uuid::new_v4().as_bytes()))
            .condition(Condition::expect_not_exist())
            .send()
            .await;
        match put {
            Ok(_) => made.push("the identity of the store".to_owned()),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_condition_check_fail()) => {}
            Err(error) => return Err(error.into()),
        }
        // A table may not be ready for a while; the client waits for it.
        self.0.catch_up().await?;
        Ok(made)
    }

    /// What is not as it has to be, for people. Nothing: the store can be used.
    ///
    /// # Errors
    /// The service refused or failed.
    pub async fn problems(&self) -> Result<Vec<String>, StoreError> {
        let mut problems = Vec::new();
        for table in self.tables() {
            match self.describe(&table.name).await? {
                None => problems.push(format!("the table {} is missing", table.name)),
                Some(found) => compare(&table, &found, &mut problems),
            }
        }
        if problems.is_empty() {
            match self.0.catch_up().await {
                Ok(_) => {}
                Err(
                    error @ (StoreError::NotSetUp(_) | StoreError::Damaged(_) | StoreError::Newer { .. }),
                ) => {
                    problems.push(error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(problems)
    }

    async fn describe(&self, name: &str) -> Result<Option<DescribeTableOutput>, StoreError> {
        let remote = &self.0.remote;
        match remote.until(remote.end()).describe_table().table_name(name).send().await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_object_not_exist()) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whether it was made now; somebody else may have been faster.
    async fn create(&self, table: &TablestoreTable) -> Result<bool, StoreError> {
        let remote = &self.0.remote;
        let create =
            remote.until(remote.end()).create_table().table_name(&table.name).table_options(table.options);
        let create = table.key.iter().cloned().fold(create, |create, column| create.key_schema(column));
        match create.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_object_already_exist()) => {
                Ok(false)
            }
            // It may have been made all the same: the next use finds out.
            Err(error) if error.may_have_been_applied() && self.describe(&table.name).await?.is_some() => {
                Ok(true)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn compare(table: &TablestoreTable, found: &DescribeTableOutput, problems: &mut Vec<String>) {
    let name = &table.name;
    if found.key_schema() != table.key {
        let columns = |key: &[KeySchema]| {
            key.iter().map(|c| format!("{} {:?}", c.name, c.key_type)).collect::<Vec<_>>().join(", ")
        };
        let (is, has_to_be) = (columns(found.key_schema()), columns(&table.key));
        problems.push(format!("the key of table {name} is ({is}), it has to be ({has_to_be})"));
    }
    let options = found.table_options();
    if options.time_to_live != -1 {
        problems
            .push(format!("table {name} forgets rows after {} s, it has to keep them", options.time_to_live));
    }
    if options.max_versions != 1 {
        let versions = options.max_versions;
        problems.push(format!("table {name} keeps {versions} versions of a column, it has to keep 1"));
    }
    if options.allow_update == Some(true) {
        problems.push(format!("table {name} lets rows be updated, it has to forbid it"));
    }
}

impl Inner {
    /// The tag of cursors.
    pub(super) async fn identity(&self) -> Result<u32, StoreError> {
        let identity = self.identity.get_or_try_init(async || {
            let remote = &self.remote;
            let answer = remote
                .until(remote.end())
                .get_row()
                .table_name(&remote.tables.index)
                .primary_key(layout::store_key())
                .send()
                .await?;
            let row = answer.into_row();
            let row = row.ok_or_else(|| StoreError::NotSetUp("it has no identity yet".to_owned()))?;
            layout::read_store(&row)
        });
        identity.await.copied()
    }
}
