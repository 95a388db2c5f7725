//! Filters of reads and column conditions of writes (package tablestore 6.4.8 `table_store_filter.proto`; wording of
//! the service's error page).

use std::cmp::Ordering;

use prost::Message;

use super::error::OtsError;
use super::limits;
use super::message::{
    ColumnPaginationFilter, CompositeColumnValueFilter, FilterMessage, SingleColumnValueFilter,
};
use super::plainbuffer::{Variant, read_variant};
use super::value::Value;

/// What rows have to be like.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Filter {
    Single {
        comparator: Comparator,
        column: String,
        value: Option<Value>,
        /// What a row without the column counts as.
        pass_if_missing: bool,
    },
    Not(Box<Filter>),
    All(Vec<Filter>),
    Any(Vec<Filter>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Greater,
    GreaterEqual,
    Less,
    LessEqual,
    Exist,
    NotExist,
}

impl Comparator {
    fn from_number(number: i32) -> Option<Self> {
        Some(match number {
            1 => Self::Equal,
            2 => Self::NotEqual,
            3 => Self::Greater,
            4 => Self::GreaterEqual,
            5 => Self::Less,
            6 => Self::LessEqual,
            7 => Self::Exist,
            8 => Self::NotExist,
            _ => return None,
        })
    }
}

/// Some columns of each row, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
}

/// What a read may be restricted by.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ReadFilter {
    pub(crate) filter: Option<Filter>,
    pub(crate) page: Option<Page>,
}

impl ReadFilter {
    pub(crate) fn decode(bytes: Option<&Vec<u8>>) -> Result<Self, OtsError> {
        let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return Ok(Self::default()) };
        let message = parse::<FilterMessage>(bytes, "filter")?;
        if message.kind != 3 {
            return Ok(Self {
                filter: Some(Filter::from_message(&message, &mut Count::default())?),
                page: None,
            });
        }
        let page = parse::<ColumnPaginationFilter>(&message.filter, "column pagination filter")?;
        let offset = usize::try_from(page.offset).map_err(|_| {
            OtsError::parameter("Offset in ColumnPaginationFilter must be greater than or equal to 0.")
        })?;
        let limit = usize::try_from(page.limit).ok().filter(|limit| *limit > 0);
        let limit = limit
            .ok_or_else(|| OtsError::parameter("Limit in ColumnPaginationFilter must be greater than 0."))?;
        Ok(Self { filter: None, page: Some(Page { offset, limit }) })
    }
}

fn parse<M: Message + Default>(bytes: &[u8], what: &str) -> Result<M, OtsError> {
    M::decode(bytes).map_err(|_| OtsError::parameter(format!("Deserialize {what} failed.")))
}

/// How much of a filter has been read.
#[derive(Debug, Default)]
struct Count {
    conditions: usize,
    parts: usize,
}

impl Filter {
    /// The column condition of a write.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, OtsError> {
        Self::from_message(&parse(bytes, "filter")?, &mut Count::default())
    }

    fn from_message(message: &FilterMessage, count: &mut Count) -> Result<Self, OtsError> {
        count.parts += 1;
        count.conditions += usize::from(message.kind == 1);
        // Ten conditions, two by two, are nineteen parts. The parts bound the nesting.
        if count.conditions > limits::FILTERS || count.parts > 2 * limits::FILTERS {
            let limit = limits::FILTERS;
            return Err(OtsError::parameter(format!("The count of filter exceeds the max:{limit}.")));
        }
        match message.kind {
            1 => Self::single(&parse(&message.filter, "relation filter")?),
            2 => Self::composite(&parse(&message.filter, "composite filter")?, count),
            other => Err(OtsError::parameter(format!("Invalid type of filter: {other}."))),
        }
    }

    fn single(message: &SingleColumnValueFilter) -> Result<Self, OtsError> {
        if message.value_trans_rule.is_some() {
            return Err(OtsError::parameter("Value transfer rules are not emulated.")); // invented
        }
        let comparator = Comparator::from_number(message.comparator).ok_or_else(|| {
            OtsError::parameter(format!("Invalid relation operator: {}.", message.comparator))
        })?;
        let existence = matches!(comparator, Comparator::Exist | Comparator::NotExist);
        let value = match read_variant(&message.column_value) {
            Ok(Variant::Value(value)) => Some(value),
            _ if existence => None,
            Ok(_) => return Err(OtsError::parameter("Deserialize relation filter failed.")),
            Err(malformed) => return Err(malformed.into()),
        };
        limits::check_column_name(&message.column_name)?;
        Ok(Self::Single {
            comparator,
            column: message.column_name.clone(),
            value,
            pass_if_missing: !message.filter_if_missing,
        })
    }

    fn composite(message: &CompositeColumnValueFilter, count: &mut Count) -> Result<Self, OtsError> {
        let subs = message.sub_filters.iter().map(|sub| Self::from_message(sub, count));
        let mut subs = subs.collect::<Result<Vec<_>, _>>()?;
        match (message.combinator, subs.len()) {
            (1, 1) => Ok(Self::Not(Box::new(subs.remove(0)))),
            (1, _) => Err(OtsError::parameter("Invalid NOT operator: the number of sub-filters must be 1.")),
            // The page says exactly two; the packages build more, and nothing says what happens then.
            (2, 2..) => Ok(Self::All(subs)),
            (3, 2..) => Ok(Self::Any(subs)),
            (2 | 3, _) => {
                Err(OtsError::parameter("Invalid AND/OR operator: the number of sub-filters must be 2."))
            }
            (other, _) => Err(OtsError::parameter(format!("Invalid logical operator: {other}."))),
        }
    }

    /// Whether a row is like this. `column` gives the value of a column.
    pub(crate) fn accepts(&self, column: &impl Fn(&str) -> Option<Value>) -> bool {
        match self {
            Self::Single { comparator, column: name, value, pass_if_missing } => {
                let found = column(name);
                match comparator {
                    Comparator::Exist => found.is_some(),
                    Comparator::NotExist => found.is_none(),
                    _ => match (found, value) {
                        (Some(found), Some(value)) => compares(*comparator, &found, value),
                        _ => *pass_if_missing,
                    },
                }
            }
            Self::Not(sub) => !sub.accepts(column),
            Self::All(subs) => subs.iter().all(|sub| sub.accepts(column)),
            Self::Any(subs) => subs.iter().any(|sub| sub.accepts(column)),
        }
    }
}

/// Values of different types are different, and in no order; unconfirmed.
fn compares(comparator: Comparator, found: &Value, wanted: &Value) -> bool {
    let order = match (found, wanted) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Blob(a), Value::Blob(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match comparator {
        Comparator::Equal => order == Some(Ordering::Equal),
        Comparator::NotEqual => order != Some(Ordering::Equal),
        Comparator::Greater => order == Some(Ordering::Greater),
        Comparator::GreaterEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Comparator::Less => order == Some(Ordering::Less),
        Comparator::LessEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Comparator::Exist | Comparator::NotExist => false,
    }
}
