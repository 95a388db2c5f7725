//! The clock of a store.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

/// Where the times of storing come from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self::new(Timestamp::now)
    }

    /// Any other: for tests.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time at which a commit is stored, in microseconds since 1970: now, but never before the commit before it,
    /// even where the clock was set back.
    pub(crate) fn not_before(&self, last: i64) -> i64 {
        (self.0)().as_microsecond().max(last)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
