//! Conditions on the values of columns: for reads, and in the condition of a write.

use bytes::Bytes;
use prost::Message;

use super::Value;
use crate::plainbuffer::{EncodeError, Variant, encode_variant};
use crate::protobuf;

/// What the columns of a row have to fulfil. A filter works on what is read: a column that is not among the columns to
/// get does not exist for it. At most 10 comparisons in one filter.
///
/// ```
/// use tablestore_rs::types::Filter;
///
/// let filter = Filter::and([
///     Filter::equal("state", "open").into(),
///     Filter::not(Filter::greater_than("attempts", 3)),
/// ]);
/// # let _ = filter;
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Compares a column with a value.
    Column(ColumnFilter),
    /// The filter in it does not hold.
    Not(Box<Filter>),
    /// All of them hold.
    And(Vec<Filter>),
    /// One of them holds.
    Or(Vec<Filter>),
    /// Returns a part of the columns of each row. Only for reads, and not inside another filter.
    Pagination {
        /// How many columns are left out at the start.
        offset: i32,
        /// How many are returned at most.
        limit: i32,
    },
}

/// Compares a column with a value.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnFilter {
    comparator: Comparator,
    column: String,
    value: Value,
    pass_if_missing: bool,
    latest_version_only: bool,
}

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    GreaterThan,
    /// `>=`
    GreaterEqual,
    /// `<`
    LessThan,
    /// `<=`
    LessEqual,
}

impl ColumnFilter {
    /// Compares a column with a value of the same type.
    pub fn new(column: impl Into<String>, comparator: Comparator, value: impl Into<Value>) -> Self {
        Self {
            comparator,
            column: column.into(),
            value: value.into(),
            pass_if_missing: false,
            latest_version_only: true,
        }
    }

    /// Whether a row without the column passes. Default no, as DynamoDB has it; the official Tablestore packages let
    /// it pass.
    #[must_use]
    pub fn pass_if_missing(self, pass_if_missing: bool) -> Self {
        Self { pass_if_missing, ..self }
    }

    /// Whether only the newest version of the column is compared, and not any. Default yes.
    #[must_use]
    pub fn latest_version_only(self, latest_version_only: bool) -> Self {
        Self { latest_version_only, ..self }
    }

    fn wire(&self) -> Result<protobuf::SingleColumnValueFilter, EncodeError> {
        let comparator = match self.comparator {
            Comparator::Equal => protobuf::ComparatorType::Equal,
            Comparator::NotEqual => protobuf::ComparatorType::NotEqual,
            Comparator::GreaterThan => protobuf::ComparatorType::GreaterThan,
            Comparator::GreaterEqual => protobuf::ComparatorType::GreaterEqual,
            Comparator::LessThan => protobuf::ComparatorType::LessThan,
            Comparator::LessEqual => protobuf::ComparatorType::LessEqual,
        };
        Ok(protobuf::SingleColumnValueFilter {
            comparator: comparator.into(),
            column_name: self.column.clone(),
            column_value: encode_variant(Variant::from(&self.value))?.into(),
            filter_if_missing: !self.pass_if_missing,
            latest_version_only: self.latest_version_only,
        })
    }
}

impl From<ColumnFilter> for Filter {
    fn from(filter: ColumnFilter) -> Self {
        Filter::Column(filter)
    }
}

impl Filter {
    /// The column equals the value.
    pub fn equal(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::Equal, value)
    }

    /// The column does not equal the value.
    pub fn not_equal(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::NotEqual, value)
    }

    /// The column is greater than the value.
    pub fn greater_than(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::GreaterThan, value)
    }

    /// The column is greater than the value or equals it.
    pub fn greater_equal(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::GreaterEqual, value)
    }

    /// The column is less than the value.
    pub fn less_than(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::LessThan, value)
    }

    /// The column is less than the value or equals it.
    pub fn less_equal(column: impl Into<String>, value: impl Into<Value>) -> ColumnFilter {
        ColumnFilter::new(column, Comparator::LessEqual, value)
    }

    /// The filter does not hold.
    pub fn not(filter: impl Into<Filter>) -> Self {
        Filter::Not(Box::new(filter.into()))
    }

    /// All of them hold.
    pub fn and(filters: impl IntoIterator<Item = Filter>) -> Self {
        Filter::And(filters.into_iter().collect())
    }

    /// One of them holds.
    pub fn or(filters: impl IntoIterator<Item = Filter>) -> Self {
        Filter::Or(filters.into_iter().collect())
    }

    /// The bytes that stand in requests.
    pub(crate) fn wire(&self) -> Result<Bytes, EncodeError> {
        Ok(self.message()?.encode_to_vec().into())
    }

    fn message(&self) -> Result<protobuf::Filter, EncodeError> {
        let (kind, filter) = match self {
            Filter::Column(filter) => {
                (protobuf::FilterType::SingleColumnValue, filter.wire()?.encode_to_vec())
            }
            Filter::Not(filter) => {
                composite(protobuf::LogicalOperator::Not, std::slice::from_ref(filter.as_ref()))?
            }
            Filter::And(filters) => composite(protobuf::LogicalOperator::And, filters)?,
            Filter::Or(filters) => composite(protobuf::LogicalOperator::Or, filters)?,
            Filter::Pagination { offset, limit } => (
                protobuf::FilterType::ColumnPagination,
                protobuf::ColumnPaginationFilter { offset: *offset, limit: *limit }.encode_to_vec(),
            ),
        };
        Ok(protobuf::Filter { r#type: kind.into(), filter: filter.into() })
    }
}

fn composite(
    combinator: protobuf::LogicalOperator,
    filters: &[Filter],
) -> Result<(protobuf::FilterType, Vec<u8>), EncodeError> {
    let sub_filters = filters.iter().map(Filter::message).collect::<Result<_, _>>()?;
    let composite = protobuf::CompositeColumnValueFilter { combinator: combinator.into(), sub_filters };
    Ok((protobuf::FilterType::CompositeColumnValue, composite.encode_to_vec()))
}
