//! What else there is to a table.

use crate::protobuf;

/// The options of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableOptions {
    /// How long data is kept, in seconds; -1 for ever, which is the default.
    pub time_to_live: i32,
    /// How many versions of a column are kept. Default 1.
    pub max_versions: i32,
    /// How far the timestamp of a written cell may be from now, in seconds. None leaves it to the service.
    pub deviation_cell_version_in_sec: Option<i64>,
    /// Whether rows can be changed by UpdateRow. None leaves it to the service.
    pub allow_update: Option<bool>,
}

impl Default for TableOptions {
    fn default() -> Self {
        Self { time_to_live: -1, max_versions: 1, deviation_cell_version_in_sec: None, allow_update: None }
    }
}

impl TableOptions {
    pub(crate) fn wire(self) -> protobuf::TableOptions {
        protobuf::TableOptions {
            time_to_live: Some(self.time_to_live),
            max_versions: Some(self.max_versions),
            deviation_cell_version_in_sec: self.deviation_cell_version_in_sec,
            allow_update: self.allow_update,
        }
    }
}

impl From<protobuf::TableOptions> for TableOptions {
    fn from(options: protobuf::TableOptions) -> Self {
        let default = Self::default();
        Self {
            time_to_live: options.time_to_live.unwrap_or(default.time_to_live),
            max_versions: options.max_versions.unwrap_or(default.max_versions),
            deviation_cell_version_in_sec: options.deviation_cell_version_in_sec,
            allow_update: options.allow_update,
        }
    }
}

/// Capacity that is paid for whether used or not, in units. Default none: what is used is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReservedThroughput {
    /// Units of reading.
    pub read: i32,
    /// Units of writing.
    pub write: i32,
}

impl ReservedThroughput {
    pub(crate) fn wire(self) -> protobuf::ReservedThroughput {
        let unit = protobuf::CapacityUnit { read: Some(self.read), write: Some(self.write) };
        protobuf::ReservedThroughput { capacity_unit: Some(unit) }
    }
}

/// The reserved capacity of a table, and when it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ThroughputDetails {
    /// The capacity.
    pub reserved: ReservedThroughput,
    /// When it was raised last, in seconds since 1970.
    pub last_increase_time: i64,
    /// When it was lowered last, in seconds since 1970.
    pub last_decrease_time: Option<i64>,
}

impl From<protobuf::ReservedThroughputDetails> for ThroughputDetails {
    fn from(details: protobuf::ReservedThroughputDetails) -> Self {
        let unit = details.capacity_unit.unwrap_or_default();
        Self {
            reserved: ReservedThroughput { read: unit.read.unwrap_or(0), write: unit.write.unwrap_or(0) },
            last_increase_time: details.last_increase_time,
            last_decrease_time: details.last_decrease_time,
        }
    }
}

/// Whether the changes of a table are kept to be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamSpecification {
    /// Whether they are.
    pub enabled: bool,
    /// For how many hours.
    pub expiration_hours: Option<i32>,
}

impl StreamSpecification {
    pub(crate) fn wire(self) -> protobuf::StreamSpecification {
        protobuf::StreamSpecification { enable_stream: self.enabled, expiration_time: self.expiration_hours }
    }
}

/// The stream of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamDetails {
    /// Whether there is one.
    pub enabled: bool,
    /// Its id.
    pub stream_id: Option<String>,
    /// For how many hours changes are kept.
    pub expiration_hours: Option<i32>,
    /// When it was enabled, as the service counts time; the unit is not documented.
    pub last_enable_time: Option<i64>,
}

impl From<protobuf::StreamDetails> for StreamDetails {
    fn from(details: protobuf::StreamDetails) -> Self {
        Self {
            enabled: details.enable_stream,
            stream_id: details.stream_id,
            expiration_hours: details.expiration_time,
            last_enable_time: details.last_enable_time,
        }
    }
}
