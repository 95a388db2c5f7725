//! What of the stored events is personal, and what stands where it was erased.

use std::collections::BTreeSet;

use kubeconfig::identity::{Identity, IdentityEvent};
use kubeconfig::personal::ERASED;
use kubeconfig::{Bearer, Event, Name, Projection, Stored, StreamId};
use serde_json::{Value, json};

use crate::golden::GOLDEN;
use crate::projection::log;
use crate::story::uid;

/// Texts in events that say nothing of a person: words, ids, times, names of things. Whoever stores a new text says here
/// that it is none of a person's, or in `kubeconfig::personal` that it is.
///
/// `*` stands for any type, or for the items of a list.
const OF_NOBODY: &[&str] = &[
    // Words, ids and times.
    "*/revocation",
    "*/kind",
    "*/state",
    "*/cluster_state",
    "*/expires_at",
    "*/created_at",
    "*/deleted_at",
    "*/read",
    "*/result",
    "*/last_access",
    "*/decision",
    "*/bound",
    "*/code",
    "*/how",
    "*/rule",
    "*/uid",
    "*/intake",
    "*/by",
    "*/choice",
    "*/subject",
    "*/after",
    "*/format",
    "*/cluster",
    "*/request_id",
    "KeyedRequestReceived/fingerprint",
    "KeyedRequestReceived/key",
    "KeyedRequestReceived/until",
    "AccessChecked/check/cause/why",
    "DeletionUnresolved/reason/candidates/*",
    "DeletionUnresolved/reason/why",
    "RevocationHeld/reason/why",
    "RevocationHeld/reason/check/cause/why",
    "RevocationRefused/refusal/check/cause/why",
    "RevocationRequested/trigger/why",
    "ChatRevocationOffered/clusters/*",
    "ChatRevocationOffered/needs_approval/*",
    "SweepCompleted/next",
    "SweepOverdue/since",
    "SweepStarted/resumed_from",
    // Clusters, roles, and what certificates say of an identity: its number.
    "*/common_name",
    "*/groups/*",
    "*/sha256",
    "*/not_after",
    "*/not_before",
    "*/others/*",
    "ClusterObserved/name",
    "ClusterObserved/profile",
    "ClusterObserved/region",
    "*/resource_id",
    "*/resource_type",
    "*/role_name",
    "*/role_type",
    // Of chats and of targets of messages: addresses are sealed, and errors are those of the connection.
    "ChatAnswerLost/why",
    "ChatCommandReceived/answer_to",
    "ChatCommandReceived/answer_until",
    "ChatCommandReceived/conversation",
    "ChatCommandReceived/message",
    "NotificationAbandoned/message",
    "NotificationAbandoned/why",
    "NotificationAnnounced/events/*",
    "NotificationAnnounced/from",
    "NotificationAnnounced/message",
    "NotificationAnnounced/target",
    "NotificationDelivered/message",
    "NotificationFailed/message",
    "NotificationFailed/not_before",
    "NotificationFailed/why",
    "NotificationsBegun/from",
    "NotificationsBegun/target",
    // What this program says of an identity, without its name.
    "PersonalDataErasureBegun/overridden/*",
    // Hashes.
    "PersonalDataErasureBegun/digests/*",
    "StoreSealed/before",
    "StoreSealed/checkpoint",
    "StoreSealed/leaves",
];

fn is_of_nobody(text: &str) -> bool {
    OF_NOBODY
        .iter()
        .any(|known| text == *known || known.strip_prefix('*').is_some_and(|end| text.ends_with(end)))
}

fn golden() -> impl Iterator<Item = (StreamId, Stored)> {
    GOLDEN.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let stream = line["stream"].as_str().unwrap().parse().unwrap();
        (stream, serde_json::from_value(line).unwrap())
    })
}

