//! The columns that a table declares.

use crate::protobuf;

/// A primary key column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySchema {
    /// The name.
    pub name: String,
    /// The type.
    pub key_type: KeyType,
    /// Whether the service fills it in. Only for integers, and not for the partition key.
    pub auto_increment: bool,
}

/// The type of a primary key column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// 64 bits with sign.
    Integer,
    /// UTF-8.
    String,
    /// Bytes.
    Binary,
    /// True or false.
    Boolean,
}

impl KeySchema {
    /// A column that whoever puts a row fills in.
    pub fn new(name: impl Into<String>, key_type: KeyType) -> Self {
        Self { name: name.into(), key_type, auto_increment: false }
    }

    /// A column that the service fills in: unique and increasing within a partition, with gaps.
    pub fn auto_increment(name: impl Into<String>) -> Self {
        Self { name: name.into(), key_type: KeyType::Integer, auto_increment: true }
    }

    pub(crate) fn wire(&self) -> protobuf::PrimaryKeySchema {
        let kind = match self.key_type {
            KeyType::Integer => protobuf::PrimaryKeyType::Integer,
            KeyType::String => protobuf::PrimaryKeyType::String,
            KeyType::Binary => protobuf::PrimaryKeyType::Binary,
            KeyType::Boolean => protobuf::PrimaryKeyType::Boolean,
        };
        protobuf::PrimaryKeySchema {
            name: self.name.clone(),
            r#type: kind.into(),
            option: self.auto_increment.then_some(protobuf::PrimaryKeyOption::AutoIncrement.into()),
        }
    }
}

impl TryFrom<protobuf::PrimaryKeySchema> for KeySchema {
    type Error = String;

    fn try_from(schema: protobuf::PrimaryKeySchema) -> Result<Self, String> {
        let kind = protobuf::PrimaryKeyType::try_from(schema.r#type)
            .map_err(|_| format!("primary key type {} is unknown", schema.r#type))?;
        let key_type = match kind {
            protobuf::PrimaryKeyType::Integer => KeyType::Integer,
            protobuf::PrimaryKeyType::String => KeyType::String,
            protobuf::PrimaryKeyType::Binary => KeyType::Binary,
            protobuf::PrimaryKeyType::Boolean => KeyType::Boolean,
        };
        let auto_increment = schema.option == Some(protobuf::PrimaryKeyOption::AutoIncrement.into());
        Ok(Self { name: schema.name, key_type, auto_increment })
    }
}

/// An attribute column that a table declares, so that an index can use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinedColumn {
    /// The name.
    pub name: String,
    /// The type.
    pub column_type: DefinedColumnType,
}

/// The type of a declared attribute column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefinedColumnType {
    /// 64 bits with sign.
    Integer,
    /// IEEE 754, 64 bits.
    Double,
    /// True or false.
    Boolean,
    /// UTF-8.
    String,
    /// Bytes.
    Binary,
}

impl DefinedColumn {
    /// A column.
    pub fn new(name: impl Into<String>, column_type: DefinedColumnType) -> Self {
        Self { name: name.into(), column_type }
    }

    pub(crate) fn wire(&self) -> protobuf::DefinedColumnSchema {
        let kind = match self.column_type {
            DefinedColumnType::Integer => protobuf::DefinedColumnType::Integer,
            DefinedColumnType::Double => protobuf::DefinedColumnType::Double,
            DefinedColumnType::Boolean => protobuf::DefinedColumnType::Boolean,
            DefinedColumnType::String => protobuf::DefinedColumnType::String,
            DefinedColumnType::Binary => protobuf::DefinedColumnType::Blob,
        };
        protobuf::DefinedColumnSchema { name: self.name.clone(), r#type: kind.into() }
    }
}

impl TryFrom<protobuf::DefinedColumnSchema> for DefinedColumn {
    type Error = String;

    fn try_from(schema: protobuf::DefinedColumnSchema) -> Result<Self, String> {
        let kind = protobuf::DefinedColumnType::try_from(schema.r#type)
            .map_err(|_| format!("column type {} is unknown", schema.r#type))?;
        let column_type = match kind {
            protobuf::DefinedColumnType::Integer => DefinedColumnType::Integer,
            protobuf::DefinedColumnType::Double => DefinedColumnType::Double,
            protobuf::DefinedColumnType::Boolean => DefinedColumnType::Boolean,
            protobuf::DefinedColumnType::String => DefinedColumnType::String,
            protobuf::DefinedColumnType::Blob => DefinedColumnType::Binary,
        };
        Ok(Self { name: schema.name, column_type })
    }
}
