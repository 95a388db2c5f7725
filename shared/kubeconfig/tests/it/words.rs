//! The words that the stories are told in: readings, facts and commands.

use jiff::Timestamp;
use kubeconfig::access::{Attempt, Command, Failure, HoldReason, Refusal, Trigger};
use kubeconfig::guard::Tripped;
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision};
use kubeconfig::reading::{Account, Bindings, Certificate, ClusterState, Permission, Reading};
use kubeconfig::{AccessEvent, RevocationId};

use crate::story::{FIRST, Fact, day};

// Readings: start from `reading()` and say what is different.

/// A running cluster, a deleted RAM user, no certificate, no permission.
pub(crate) fn reading() -> Reading {
    Reading {
        cluster_state: "running".into(),
        account: Account { kind: "RamUser".into(), state: "Deleted".into() },
        certificates: vec![],
        bindings: Bindings::Yes(vec![]),
    }
}

pub(crate) trait ReadingWords: Sized {
    fn cluster(self, state: &str) -> Self;
    fn kind(self, kind: &str) -> Self;
    fn account(self, state: &str) -> Self;
    fn certificate(self, state: &str, expires_at: Option<Timestamp>) -> Self;
    fn permission(self, role: &str) -> Self;
    fn permissions_not_read(self) -> Self;
}

impl ReadingWords for Reading {
    fn cluster(self, state: &str) -> Self {
        Self { cluster_state: state.into(), ..self }
    }

    fn kind(self, kind: &str) -> Self {
        Self { account: Account { kind: kind.into(), ..self.account }, ..self }
    }

    fn account(self, state: &str) -> Self {
        Self { account: Account { state: state.into(), ..self.account }, ..self }
    }

    fn certificate(mut self, state: &str, expires_at: Option<Timestamp>) -> Self {
        self.certificates.push(Certificate { state: state.into(), expires_at });
        self.certificates.sort();
        self
    }

    fn permission(mut self, role: &str) -> Self {
        let mut permissions = match self.bindings {
            Bindings::Yes(permissions) => permissions,
            Bindings::No => vec![],
        };
        permissions.push(permission(role));
        self.bindings = Bindings::Yes(permissions);
        self
    }

    fn permissions_not_read(self) -> Self {
        Self { bindings: Bindings::No, ..self }
    }
}

pub(crate) fn permission(role: &str) -> Permission {
    Permission {
        resource_id: "c1".into(),
        resource_type: "cluster".into(),
        role_name: role.into(),
        role_type: "admin".into(),
    }
}

/// One certificate, valid for the whole story, and a permission.
pub(crate) fn live() -> Reading {
    reading().certificate("Unexpired", Some(day(300))).permission("admin")
}

/// One certificate that the cloud calls expired.
pub(crate) fn expired() -> Reading {
    reading().certificate("Expired", Some(day(-10))).permission("admin")
}

/// The kubeconfig is cleaned, a permission is left.
pub(crate) fn residual() -> Reading {
    reading().certificate("Removed", None).permission("admin")
}

/// Cleaned, and no permission left.
pub(crate) fn gone() -> Reading {
    reading().certificate("Removed", None)
}

// Facts.

pub(crate) fn observed(reading: Reading) -> Fact {
    AccessEvent::KubeconfigObserved { reading }.into()
}

pub(crate) fn restored(reading: Reading) -> Fact {
    AccessEvent::KubeconfigRestored { reading }.into()
}

pub(crate) fn residual_found(reading: Reading) -> Fact {
    AccessEvent::ResidualRbacFound { reading }.into()
}

pub(crate) fn requested(trigger: Trigger) -> Fact {
    requested_as(FIRST, trigger)
}

pub(crate) fn requested_as(revocation: RevocationId, trigger: Trigger) -> Fact {
    AccessEvent::RevocationRequested { revocation, trigger, reason: None }.into()
}

pub(crate) fn checked(check: AccessCheck, decision: Decision) -> Fact {
    AccessEvent::AccessChecked { revocation: FIRST, check, decision }.into()
}

pub(crate) fn cleared() -> Fact {
    checked(AccessCheck::NoRecords, Decision::Revoke)
}

pub(crate) fn held(reason: HoldReason) -> Fact {
    AccessEvent::RevocationHeld { revocation: FIRST, reason }.into()
}

pub(crate) fn held_by_check(check: AccessCheck) -> Fact {
    held(HoldReason::AccessCheck { check })
}

pub(crate) fn approved() -> Fact {
    AccessEvent::RevocationApproved { revocation: FIRST, note: None }.into()
}

pub(crate) fn rejected() -> Fact {
    AccessEvent::RevocationRejected { revocation: FIRST, note: None }.into()
}

pub(crate) fn lapsed() -> Fact {
    AccessEvent::RevocationLapsed { revocation: FIRST, days: 14 }.into()
}

pub(crate) fn refused(refusal: Refusal) -> Fact {
    AccessEvent::RevocationRefused { revocation: FIRST, refusal }.into()
}

