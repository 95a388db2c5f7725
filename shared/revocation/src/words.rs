//! Sentences for people: what an event says, and why something waits.

use kubeconfig::access::{AccessEvent, HoldReason, Status, Trigger};
use kubeconfig::guard::Tripped;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::policy::{AccessCheck, Decision};
use kubeconfig::{Event, Recorded};

use crate::views::CheckView;

/// One line for people: what an event says.
pub fn headline(recorded: &Recorded) -> String {
    let name = recorded.event.type_name();
    let detail = match &recorded.event {
        Event::Access(AccessEvent::AccessChecked { check, decision, .. }) => {
            format!("{}, so {}", CheckView::new(check, None).result, decision_word(*decision))
        }
        Event::Access(AccessEvent::RevocationHeld { reason, .. }) => hold_text(reason),
        Event::Access(AccessEvent::RevocationRefused { refusal, .. }) => refusal.to_string(),
        Event::Access(AccessEvent::RevocationRequested { trigger, reason, .. }) => match reason {
            Some(reason) => format!("{}: {reason}", trigger_word(trigger)),
            None => trigger_word(trigger).to_owned(),
        },
        Event::Access(AccessEvent::RevocationSubmitted { attempt, force, .. }) => {
            format!("call {attempt}{}", if *force { ", overriding the cloud's own check" } else { "" })
        }
        Event::Access(AccessEvent::PermissionsBackedUp { permissions, .. }) => {
            format!("{} kept", permissions.len())
        }
        Event::Access(
            AccessEvent::KubeconfigObserved { reading }
            | AccessEvent::KubeconfigRestored { reading }
            | AccessEvent::ResidualRbacFound { reading }
            | AccessEvent::RevocationConfirmed { reading, .. },
        ) => {
            let status = Status::of(reading, true, recorded.occurred_at);
            format!("{status}, account {}", reading.account.state)
        }
        Event::Identity(IdentityEvent::IdentityObserved { name, kind, state, .. }) => {
            format!("{kind} {name}, {state}")
        }
        _ => String::new(),
    };
    if detail.is_empty() { name } else { format!("{name}: {detail}") }
}

const fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Revoke => "revoke",
        Decision::Hold => "hold for a person",
        Decision::Leave => "leave it",
    }
}

pub(crate) const fn trigger_word(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::IdentityDeleted { .. } => "identityDeleted",
        Trigger::Expired => "expired",
        Trigger::Requested => "requested",
    }
}

pub(crate) fn hold_text(reason: &HoldReason) -> String {
    match reason {
        HoldReason::AccessCheck { check: AccessCheck::RecordsFound { last_access: Some(at) } } => {
            format!("it was used within seven days, last at {at}")
        }
        HoldReason::AccessCheck { check: AccessCheck::RecordsFound { last_access: None } } => {
            "it was used within seven days".into()
        }
        HoldReason::AccessCheck { check: AccessCheck::NoRecords } => {
            "policy holds although it was not used".into()
        }
        HoldReason::AccessCheck { check } => format!(
            "whether it was used is not known: {}",
            CheckView::new(check, None).cause.unwrap_or_else(|| "the check failed".into())
        ),
        HoldReason::Guard(tripped) => format!("a guard tripped: {}", tripped_text(tripped)),
        HoldReason::AccessChanged => "certificates were issued after it was checked or approved".into(),
        HoldReason::AttemptsExhausted { attempts } => {
            format!("the cloud was called {attempts} times and the access is still there")
        }
    }
}

fn tripped_text(tripped: &Tripped) -> String {
    match tripped {
        Tripped::Identities { planned, limit } => {
            format!("{planned} identities would lose access, {limit} may")
        }
        Tripped::Share { planned, known } => format!("{planned} of {known} identities would lose access"),
    }
}
