//! The nouns of Tablestore: values, keys, rows, changes, conditions, filters, tables and indexes.

mod batch;
mod capacity;
mod column;
mod condition;
mod filter;
mod index;
mod key;
mod row;
mod schema;
mod table;
mod time_range;
mod update;
mod value;

pub use batch::{KeysAndColumns, WriteRequest};
pub use capacity::ConsumedCapacity;
pub use column::Column;
pub use condition::{Condition, ReturnValues, RowExistence};
pub use filter::{ColumnFilter, Comparator, Filter};
pub use index::{IndexMeta, IndexType};
pub use key::{KeyColumn, PrimaryKey};
pub use row::Row;
pub use schema::{DefinedColumn, DefinedColumnType, KeySchema, KeyType};
pub use table::{ReservedThroughput, StreamDetails, StreamSpecification, TableOptions, ThroughputDetails};
pub use time_range::{Direction, TimeRange};
pub use update::RowUpdate;
pub use value::{KeyValue, Value};
