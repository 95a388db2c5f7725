//! Policy: what to do with each answer of the seven-day check.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::access::Trigger;

/// The answer to "was this kubeconfig used within the last seven days?". A failed check is not an unused kubeconfig.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "result")]
pub enum AccessCheck {
    /// No access record was found.
    NoRecords,
    /// Access records were found.
    RecordsFound {
        /// The latest of them, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_access: Option<Timestamp>,
    },
    /// The records could not be queried.
    CheckFailed {
        /// Why.
        cause: CheckFailure,
    },
}

/// Why a check failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "why")]
pub enum CheckFailure {
    /// The cluster does not audit its API server.
    AuditLoggingOff,
    /// Another error, e.g. the network.
    Error {
        /// Its text.
        message: String,
    },
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Delete, overriding the cloud's own check where ours was not clean.
    Revoke,
    /// Wait for a person.
    Hold,
    /// Leave the access as it is, and say so.
    Leave,
}

/// What follows from each of the three answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Nobody used it.
    pub no_records: Decision,
    /// Somebody used it.
    pub records_found: Decision,
    /// Nobody knows.
    pub check_failed: Decision,
}

impl Default for Rules {
    fn default() -> Self {
        Self::CAREFUL
    }
}

impl Rules {
    /// Deletes what is not used, asks about everything else.
    pub const CAREFUL: Self =
        Self { no_records: Decision::Revoke, records_found: Decision::Hold, check_failed: Decision::Hold };

    /// The decision for one answer.
    pub const fn decide(&self, check: &AccessCheck) -> Decision {
        match check {
            AccessCheck::NoRecords => self.no_records,
            AccessCheck::RecordsFound { .. } => self.records_found,
            AccessCheck::CheckFailed { .. } => self.check_failed,
        }
    }
}

/// All that is configurable about decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// For identities that were deleted.
    pub identity_deleted: Rules,
    /// For kubeconfigs that expired.
    pub expired: Rules,
    /// For what a person asked for.
    pub requested: Rules,
    /// Whether the one who asked may not also approve.
    pub second_person: bool,
    /// Calls to the cloud per revocation before a person has to look.
    pub max_attempts: u32,
    /// Hours after which a rule asks again for what the cloud or policy refused.
    pub ask_again_hours: u32,
    /// Days after which a revocation that nobody decided on ends; 0: never.
    pub hold_days: u32,
    /// Days after which a deletion message whose name nobody could tell ends; 0: never.
    pub message_hold_days: u32,
    /// How long, in seconds, an announced call is left to the process that announced it before another one looks what
    /// became of it. Longer than any call can take.
    pub call_lease_seconds: u32,
}

impl Policy {
    /// The rules for revocations of this cause.
    pub const fn rules(&self, trigger: &Trigger) -> &Rules {
        match trigger {
            Trigger::IdentityDeleted { .. } => &self.identity_deleted,
            Trigger::Expired => &self.expired,
            Trigger::Requested => &self.requested,
        }
    }

    /// How long a refusal of the cloud or of policy keeps a rule from asking again.
    pub const fn ask_again(&self) -> SignedDuration {
        SignedDuration::from_hours(self.ask_again_hours as i64)
    }

    /// How long a revocation waits for a person; `None`: for ever.
    pub fn hold(&self) -> Option<SignedDuration> {
        (self.hold_days > 0).then(|| SignedDuration::from_hours(24 * i64::from(self.hold_days)))
    }

    /// How long a deletion message waits for a person; `None`: for ever.
    pub fn message_hold(&self) -> Option<SignedDuration> {
        (self.message_hold_days > 0)
            .then(|| SignedDuration::from_hours(24 * i64::from(self.message_hold_days)))
    }

    /// The lease of an announced call.
    pub const fn call_lease(&self) -> SignedDuration {
        SignedDuration::from_secs(self.call_lease_seconds as i64)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            identity_deleted: Rules::CAREFUL,
            expired: Rules::CAREFUL,
            requested: Rules::CAREFUL,
            second_person: true,
            max_attempts: 5,
            ask_again_hours: 24,
            hold_days: 14,
            message_hold_days: 30,
            call_lease_seconds: 60,
        }
    }
}
