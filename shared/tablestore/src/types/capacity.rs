//! What an operation cost.

use crate::protobuf;

/// Capacity units that an operation consumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ConsumedCapacity {
    /// Units of reading, 4 KB each.
    pub read: i32,
    /// Units of writing, 4 KB each.
    pub write: i32,
}

impl From<protobuf::CapacityUnit> for ConsumedCapacity {
    fn from(unit: protobuf::CapacityUnit) -> Self {
        Self { read: unit.read.unwrap_or(0), write: unit.write.unwrap_or(0) }
    }
}