/// Where texts stand in a value; items of lists all at `*`.
fn texts(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::String(_) => drop(found.insert(at.to_owned())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, &format!("{at}/*"), found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| texts(field, &format!("{at}/{name}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_text_of_every_event_is_personal_or_is_said_not_to_be() {
    let mut unsaid = BTreeSet::new();
    for (stream, stored) in golden() {
        let event = Event::from_stored(&stream, stored);
        let stored = event.to_stored();
        let mut found = BTreeSet::new();
        texts(&stored.data, "", &mut found);
        for at in found {
            let is_personal = event.personal().iter().any(|part| {
                at == part.at || at.strip_prefix(part.at).is_some_and(|rest| rest.starts_with('/'))
            });
            let text = format!("{}{at}", stored.type_name);
            if !is_personal && !is_of_nobody(&text) {
                unsaid.insert(text);
            }
        }
    }
    assert_eq!(unsaid, BTreeSet::new(), "is it personal?");
}

#[test]
fn every_personal_part_is_in_some_golden_event() {
    let mut missing = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (stream, stored) in golden() {
        let event = Event::from_stored(&stream, stored);
        let stored = event.to_stored();
        for part in event.personal() {
            let name = format!("{}{}", stored.type_name, part.at);
            if stored.data.pointer(part.at).is_some() {
                seen.insert(name)
            } else {
                missing.insert(name)
            };
        }
    }
    let never: Vec<_> = missing.difference(&seen).collect();
    assert!(never.is_empty(), "a pointer that leads nowhere protects nobody: {never:?}");
}

#[test]
fn an_event_whose_personal_values_were_erased_is_read() {
    for (stream, stored) in golden() {
        let event = Event::from_stored(&stream, stored);
        let mut erased = event.to_stored();
        for part in event.personal() {
            if let Some(value) = erased.data.pointer_mut(part.at) {
                *value = ERASED.into();
            }
        }
        let read = Event::from_stored(&stream, erased.clone());
        assert!(!matches!(read, Event::Unrecognised(_)), "{erased:?}");
        assert_eq!(read.to_stored(), erased, "it says no more than was left");
    }
}

#[test]
fn an_erased_name_is_no_name() {
    let erased: Name = serde_json::from_value(json!(ERASED)).unwrap();
    assert_eq!((erased.known(), erased.to_string()), (None, "(erased)".to_owned()));
    assert_ne!(erased, Name::from(""));
}

fn identity(name: Name, state: &str) -> Identity {
    Identity { kind: "RamUser".into(), name, state: state.into(), created_at: None }
}

#[test]
fn who_was_erased_and_is_gone_is_not_learned_again() {
    let erased = identity(Name::Erased, "Deleted");
    let seen = identity("alice".into(), "Deleted");
    assert_eq!(Identity::observe(Some(&erased), &seen), []);
}

#[test]
fn who_was_erased_and_is_back_is_learned_without_a_former_name() {
    let events =
        Identity::observe(Some(&identity(Name::Erased, "Deleted")), &identity("alice".into(), "Active"));
    let observed = IdentityEvent::IdentityObserved {
        kind: "RamUser".into(),
        name: "alice".into(),
        state: "Active".into(),
        created_at: None,
    };
    assert_eq!(events, [IdentityEvent::IdentityRestored { intake: None }, observed]);
}

#[test]
fn an_erasure_takes_every_name_that_somebody_bore() {
    let alice = uid("201");
    let stream = StreamId::Identity(alice.clone());
    let observed = |name: &str| IdentityEvent::IdentityObserved {
        kind: "RamUser".into(),
        name: name.into(),
        state: "Deleted".into(),
        created_at: None,
    };
    let renamed = IdentityEvent::IdentityRenamed { from: "alice".into(), to: "alicia".into() };
    let begun = IdentityEvent::PersonalDataErasureBegun { digests: vec![], reason: None, overridden: vec![] };
    let told = [
        (stream.clone(), observed("alice").into()),
        (StreamId::Identity(uid("202")), observed("alicia").into()),
        (stream.clone(), renamed.into()),
        (stream, begun.into()),
    ];
    let projection = Projection::replay(&log(told));
    assert_eq!(projection.identities[&alice].name, Name::Erased);
    assert_eq!(projection.directory.all_bearers("alice"), Bearer::Nobody);
    assert_eq!(projection.directory.all_bearers("alicia"), Bearer::One(uid("202")));
}

#[test]
fn of_whom_nothing_was_known_nothing_is_learned_after_an_erasure() {
    let erased = Identity::evolve(None, &IdentityEvent::PersonalDataErased { values: 0 });
    let (seen, erased) = (identity("alice".into(), "Deleted"), erased.unwrap());
    let after = Identity::observe(Some(&erased), &seen).iter().fold(Some(erased), Identity::evolve);
    assert_eq!(after.unwrap().name, Name::Erased);
}
