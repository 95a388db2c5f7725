//! How long operations may take.

use std::time::Duration;

use crate::operation::OperationClass;

/// How long an operation may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct TimeoutConfig {
    pub(crate) attempt: Duration,
    pub(crate) operation: Duration,
}

impl TimeoutConfig {
    /// The default of a class: 10 s an attempt and 30 s in all, or 30 s and 60 s for tables and indexes.
    pub fn standard(class: OperationClass) -> Self {
        let (attempt, operation) = match class {
            OperationClass::Read | OperationClass::Write => (10, 30),
            OperationClass::Definition => (30, 60),
        };
        Self { attempt: Duration::from_secs(attempt), operation: Duration::from_secs(operation) }
    }

    /// How long one attempt may take, from sending to the last byte of the answer.
    pub fn with_attempt_timeout(self, attempt: Duration) -> Self {
        Self { attempt, ..self }
    }

    /// How long the call may take with all attempts and waits.
    pub fn with_operation_timeout(self, operation: Duration) -> Self {
        Self { operation, ..self }
    }
}
