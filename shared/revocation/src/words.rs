//! Sentences for people: what an event says, and why something waits.

use std::fmt::Display;

use jiff::Timestamp;
use kubeconfig::access::{AccessEvent, HoldReason, Status, Trigger};
use kubeconfig::chat::Asked;
use kubeconfig::cluster::ClusterEvent;
use kubeconfig::guard::Tripped;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{IntakeEvent, ResolvedBy, Unresolved};
use kubeconfig::policy::{AccessCheck, Decision};
use kubeconfig::run::{RunEvent, SweepReport};
use kubeconfig::{Event, Recorded, Uid};

use crate::views::{CheckView, PairView};

/// `1 event`, `2 events`.
pub fn counted<N: Display + PartialEq + From<u8>>(number: N, one: &str, many: &str) -> String {
    let word = if number == N::from(1) { one } else { many };
    format!("{number} {word}")
}

/// One line for people: what an event says.
pub fn headline(recorded: &Recorded) -> String {
    let name = recorded.event.type_name();
    let detail = match &recorded.event {
        Event::Access(AccessEvent::AccessChecked { check, decision, .. }) => {
            format!("{}, so {}", CheckView::new(check, None).result, decision_word(*decision))
        }
        Event::Access(AccessEvent::RevocationHeld { reason, .. }) => hold_text(reason),
        Event::Access(
            AccessEvent::RevocationApproved { note: Some(note), .. }
            | AccessEvent::RevocationRejected { note: Some(note), .. },
        ) => note.clone(),
        Event::Access(AccessEvent::RevocationRefused { refusal, .. }) => refusal.to_string(),
        Event::Access(AccessEvent::RevocationLapsed { days, .. }) => {
            format!("nobody decided on it within {}", counted(*days, "day", "days"))
        }
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
        Event::Identity(IdentityEvent::IdentityRenamed { from, to }) => format!("{from} is {to} now"),
        Event::Identity(IdentityEvent::PersonalDataErasureBegun { digests, reason, overridden }) => {
            let because = reason.iter().map(|reason| format!(": {reason}"));
            let although = overridden.iter().map(|objection| format!("; although {objection}"));
            format!(
                "{}{}",
                counted(digests.len(), "value", "values"),
                because.chain(although).collect::<String>()
            )
        }
        Event::Identity(IdentityEvent::PersonalDataErased { values }) => counted(*values, "value", "values"),
        Event::Cluster(ClusterEvent::ClusterObserved(cluster)) => {
            format!("{}, {}", cluster.name, cluster.state)
        }
        Event::Intake(event) => intake_text(event),
        Event::Run(event) => run_text(event),
        _ => String::new(),
    };
    if detail.is_empty() { name } else { format!("{name}: {detail}") }
}

fn run_text(event: &RunEvent) -> String {
    match event {
        RunEvent::SweepCompleted(report) => sweep_text(report),
        RunEvent::ExportBegun { query, format, .. } => format!("{format} of {}", query_text(query)),
        RunEvent::HistoryQueried { query } => query_text(query),
        RunEvent::ExportTaken { query, format, events } => {
            format!("{} as {format}, of {}", counted(*events, "event", "events"), query_text(query))
        }
        RunEvent::GuardTripped(tripped) => tripped_text(tripped),
        // Origin, size, root: the second line says how many.
        RunEvent::StoreSealed(seal) => match seal.checkpoint.lines().nth(1).unwrap_or("?") {
            "1" => "the first commit".into(),
            number => format!("the first {number} commits"),
        },
        RunEvent::KubeconfigExpiring { cluster, uid, expires_at } => {
            format!("{uid} on {cluster}, {expires_at}")
        }
        RunEvent::SweepOverdue { since: Some(since) } => format!("none has ended since {since}"),
        RunEvent::SweepOverdue { since: None } => "none has ever ended".into(),
        RunEvent::NotificationsBegun { target, .. } => target.clone(),
        RunEvent::NotificationAnnounced(announced) => {
            let (target, events) = (&announced.target, announced.events.len());
            let events = counted(events, "event", "events");
            format!("{target}, {events}, attempt {}", announced.attempt)
        }
        RunEvent::NotificationFailed { why, not_before, .. } => format!("{why}; again at {not_before}"),
        RunEvent::NotificationAbandoned { why, .. } => why.clone(),
        RunEvent::SweepStarted { .. } | RunEvent::NotificationDelivered { .. } => String::new(),
    }
}

fn sweep_text(report: &SweepReport) -> String {
    let unread = match report.errors {
        0 => String::new(),
        errors => format!("; {} could not be read", counted(errors, "part", "parts")),
    };
    format!(
        "{}, {}, {} asked for, {} confirmed, {} held{unread}{}",
        counted(report.pairs, "kubeconfig", "kubeconfigs"),
        counted(report.changes, "change", "changes"),
        counted(report.requested, "revocation", "revocations"),
        report.confirmed,
        report.held,
        if report.next.is_some() { "; the next goes on from here" } else { "" }
    )
}

