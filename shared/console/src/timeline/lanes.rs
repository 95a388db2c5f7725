//! What there is to draw.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kubeconfig::access::AccessEvent;
use kubeconfig::policy::AccessCheck;
use kubeconfig::reading::{Certificate, CertificateState, Reading};
use kubeconfig::{Access, Event, Recorded, Status};

/// Everything in the picture.
pub(super) struct Lanes {
    /// What it amounted to, from each instant on.
    pub(super) statuses: Vec<(Timestamp, Status)>,
    /// Certificates, those that end last first.
    pub(super) certificates: Vec<Validity>,
    /// What was seen of its use.
    pub(super) accesses: Vec<Seen>,
    /// What was decided and done.
    pub(super) decisions: Vec<Mark>,
}

/// As long as a certificate was known.
pub(super) struct Validity {
    pub(super) seen: Timestamp,
    /// When a reading did not show it any more.
    pub(super) gone: Option<Timestamp>,
    pub(super) expires: Option<Timestamp>,
    pub(super) state: CertificateState,
}

/// An answer about its use.
pub(super) struct Seen {
    pub(super) at: Timestamp,
    pub(super) what: Use,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It was used at that time.
    Used,
    /// Asked at that time: not used for seven days.
    Unused,
    /// Asked at that time: nobody knows.
    NotKnown,
}

/// An event with its number.
pub(super) struct Mark {
    pub(super) at: Timestamp,
    pub(super) number: u64,
    pub(super) class: &'static str,
    pub(super) words: String,
}

impl Lanes {
    pub(super) fn of(events: &[Recorded], now: Timestamp) -> Self {
        let certificates = certificates(events);
        let accesses = events.iter().flat_map(seen).collect();
        let decisions = events.iter().filter_map(mark).collect();
        Self { statuses: statuses(events, &certificates, now), certificates, accesses, decisions }
    }

    /// Every instant that something stands at.
    pub(super) fn instants(&self, now: Timestamp) -> BTreeSet<Timestamp> {
        let mut instants: BTreeSet<Timestamp> = BTreeSet::from([now]);
        instants.extend(self.statuses.iter().map(|(at, _)| *at));
        instants.extend(self.accesses.iter().map(|seen| seen.at));
        instants.extend(self.decisions.iter().map(|mark| mark.at));
        for validity in &self.certificates {
            instants.insert(validity.seen);
            instants.extend(validity.gone);
            instants.extend(validity.expires);
        }
        instants
    }
}

/// The status changes with events, and by itself when a certificate expires.
fn statuses(events: &[Recorded], certificates: &[Validity], now: Timestamp) -> Vec<(Timestamp, Status)> {
    let expiries = certificates.iter().filter_map(|validity| validity.expires);
    let mut instants: BTreeSet<Timestamp> = events.iter().map(|event| event.occurred_at).collect();
    let first = instants.first().copied().unwrap_or(now);
    instants.extend(expiries.filter(|at| (first..now).contains(at)));
    let (mut access, mut rest) = (Access::default(), events.iter().peekable());
    let mut statuses: Vec<(Timestamp, Status)> = vec![];
    for at in instants {
        while let Some(event) = rest.next_if(|event| event.occurred_at <= at) {
            access = access.evolve(event);
        }
        let status = access.status(at);
        if statuses.last().is_none_or(|(_, last)| *last != status) {
            statuses.push((at, status));
        }
    }
    statuses
}

fn reading(event: &Recorded) -> Option<&Reading> {
    match &event.event {
        Event::Access(
            AccessEvent::KubeconfigObserved { reading }
            | AccessEvent::KubeconfigRestored { reading }
            | AccessEvent::ResidualRbacFound { reading }
            | AccessEvent::RevocationConfirmed { reading, .. },
        ) => Some(reading),
        _ => None,
    }
}

