//! What the reads of rows and ranges have in common.

use bytes::Bytes;

use crate::types::{Filter, TimeRange};

/// What is read of each row, and within what.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadOptions {
    pub(super) columns_to_get: Vec<String>,
    pub(super) max_versions: Option<i32>,
    pub(super) time_range: Option<TimeRange>,
    pub(super) filter: Option<Filter>,
    pub(super) start_column: Option<String>,
    pub(super) end_column: Option<String>,
    pub(super) token: Option<Bytes>,
    pub(super) transaction_id: Option<String>,
}

/// How many versions a read asks for: the service wants a number of versions or a time range.
pub(super) fn versions(max_versions: Option<i32>, with_time_range: bool) -> Option<i32> {
    max_versions.or((!with_time_range).then_some(1))
}

/// The methods of a builder that has its options in `options`.
macro_rules! read_options {
    ($builder:ident) => {
        impl $builder {
            /// Adds columns to be read. Default all.
            pub fn columns_to_get(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.options.columns_to_get.extend(names.into_iter().map(Into::into));
                self
            }

            /// How many versions of each column are read at most. Default 1, or no limit with a time range.
            pub fn max_versions(mut self, max_versions: i32) -> Self {
                self.options.max_versions = Some(max_versions);
                self
            }

            /// Which versions are read.
            pub fn time_range(mut self, time_range: crate::types::TimeRange) -> Self {
                self.options.time_range = Some(time_range);
                self
            }

            /// Only rows that fulfil this are returned; the others are read and paid for all the same.
            pub fn filter(mut self, filter: impl Into<crate::types::Filter>) -> Self {
                self.options.filter = Some(filter.into());
                self
            }

            /// Only columns from this name on are read.
            pub fn start_column(mut self, name: impl Into<String>) -> Self {
                self.options.start_column = Some(name.into());
                self
            }

            /// Only columns before this name are read.
            pub fn end_column(mut self, name: impl Into<String>) -> Self {
                self.options.end_column = Some(name.into());
                self
            }

            /// Goes on within a wide row where `next_token` of the output says.
            pub fn token(mut self, token: bytes::Bytes) -> Self {
                self.options.token = Some(token);
                self
            }

            /// The transaction that it is a part of.
            pub fn transaction_id(mut self, id: impl Into<String>) -> Self {
                self.options.transaction_id = Some(id.into());
                self
            }
        }
    };
}

pub(super) use read_options;
