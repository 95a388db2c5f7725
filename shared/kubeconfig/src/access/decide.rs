//! What follows from a command. Pure and total: the same state, command and context always give the same events.

mod approval;
mod call;
mod observe;
mod request;

use super::command::{Command, Context, Denied};
use super::events::{AccessEvent, Attempt};
use super::state::{Access, Phase, Revocation};
use crate::id::RevocationId;

pub use request::{eligible, is_worth_asking};

/// The events that follow from a command; none where it changes nothing.
///
/// # Errors
/// [`Denied`] where the command does not fit what is going on. A deletion that a rule forbids is no error but the
/// event [`AccessEvent::RevocationRefused`].
pub fn decide(access: &Access, command: &Command, context: &Context<'_>) -> Result<Vec<AccessEvent>, Denied> {
    match command {
        Command::Observe(reading) => Ok(observe::observe(access, reading, context.now)),
        Command::Request { revocation, trigger, reason, reading, guard } => {
            Ok(request::request(access, *revocation, *trigger, reason, reading, guard, context))
        }
        Command::RecordCheck { revocation, check } => Ok(open(access, *revocation)?
            .map_or_else(Vec::new, |open| request::record_check(open, check, context))),
        Command::Approve { revocation, hold, note } => {
            approval::approve(access, *revocation, *hold, note, context)
        }
        Command::Reject { revocation, hold, note } => {
            approval::reject(access, *revocation, *hold, note, context)
        }
        Command::Lapse { revocation } => Ok(match open(access, *revocation)? {
            Some(open) if open.is_overdue(context.policy, context.now) => {
                let days = context.policy.hold_days;
                vec![AccessEvent::RevocationLapsed { revocation: *revocation, days }]
            }
            _ => vec![],
        }),
        Command::BackUp { revocation, after_holds, permissions } => Ok(match open(access, *revocation)? {
            Some(open) if !open.backed_up && open.phase == Phase::Cleared && open.holds == *after_holds => {
                vec![AccessEvent::PermissionsBackedUp {
                    revocation: *revocation,
                    permissions: permissions.clone(),
                }]
            }
            _ => vec![],
        }),
        Command::Submit { revocation, reading } => Ok(match open(access, *revocation)? {
            Some(open) => call::submit(access, open, reading, context),
            None => vec![],
        }),
        Command::RecordRefusal { revocation, attempt, refusal } => {
            Ok(after_call(access, *revocation, *attempt)?.map_or_else(Vec::new, |open| {
                vec![AccessEvent::RevocationRefused { revocation: open.id, refusal: refusal.clone() }]
            }))
        }
        Command::RecordFailure { revocation, attempt, failure } => {
            Ok(after_call(access, *revocation, *attempt)?
                .map_or_else(Vec::new, |open| call::failed(open, *attempt, failure.clone(), context)))
        }
        Command::RecordUnknown { revocation, attempt, detail } => {
            Ok(match after_call(access, *revocation, *attempt)? {
                Some(Revocation { phase: Phase::Submitted { .. }, id, .. }) => {
                    vec![AccessEvent::RevocationOutcomeUnknown {
                        revocation: *id,
                        attempt: *attempt,
                        detail: detail.clone(),
                    }]
                }
                _ => vec![],
            })
        }
        Command::RecordReadBack { revocation, reading } => Ok(match open(access, *revocation)? {
            Some(open) => call::read_back(access, open, reading, context),
            None => vec![],
        }),
    }
}

/// The open revocation of that id; `None` if it has ended.
fn open(access: &Access, revocation: RevocationId) -> Result<Option<&Revocation>, Denied> {
    match &access.open {
        Some(open) if open.id == revocation => Ok(Some(open)),
        _ if access.closed.contains_key(&revocation) => Ok(None),
        _ => Err(Denied::NoSuchRevocation(revocation)),
    }
}

/// The open revocation, if exactly this call of it is still without an outcome.
fn after_call(
    access: &Access,
    revocation: RevocationId,
    call: Attempt,
) -> Result<Option<&Revocation>, Denied> {
    Ok(open(access, revocation)?.filter(|open| match open.phase {
        Phase::Submitted { attempt, .. } | Phase::Unknown { attempt } => attempt == call,
        _ => false,
    }))
}