/// A certificate has no name in the listings: it is told by when it expires.
fn certificates(events: &[Recorded]) -> Vec<Validity> {
    let mut known: BTreeMap<Option<Timestamp>, Validity> = BTreeMap::new();
    for event in events {
        let Some(reading) = reading(event) else { continue };
        let listed: Vec<&Certificate> =
            reading.certificates.iter().filter(|c| is_certificate(&c.state)).collect();
        for (expires, validity) in &mut known {
            if validity.gone.is_none() && !listed.iter().any(|c| c.expires_at == *expires) {
                validity.gone = Some(event.occurred_at);
            }
        }
        for certificate in listed {
            let new = || Validity {
                seen: event.occurred_at,
                gone: None,
                expires: certificate.expires_at,
                state: certificate.state.clone(),
            };
            let validity = known.entry(certificate.expires_at).or_insert_with(new);
            validity.gone = None;
            validity.state = certificate.state.clone();
        }
    }
    known.into_values().rev().collect()
}

fn is_certificate(state: &CertificateState) -> bool {
    !matches!(state, CertificateState::Unissued | CertificateState::Removed)
}

fn seen(event: &Recorded) -> Option<Seen> {
    let Event::Access(AccessEvent::AccessChecked { check, .. }) = &event.event else { return None };
    Some(match check {
        AccessCheck::RecordsFound { last_access } => {
            Seen { at: last_access.unwrap_or(event.occurred_at), what: Use::Used }
        }
        AccessCheck::NoRecords => Seen { at: event.occurred_at, what: Use::Unused },
        AccessCheck::CheckFailed { .. } => Seen { at: event.occurred_at, what: Use::NotKnown },
    })
}

/// Events of revocations; readings show in the other lanes.
fn mark(event: &Recorded) -> Option<Mark> {
    let Event::Access(access) = &event.event else { return None };
    access.revocation()?;
    let class = match access {
        AccessEvent::RevocationHeld { .. } => "held",
        AccessEvent::RevocationApproved { .. } | AccessEvent::RevocationConfirmed { .. } => "good",
        AccessEvent::RevocationRejected { .. }
        | AccessEvent::RevocationRefused { .. }
        | AccessEvent::RevocationLapsed { .. } => "stopped",
        AccessEvent::RevocationFailed { .. } | AccessEvent::RevocationOutcomeUnknown { .. } => "bad",
        _ => "step",
    };
    Some(Mark {
        at: event.occurred_at,
        number: event.version,
        class,
        words: format!("{} by {}", revocation::headline(event), event.actor),
    })
}

