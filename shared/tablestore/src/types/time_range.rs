//! Which versions and in which order.

use crate::protobuf;

/// Which versions of columns are read, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeRange {
    /// From the first on, before the second.
    Range(i64, i64),
    /// Exactly this one.
    At(i64),
}

impl TimeRange {
    pub(crate) fn wire(self) -> protobuf::TimeRange {
        let (start_time, end_time, specific_time) = match self {
            TimeRange::Range(start, end) => (Some(start), Some(end), None),
            TimeRange::At(at) => (None, None, Some(at)),
        };
        protobuf::TimeRange { start_time, end_time, specific_time }
    }
}

/// In which order a range is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Ascending: the start is before the end.
    #[default]
    Forward,
    /// Descending: the start is behind the end.
    Backward,
}

impl Direction {
    pub(crate) fn wire(self) -> protobuf::Direction {
        match self {
            Direction::Forward => protobuf::Direction::Forward,
            Direction::Backward => protobuf::Direction::Backward,
        }
    }
}
