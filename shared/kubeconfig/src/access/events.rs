//! What can happen to one identity's access to one cluster.

use serde::{Deserialize, Serialize};

use super::eligibility::Refusal;
use crate::guard::Tripped;
use crate::id::{IntakeId, RevocationId};
use crate::policy::{AccessCheck, Decision};
use crate::reading::{Permission, Reading};

/// Facts of the stream `kubeconfig/{cluster}/{uid}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum AccessEvent {
    /// The cloud's account of the access, seen for the first time or seen changed.
    KubeconfigObserved {
        /// What was read.
        reading: Reading,
    },
    /// Access that was gone is back: restored from the recycle bin, or issued anew.
    KubeconfigRestored {
        /// What was read.
        reading: Reading,
    },
    /// The kubeconfig is gone, RBAC permissions are left.
    ResidualRbacFound {
        /// What was read.
        reading: Reading,
    },
    /// Somebody or some rule wants the access ended.
    RevocationRequested {
        /// Its id.
        revocation: RevocationId,
        /// Why.
        trigger: Trigger,
        /// In the words of the one who asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// The seven-day check answered, and policy decided on the answer.
    AccessChecked {
        /// Which revocation.
        revocation: RevocationId,
        /// The answer.
        check: AccessCheck,
        /// What follows from it.
        decision: Decision,
    },
    /// Waits for a person.
    RevocationHeld {
        /// Which revocation.
        revocation: RevocationId,
        /// Why.
        reason: HoldReason,
    },
    /// A person let it go on.
    RevocationApproved {
        /// Which revocation.
        revocation: RevocationId,
        /// In the words of the approver.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A person stopped it. Ends the revocation.
    RevocationRejected {
        /// Which revocation.
        revocation: RevocationId,
        /// In the words of the one who stopped it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Nobody decided on it in the time that policy gives. Ends the revocation; a rule may ask again.
    RevocationLapsed {
        /// Which revocation.
        revocation: RevocationId,
        /// How many days it had waited for.
        days: u32,
    },
    /// It must not be done. Ends the revocation.
    RevocationRefused {
        /// Which revocation.
        revocation: RevocationId,
        /// The rule.
        refusal: Refusal,
    },
    /// What the deletion will take away, kept so that it can be granted again.
    PermissionsBackedUp {
        /// Which revocation.
        revocation: RevocationId,
        /// All RBAC permissions on the cluster.
        permissions: Vec<Permission>,
    },
    /// The deletion is about to be called. Stored before the call: without this fact nothing is called.
    RevocationSubmitted {
        /// Which revocation.
        revocation: RevocationId,
        /// Which call of it.
        attempt: Attempt,
        /// Whether the cloud's own seven-day check is overridden.
        force: bool,
    },
    /// Read back: kubeconfig and RBAC permissions are gone. Ends the revocation.
    RevocationConfirmed {
        /// Which revocation.
        revocation: RevocationId,
        /// What was read back.
        reading: Reading,
    },
    /// The call failed or had no effect. The next sweep tries again.
    RevocationFailed {
        /// Which revocation.
        revocation: RevocationId,
        /// Which call of it.
        attempt: Attempt,
        /// How.
        failure: Failure,
    },
    /// Nobody knows whether the call had an effect. The next step is to read, not to call.
    RevocationOutcomeUnknown {
        /// Which revocation.
        revocation: RevocationId,
        /// Which call of it.
        attempt: Attempt,
        /// What is known.
        detail: String,
    },
}

/// The number of a call within its revocation, from 1.
pub type Attempt = u32;

/// Why the access is to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "why")]
pub enum Trigger {
    /// Its holder was deleted from RAM.
    IdentityDeleted {
        /// The message that told us; absent where the sweep found the leftover.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        intake: Option<IntakeId>,
    },
    /// Its certificates expired.
    Expired,
    /// A person asked.
    Requested,
}

impl Trigger {
    /// Whether a rule asked, not a person.
    pub const fn is_automatic(&self) -> bool {
        !matches!(self, Self::Requested)
    }
}

/// Why a revocation waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "why")]
pub enum HoldReason {
    /// Policy holds on this answer of the seven-day check.
    AccessCheck {
        /// The answer.
        check: AccessCheck,
    },
    /// Too many identities would lose access at once.
    Guard(Tripped),
    /// Certificates were issued after the access was checked or approved: neither answer was about them.
    AccessChanged,
    /// The cloud was called as often as policy allows, and the access is still there.
    AttemptsExhausted {
        /// How often.
        attempts: Attempt,
    },
}

/// How a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "how")]
pub enum Failure {
    /// The cloud answered with an error that may pass.
    Call {
        /// The cloud's error code.
        code: String,
        /// The cloud's message, bounded.
        message: String,
        /// The cloud's id of the request.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<String>,
    },
    /// The call was accepted, and the access is still there.
    StillThere,
    /// The kubeconfig is gone, RBAC permissions are not.
    PermissionsLeft,
}

impl AccessEvent {
    /// The revocation that the event belongs to, if it belongs to one.
    pub const fn revocation(&self) -> Option<RevocationId> {
        match self {
            Self::KubeconfigObserved { .. }
            | Self::KubeconfigRestored { .. }
            | Self::ResidualRbacFound { .. } => None,
            Self::RevocationRequested { revocation, .. }
            | Self::AccessChecked { revocation, .. }
            | Self::RevocationHeld { revocation, .. }
            | Self::RevocationApproved { revocation, .. }
            | Self::RevocationRejected { revocation, .. }
            | Self::RevocationLapsed { revocation, .. }
            | Self::RevocationRefused { revocation, .. }
            | Self::PermissionsBackedUp { revocation, .. }
            | Self::RevocationSubmitted { revocation, .. }
            | Self::RevocationConfirmed { revocation, .. }
            | Self::RevocationFailed { revocation, .. }
            | Self::RevocationOutcomeUnknown { revocation, .. } => Some(*revocation),
        }
    }
}
