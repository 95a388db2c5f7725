//! Capacity units: 4 KB each, begun ones count (DOC:tablestore/product-overview/read-and-write-throughput).

use super::message::{CapacityUnit, ConsumedCapacity};

/// Bytes of one unit.
const UNIT: usize = 4096;

/// Units of some bytes; at least one is always consumed.
fn units(bytes: usize) -> i32 {
    i32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(i32::MAX)
}

pub(crate) fn read(bytes: usize) -> ConsumedCapacity {
    ConsumedCapacity { capacity_unit: CapacityUnit { read: Some(units(bytes)), write: Some(0) } }
}

/// A write that had to look at the row first pays for that as well.
pub(crate) fn written(bytes: usize, looked_at: Option<usize>) -> ConsumedCapacity {
    let read = looked_at.map_or(0, units);
    ConsumedCapacity { capacity_unit: CapacityUnit { read: Some(read), write: Some(units(bytes)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begun_units_count() {
        let reads = [0, 1, 4096, 4097, 8192].map(|bytes| read(bytes).capacity_unit.read);
        assert_eq!(reads, [1, 1, 1, 2, 2].map(Some));
        assert_eq!(written(7600, None).capacity_unit, CapacityUnit { read: Some(0), write: Some(2) });
        assert_eq!(written(1, Some(1)).capacity_unit, CapacityUnit { read: Some(1), write: Some(1) });
    }
}
