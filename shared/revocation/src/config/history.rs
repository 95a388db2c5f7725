//! The history.

use serde::{Deserialize, Serialize};

/// The history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryConfig {
    /// Whether it is stored who searches for what. Exports always are.
    pub record_searches: bool,
}