/// A query as it was written; an empty one asks for everything.
fn query_text(query: &str) -> String {
    match query.trim() {
        "" => "everything".into(),
        query => format!("`{query}`"),
    }
}

/// Why a pair has its status, in one sentence.
pub(crate) fn status_text(pair: &PairView, at: Timestamp) -> String {
    let permissions = pair.permissions.as_ref().map_or(0, Vec::len);
    match (pair.status, pair.expires_at) {
        (Status::NotIssued, _) => "no kubeconfig was ever issued".into(),
        (Status::Effective, Some(end)) => format!("a certificate is valid until {end}"),
        (Status::Effective, None) => {
            "the cloud calls a certificate unexpired, and does not say until when".into()
        }
        (Status::EffectiveResidualRbac, _) => {
            let left = if permissions == 1 { "permission is left" } else { "permissions are left" };
            format!("the kubeconfig is gone, and {permissions} {left}")
        }
        (Status::Expired, Some(end)) if end <= at => {
            format!("every certificate has expired, the last at {end}")
        }
        (Status::Expired, _) => "the cloud calls every certificate expired".into(),
        (Status::Deleted, _) => "kubeconfig and permissions were read back as gone".into(),
        (Status::Revoked, _) => "the cloud says so".into(),
        (Status::Unknown, _) => "the cloud does not say, or not enough could be read".into(),
    }
}

pub(crate) fn intake_text(event: &IntakeEvent) -> String {
    match event {
        IntakeEvent::DeletionReceived(deletion) => match (&deletion.uid, deletion.name.as_str()) {
            (Some(uid), "") => format!("{} {uid}", deletion.kind),
            (_, name) => format!("{} {name}", deletion.kind),
        },
        IntakeEvent::DeletionResolved { uid, by } => {
            let by = match by {
                ResolvedBy::Message => "the message says so",
                ResolvedBy::History => "the history of the names says so",
                ResolvedBy::RecycleBin => "the recycle bin says so",
                ResolvedBy::AuditTrail => "the audit trail says so",
                ResolvedBy::ClusterListing => "a cluster's listing says so",
                ResolvedBy::Person => "a person says so",
            };
            format!("it was {uid}, {by}")
        }
        IntakeEvent::DeletionUnresolved { reason: Unresolved::NobodyFound } => {
            "nobody is known to have borne the name at that time".into()
        }
        IntakeEvent::DeletionUnresolved { reason: Unresolved::Ambiguous { candidates } } => {
            format!("it may be any of {}", candidates.iter().map(Uid::as_str).collect::<Vec<_>>().join(", "))
        }
        IntakeEvent::DeletionDismissed { note } => note.clone(),
        IntakeEvent::DeletionLapsed { days } => {
            format!("nobody said whose name it was within {}", counted(*days, "day", "days"))
        }
        IntakeEvent::KeyedRequestReceived(request) => request.key.clone(),
        IntakeEvent::KeyedRequestAnswered(answer) => format!("HTTP {}", answer.status),
        IntakeEvent::MessageNotUnderstood { problem, .. } => problem.clone(),
        IntakeEvent::ChatCommandReceived(command) => match &command.asked {
            Asked::Words { text } => text.clone(),
            Asked::Refused { why } => why.clone(),
            Asked::Button { choice, .. } => format!("{choice}, by button"),
            Asked::Inspection(found) => {
                let found = counted(found.certificates.len(), "certificate", "certificates");
                format!("inspect a file of {found}")
            }
        },
        IntakeEvent::ChatRevocationOffered(offer) => {
            let clusters = offer.clusters.len() + offer.needs_approval.len();
            format!("{} on {}", offer.uid, counted(clusters, "cluster", "clusters"))
        }
        IntakeEvent::ChatOfferTaken(taken) => taken.choice.clone(),
        IntakeEvent::ChatCommandAnswered { said } => said.clone(),
        IntakeEvent::ChatAnswerLost { said, why } => format!("{said} ({why})"),
    }
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
            let times = counted(*attempts, "time", "times");
            format!("the cloud was called {times} and the access is still there")
        }
    }
}

pub(crate) fn tripped_text(tripped: &Tripped) -> String {
    match tripped {
        Tripped::Identities { planned, limit } => {
            format!("{} would lose access, {limit} may", counted(*planned, "identity", "identities"))
        }
        Tripped::Share { planned, known } => format!("{planned} of {known} identities would lose access"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_query_is_everything_and_one_is_in_the_singular() {
        let taken = |query: &str, events| {
            run_text(&RunEvent::ExportTaken { query: query.into(), format: "csv".into(), events })
        };
        assert_eq!(taken("", 1), "1 event as csv, of everything");
        assert_eq!(taken("kind:run", 2), "2 events as csv, of `kind:run`");
        assert_eq!(run_text(&RunEvent::HistoryQueried { query: " ".into() }), "everything");
        let report = SweepReport { pairs: 1, errors: 1, ..SweepReport::default() };
        let told = sweep_text(&report);
        assert!(
            told.starts_with("1 kubeconfig, 0 changes, ") && told.ends_with("; 1 part could not be read")
        );
    }
}