#[cfg(test)]
mod tests {
    use kubeconfig::{Actor, EventId, StreamId};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-{text}Z").parse().unwrap()
    }

    /// Events of one stream: when, and the fact as it is stored.
    fn events(facts: &[(&str, serde_json::Value)]) -> Vec<Recorded> {
        let recorded = |(index, (when, fact)): (usize, &(&str, serde_json::Value))| Recorded {
            id: EventId::derived(&index.to_string()),
            stream: StreamId::Kubeconfig(kubeconfig::KubeconfigKey {
                cluster: "c1".parse().unwrap(),
                uid: "200000000000000101".parse().unwrap(),
            }),
            version: index as u64 + 1,
            occurred_at: at(when),
            recorded_at: at(when),
            actor: Actor::timer(),
            correlation: Uuid::nil(),
            causation: None,
            source: None,
            event: Event::Access(serde_json::from_value(fact.clone()).unwrap()),
        };
        facts.iter().enumerate().map(recorded).collect()
    }

    fn reading(certificates: &[(&str, &str)], permissions: bool) -> serde_json::Value {
        let certificates: Vec<_> = certificates
            .iter()
            .map(|(state, end)| json!({ "state": state, "expires_at": at(end) }))
            .collect();
        let one = json!([{ "resource_id": "c1", "resource_type": "cluster", "role_name": "dev", "role_type": "dev" }]);
        let permissions = if permissions { one } else { json!([]) };
        json!({
            "cluster_state": "running",
            "account": { "kind": "RamUser", "state": "Active" },
            "certificates": certificates,
            "bindings": { "read": "yes", "permissions": permissions },
        })
    }

    const REVOCATION: &str = "0190b5c4-7d3e-7a10-9c55-3f6f2b1f0a11";

    fn story() -> Vec<Recorded> {
        let seen = reading(&[("Unexpired", "11-10T00:00:00"), ("Unexpired", "12-01T00:00:00")], true);
        let requested = json!({ "revocation": REVOCATION, "trigger": { "why": "requested" } });
        let used = json!({ "result": "recordsFound", "last_access": at("11-19T00:00:00") });
        let checked = json!({ "revocation": REVOCATION, "check": used, "decision": "hold" });
        let gone = json!({ "revocation": REVOCATION, "reading": reading(&[], false) });
        events(&[
            ("11-01T00:00:00", json!({ "type": "KubeconfigObserved", "data": { "reading": seen } })),
            ("11-20T00:00:00", json!({ "type": "RevocationRequested", "data": requested })),
            ("11-20T00:00:01", json!({ "type": "AccessChecked", "data": checked })),
            ("11-20T00:00:03", json!({ "type": "RevocationConfirmed", "data": gone })),
        ])
    }

    #[test]
    fn the_status_changes_with_events_and_by_itself() {
        let lanes = Lanes::of(&story(), at("11-21T00:00:00"));
        let effective = (at("11-01T00:00:00"), Status::Effective);
        assert_eq!(lanes.statuses, [effective, (at("11-20T00:00:03"), Status::Deleted)]);
        let expired = Lanes::of(&story()[..1], at("12-05T00:00:00"));
        assert_eq!(expired.statuses, [effective, (at("12-01T00:00:00"), Status::Expired)]);
    }

    #[test]
    fn a_certificate_is_known_from_a_reading_that_shows_it_to_one_that_does_not() {
        let lanes = Lanes::of(&story(), at("11-21T00:00:00"));
        let ends: Vec<_> =
            lanes.certificates.iter().map(|validity| (validity.expires, validity.gone)).collect();
        let gone = Some(at("11-20T00:00:03"));
        assert_eq!(ends, [(Some(at("12-01T00:00:00")), gone), (Some(at("11-10T00:00:00")), gone)]);
    }

    #[test]
    fn a_use_stands_where_it_was_and_decisions_have_the_numbers_of_their_events() {
        let lanes = Lanes::of(&story(), at("11-21T00:00:00"));
        let accesses: Vec<_> = lanes.accesses.iter().map(|seen| (seen.at, seen.what)).collect();
        assert_eq!(accesses, [(at("11-19T00:00:00"), Use::Used)]);
        let marks: Vec<_> = lanes.decisions.iter().map(|mark| (mark.number, mark.class)).collect();
        assert_eq!(marks, [(2, "step"), (3, "step"), (4, "good")]);
    }

    #[test]
    fn the_picture_says_in_words_what_it_shows() {
        let html = super::super::picture(&story(), at("11-21T00:00:00")).into_string();
        for told in [
            "Deleted from 2026-11-20 00:00:03 UTC",
            "Used at 2026-11-19 00:00:00 UTC",
            "Unexpired until 2026-12-01, seen from 2026-11-01 00:00:00 UTC, gone at 2026-11-20 00:00:03 UTC",
            "No. 4: RevocationConfirmed: Deleted, account Active by timer, 2026-11-20 00:00:03 UTC",
            "as of 2026-11-21 00:00:00 UTC",
        ] {
            assert!(html.contains(told), "{told}: {html}");
        }
        assert!(!html.contains("NaN") && !html.contains("inf"), "{html}");
    }

    #[test]
    fn however_many_events_there_are_the_picture_has_a_bound() {
        let one = story().remove(0);
        let many: Vec<Recorded> = (0..5000).map(|version| Recorded { version, ..one.clone() }).collect();
        assert!(super::super::picture(&many, at("11-21T00:00:00")).into_string().len() < 20_000);
    }
}