pub(crate) fn backed_up() -> Fact {
    AccessEvent::PermissionsBackedUp { revocation: FIRST, permissions: vec![permission("admin")] }.into()
}

pub(crate) fn submitted(attempt: Attempt) -> Fact {
    AccessEvent::RevocationSubmitted { revocation: FIRST, attempt, force: false }.into()
}

pub(crate) fn submitted_with_force(attempt: Attempt) -> Fact {
    AccessEvent::RevocationSubmitted { revocation: FIRST, attempt, force: true }.into()
}

pub(crate) fn confirmed(reading: Reading) -> Fact {
    AccessEvent::RevocationConfirmed { revocation: FIRST, reading }.into()
}

pub(crate) fn failed(attempt: Attempt, failure: Failure) -> Fact {
    AccessEvent::RevocationFailed { revocation: FIRST, attempt, failure }.into()
}

pub(crate) fn outcome_unknown(attempt: Attempt) -> Fact {
    let detail = "timed out".into();
    AccessEvent::RevocationOutcomeUnknown { revocation: FIRST, attempt, detail }.into()
}

/// A live access whose revocation stands before its first call.
pub(crate) fn ready_to_submit() -> [Fact; 4] {
    [observed(live()), requested(BY_DELETION), cleared(), backed_up()]
}

/// A live access that was called for once.
pub(crate) fn called_once() -> [Fact; 5] {
    [observed(live()), requested(BY_DELETION), cleared(), backed_up(), submitted(1)]
}

// Triggers and answers.

pub(crate) const BY_DELETION: Trigger = Trigger::IdentityDeleted { intake: None };

pub(crate) fn used() -> AccessCheck {
    AccessCheck::RecordsFound { last_access: Some(day(-1)) }
}

pub(crate) fn unaudited() -> AccessCheck {
    AccessCheck::CheckFailed { cause: CheckFailure::AuditLoggingOff }
}

pub(crate) fn flood() -> Tripped {
    Tripped::Identities { planned: 21, limit: 20 }
}

pub(crate) fn timeout() -> Failure {
    Failure::Call { code: "ServiceUnavailable".into(), message: "try again".into(), request_id: None }
}

pub(crate) fn forbidden() -> Refusal {
    Refusal::Cloud {
        status: 403,
        code: "Forbidden".into(),
        message: "not you".into(),
        request_id: Some("r-1".into()),
    }
}

// Commands.

pub(crate) fn request(trigger: Trigger, reading: Reading) -> Command {
    request_as(FIRST, trigger, reading)
}

pub(crate) fn request_as(revocation: RevocationId, trigger: Trigger, reading: Reading) -> Command {
    Command::Request { revocation, trigger, reason: None, reading, guard: None }
}

pub(crate) fn request_in_a_flood(trigger: Trigger, reading: Reading) -> Command {
    Command::Request { revocation: FIRST, trigger, reason: None, reading, guard: Some(flood()) }
}

pub(crate) fn record_check(check: AccessCheck) -> Command {
    Command::RecordCheck { revocation: FIRST, check }
}

pub(crate) fn approve() -> Command {
    Command::Approve { revocation: FIRST, hold: None, note: None }
}

pub(crate) fn reject() -> Command {
    Command::Reject { revocation: FIRST, hold: None, note: None }
}

pub(crate) fn back_up_after(after_holds: u32) -> Command {
    Command::BackUp { revocation: FIRST, after_holds, permissions: vec![permission("admin")] }
}

pub(crate) fn approve_hold(hold: u32) -> Command {
    Command::Approve { revocation: FIRST, hold: Some(hold), note: None }
}

pub(crate) fn back_up() -> Command {
    back_up_after(0)
}

pub(crate) fn submit(reading: Reading) -> Command {
    Command::Submit { revocation: FIRST, reading }
}

pub(crate) fn record_refusal(attempt: Attempt) -> Command {
    Command::RecordRefusal { revocation: FIRST, attempt, refusal: forbidden() }
}

pub(crate) fn record_failure(attempt: Attempt) -> Command {
    Command::RecordFailure { revocation: FIRST, attempt, failure: timeout() }
}

pub(crate) fn record_unknown(attempt: Attempt) -> Command {
    Command::RecordUnknown { revocation: FIRST, attempt, detail: "timed out".into() }
}

pub(crate) fn read_back(reading: Reading) -> Command {
    Command::RecordReadBack { revocation: FIRST, reading }
}

/// Every rule that refuses.
pub(crate) fn refusals() -> [Refusal; 13] {
    [
        Refusal::RootAccount,
        Refusal::Caller,
        Refusal::FunctionRole,
        Refusal::ProtectedIdentity,
        Refusal::ClusterState { state: ClusterState::DeleteFailed },
        Refusal::IdentityExists,
        Refusal::NotIssued,
        Refusal::AlreadyDeleted,
        Refusal::Revoked,
        Refusal::StatusUnknown,
        Refusal::NotExpired,
        Refusal::Policy { check: used() },
        forbidden(),
    ]
}
