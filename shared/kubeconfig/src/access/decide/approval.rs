//! What a person says about a revocation that is held.

use super::open;
use crate::access::command::{Context, Denied};
use crate::access::events::AccessEvent;
use crate::access::state::{Access, Ending, Phase};
use crate::actor::Actor;
use crate::id::RevocationId;
use crate::personal::ERASED;

pub(super) fn approve(
    access: &Access,
    revocation: RevocationId,
    hold: Option<u32>,
    note: &Option<String>,
    context: &Context<'_>,
) -> Result<Vec<AccessEvent>, Denied> {
    match open(access, revocation)? {
        // An answer to an earlier hold, told again: it is no answer to this one.
        Some(open) if hold.is_some_and(|hold| hold < open.holds) => Ok(vec![]),
        Some(open) if hold.is_some_and(|hold| hold > open.holds) => Err(Denied::NoSuchHold(revocation)),
        // What it was held for may have changed since: it has to be asked for, and looked at, anew.
        Some(open) if open.is_overdue(context.policy, context.now) => {
            Err(Denied::NotHeld { revocation, phase: "lapsed" })
        }
        Some(open) if matches!(open.phase, Phase::Held(_)) => {
            if context.actor.channel.is_automatic() {
                return Err(Denied::NotAPerson(revocation));
            }
            if context.policy.second_person && may_be_same_person(&open.requested_by, context.actor) {
                return Err(Denied::SelfApproval(revocation));
            }
            Ok(vec![AccessEvent::RevocationApproved { revocation, note: note.clone() }])
        }
        Some(open) if open.approval.as_ref().is_some_and(|approval| approval.by == *context.actor) => {
            Ok(vec![])
        }
        Some(open) => Err(Denied::NotHeld { revocation, phase: open.phase.as_str() }),
        None if access.closed.get(&revocation).is_some_and(|closed| closed.approved) => Ok(vec![]),
        None => Err(Denied::NotHeld { revocation, phase: "ended" }),
    }
}

/// Whether the one who asked, if a person asked, may be the one who approves. Two actors are the same person if they
/// bear the same name, through whichever door they come, or if one of them is the bare token that the other one uses;
/// and who has no name at all, or
/// none any more, may be anybody. A person who sets off a rule, e.g. by replaying a message, has asked, too.
fn may_be_same_person(asked: &Actor, approves: &Actor) -> bool {
    if asked.channel.is_automatic() {
        return false;
    }
    let is_nameless = |actor: &Actor| actor.human.is_none() && actor.principal.is_none();
    let is_bare_token = |actor: &Actor| actor.human.is_none();
    let is_erased = |actor: &Actor| actor.human.as_deref() == Some(ERASED);
    is_nameless(asked)
        || is_erased(asked)
        || is_nameless(approves)
        || asked.name() == approves.name()
        || (asked.principal == approves.principal && (is_bare_token(asked) || is_bare_token(approves)))
}

/// A person may also give up what goes on failing, or what nobody can find out: there is no other way out of that.
pub(super) fn reject(
    access: &Access,
    revocation: RevocationId,
    hold: Option<u32>,
    note: &Option<String>,
    context: &Context<'_>,
) -> Result<Vec<AccessEvent>, Denied> {
    match open(access, revocation)? {
        Some(open) if hold.is_some_and(|hold| hold < open.holds) => Ok(vec![]),
        Some(open) if hold.is_some_and(|hold| hold > open.holds) => Err(Denied::NoSuchHold(revocation)),
        Some(open) if matches!(open.phase, Phase::Held(_) | Phase::Failed { .. } | Phase::Unknown { .. }) => {
            if context.actor.channel.is_automatic() {
                return Err(Denied::NotAPerson(revocation));
            }
            Ok(vec![AccessEvent::RevocationRejected { revocation, note: note.clone() }])
        }
        Some(open) => Err(Denied::NotHeld { revocation, phase: open.phase.as_str() }),
        None if access.closed.get(&revocation).is_some_and(|c| c.ending == Ending::Rejected) => Ok(vec![]),
        None => Err(Denied::NotHeld { revocation, phase: "ended" }),
    }
}
