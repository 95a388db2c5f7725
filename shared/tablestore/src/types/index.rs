//! Secondary indexes.

use crate::protobuf;

/// A secondary index. It is read as a table of its own, by its name; its primary key is completed with that of the
/// main table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexMeta {
    /// The name, which reads give as the table's.
    pub name: String,
    /// Its primary key: primary key columns and declared columns of the main table.
    pub primary_key: Vec<String>,
    /// Declared columns of the main table that it carries besides.
    pub defined_columns: Vec<String>,
    /// Global or local.
    pub index_type: IndexType,
}

/// How an index follows its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexType {
    /// Of its own partitions, and updated some time after the table.
    Global,
    /// In the partitions of the table, and updated with it. Its first column is the table's partition key.
    Local,
}

impl IndexMeta {
    /// A global index by these columns.
    pub fn global(name: impl Into<String>, primary_key: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(name.into(), primary_key.into_iter().map(Into::into).collect(), IndexType::Global)
    }

    /// A local index by these columns.
    pub fn local(name: impl Into<String>, primary_key: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::new(name.into(), primary_key.into_iter().map(Into::into).collect(), IndexType::Local)
    }

    fn new(name: String, primary_key: Vec<String>, index_type: IndexType) -> Self {
        Self { name, primary_key, defined_columns: Vec::new(), index_type }
    }

    /// Adds a column that it carries.
    #[must_use]
    pub fn defined_column(mut self, name: impl Into<String>) -> Self {
        self.defined_columns.push(name.into());
        self
    }

    pub(crate) fn wire(&self) -> protobuf::IndexMeta {
        let (mode, kind) = match self.index_type {
            IndexType::Global => (protobuf::IndexUpdateMode::Async, protobuf::IndexType::Global),
            IndexType::Local => (protobuf::IndexUpdateMode::Sync, protobuf::IndexType::Local),
        };
        protobuf::IndexMeta {
            name: self.name.clone(),
            primary_key: self.primary_key.clone(),
            defined_column: self.defined_columns.clone(),
            index_update_mode: mode.into(),
            index_type: kind.into(),
        }
    }
}

impl TryFrom<protobuf::IndexMeta> for IndexMeta {
    type Error = String;

    fn try_from(meta: protobuf::IndexMeta) -> Result<Self, String> {
        let kind = protobuf::IndexType::try_from(meta.index_type)
            .map_err(|_| format!("index type {} is unknown", meta.index_type))?;
        let index_type = match kind {
            protobuf::IndexType::Global => IndexType::Global,
            protobuf::IndexType::Local => IndexType::Local,
        };
        Ok(Self {
            name: meta.name,
            primary_key: meta.primary_key,
            defined_columns: meta.defined_column,
            index_type,
        })
    }
}
