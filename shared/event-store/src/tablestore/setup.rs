//! Making the tables, and checking that they are as they have to be.

use tablestore_rs::operation::describe_table::DescribeTableOutput;
use tablestore_rs::types::{Condition, KeySchema, KeyType, TableOptions};
use uuid::Uuid;

use super::layout::{self, BLOCK_COLUMN, CHANCE_COLUMN, NUMBER_COLUMN, PLACE_COLUMN, PUT_COLUMN, TAG_COLUMN};
use super::outbox;
use super::{Inner, TablestoreStore};
use crate::error::StoreError;
use crate::part::Part;

/// The row that says which store this is.
const IDENTITY: &str = "identity of the store";

/// The last commits, which every call starts from.
const END: &str = "end of the log";

/// A table as it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TablestoreTable {
    /// Its name.
    pub name: String,
    /// The columns of its primary key, the partition key first.
    pub key: Vec<KeySchema>,
    /// Rows are kept for ever, or as long as it says, in one version, and are put as a whole.
    pub options: TableOptions,
}

impl TablestoreStore {
    /// The tables that the store needs. There is no secondary index.
    pub fn tables(&self) -> [TablestoreTable; 3] {
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
            TablestoreTable {
                name: tables.outbox.clone(),
                key: vec![
                    KeySchema::new(PUT_COLUMN, KeyType::Integer),
                    KeySchema::new(CHANCE_COLUMN, KeyType::Integer),
                ],
                options: TableOptions { time_to_live: outbox::KEPT, ..options },
            },
        ]
    }

    /// Makes what is missing, and says what was: may be called at any time, also by several at once. What is there and
    /// not as it has to be is left alone and named; nothing more is made then.
    ///
    /// # Errors
    /// The service refused or failed; calling it again goes on.
    pub async fn set_up(&self) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for table in self.tables() {
            match self.describe(&table.name).await? {
                Some(found) => parts.extend(compared(&table, &found)),
                None if self.create(&table).await? => parts.push(Part::made(part_name(&table))),
                None => parts.push(Part::sound(part_name(&table))),
            }
        }
        if !parts.iter().all(Part::is_sound) {
            return Ok(parts);
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
        parts.push(match put {
            Ok(_) => Part::made(IDENTITY),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_condition_check_fail()) => {
                match self.0.lift().await? {
                    true => Part::made(format!("form {} of the index", layout::FORM)),
                    false => Part::sound(IDENTITY),
                }
            }
            Err(error) => return Err(error.into()),
        });
        // A table may not be ready for a while; the client waits for it.
        self.0.catch_up().await?;
        Ok(parts)
    }

    /// How everything stands that the store consists of. Only reads.
    ///
    /// # Errors
    /// The service refused or failed.
    pub async fn check(&self) -> Result<Vec<Part>, StoreError> {
        let mut parts = Vec::new();
        for table in self.tables() {
            match self.describe(&table.name).await? {
                None => parts.push(Part::missing(part_name(&table))),
                Some(found) => parts.extend(compared(&table, &found)),
            }
        }
        if parts.iter().all(Part::is_sound) {
            match self.0.identity().await {
                Ok(_) => parts.push(Part::sound(IDENTITY)),
                Err(StoreError::NotSetUp(_)) => return Ok([parts, vec![Part::missing(IDENTITY)]].concat()),
                Err(error) => return wrong(parts, IDENTITY, error),
            }
            match self.0.catch_up().await {
                Ok(_) => parts.push(Part::sound(END)),
                Err(error) => return wrong(parts, END, error),
            }
        }
        Ok(parts)
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

/// A part that cannot be used; any other error is one of asking.
fn wrong(mut parts: Vec<Part>, name: &str, error: StoreError) -> Result<Vec<Part>, StoreError> {
    match error {
        StoreError::Damaged(_) | StoreError::Newer { .. } | StoreError::Outdated { .. } => {
            parts.push(Part::wrong(name, error.to_string()));
            Ok(parts)
        }
        error => Err(error),
    }
}

fn part_name(table: &TablestoreTable) -> String {
    format!("table {}", table.name)
}

/// Everything about a table that is not as it has to be, or that nothing is.
fn compared(table: &TablestoreTable, found: &DescribeTableOutput) -> Vec<Part> {
    let mut deviations = Vec::new();
    if found.key_schema() != table.key {
        let columns = |key: &[KeySchema]| {
            key.iter().map(|c| format!("{} {:?}", c.name, c.key_type)).collect::<Vec<_>>().join(", ")
        };
        let (is, has_to_be) = (columns(found.key_schema()), columns(&table.key));
        deviations.push(format!("its key is ({is}), it has to be ({has_to_be})"));
    }
    let options = found.table_options();
    if options.time_to_live != table.options.time_to_live {
        let kept = |seconds: i32| match seconds {
            -1 => "for ever".to_owned(),
            seconds => format!("for {seconds} s"),
        };
        let (is, has_to_be) = (kept(options.time_to_live), kept(table.options.time_to_live));
        deviations.push(format!("it keeps rows {is}, it has to keep them {has_to_be}"));
    }
    if options.max_versions != table.options.max_versions {
        let (is, has_to_be) = (options.max_versions, table.options.max_versions);
        deviations.push(format!("it keeps {is} versions of a column, it has to keep {has_to_be}"));
    }
    // A service that does not say is taken at what CreateTable asked for.
    if options.allow_update == Some(true) {
        deviations.push("it lets rows be updated, it has to forbid it".to_owned());
    }
    for index in found.indexes() {
        deviations.push(format!("it has the secondary index {}, it has to have none", index.name));
    }
    if deviations.is_empty() {
        return vec![Part::sound(part_name(table))];
    }
    deviations.into_iter().map(|what| Part::wrong(part_name(table), what)).collect()
}

impl Inner {
    /// The tag of cursors.
    pub(super) async fn identity(&self) -> Result<u32, StoreError> {
        let identity = self.identity.get_or_try_init(async || {
            let identity = self.read_identity().await?;
            let identity =
                identity.ok_or_else(|| StoreError::NotSetUp("it has no identity yet".to_owned()))?;
            identity.tag()
        });
        identity.await.copied()
    }
}
