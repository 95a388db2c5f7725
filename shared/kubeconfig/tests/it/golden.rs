//! The storage format. `tests/golden/events.jsonl` holds one stored event of every type, in every form that was ever
//! stored and with every variant of its parts. Lines are only ever added.

mod access;
mod cluster;
mod earlier;
mod identity;
mod intake;
mod not_understood;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use kubeconfig::event::Stored;
use kubeconfig::{Actor, Channel, EVENT_TYPES, Event, IntakeId, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::story::{day, key, recorded, uid};
use crate::words::{BY_DELETION, requested};

pub(crate) const GOLDEN: &str = include_str!("../golden/events.jsonl");

/// The names of all types. The `match` has no other arm: a type that is added does not compile until it is named
/// here, and then fails until it has a golden line.
macro_rules! types {
    ($($part:ident { $($variant:ident),+ $(,)? })+) => {
        const TYPES: &[&str] = &[$($(stringify!($variant)),+),+];

        fn name_of(event: &Event) -> &str {
            match event {
                $(Event::$part(event) => parts::$part::name_of(event),)+
                Event::Unrecognised(stored) => &stored.type_name,
            }
        }

        #[allow(non_snake_case)]
        mod parts {
            $(pub(super) mod $part {
                use crate::golden::enums::$part as Enum;

                pub(in crate::golden) fn name_of(event: &Enum) -> &'static str {
                    match event {
                        $(Enum::$variant { .. } => stringify!($variant),)+
                    }
                }
            })+
        }
    };
}

mod enums {
    pub(super) use kubeconfig::access::AccessEvent as Access;
    pub(super) use kubeconfig::cluster::ClusterEvent as Cluster;
    pub(super) use kubeconfig::identity::IdentityEvent as Identity;
    pub(super) use kubeconfig::intake::IntakeEvent as Intake;
    pub(super) use kubeconfig::run::RunEvent as Run;
}

types! {
    Access {
        KubeconfigObserved, KubeconfigRestored, ResidualRbacFound, RevocationRequested, AccessChecked,
        RevocationHeld, RevocationApproved, RevocationRejected, RevocationLapsed, RevocationRefused, PermissionsBackedUp,
        RevocationSubmitted, RevocationConfirmed, RevocationFailed, RevocationOutcomeUnknown,
    }
    Identity {
        IdentityObserved, IdentityRenamed, IdentityDeleted, IdentityRestored, PersonalDataErasureBegun,
        PersonalDataErased,
    }
    Cluster { ClusterObserved, ClusterGone }
    Intake {
        DeletionReceived, DeletionUnresolved, DeletionResolved, DeletionDismissed, DeletionLapsed, MessageNotUnderstood,
        ChatCommandReceived, ChatRevocationOffered, ChatOfferTaken, ChatCommandAnswered, ChatAnswerLost,
        KeyedRequestReceived, KeyedRequestAnswered,
    }
    Run {
        SweepStarted, SweepCompleted, GuardTripped, ExportBegun, ExportTaken, HistoryQueried, StoreSealed,
        KubeconfigExpiring, SweepOverdue, NotificationsBegun, NotificationAnnounced, NotificationDelivered, NotificationFailed,
        NotificationAbandoned,
    }
}

/// One line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    stream: StreamId,
    #[serde(flatten)]
    stored: Stored,
}

impl Line {
    /// The line as it stands in the file: keys sorted, whatever the order that a build of serde_json keeps.
    fn text(&self) -> String {
        sorted(&serde_json::to_value(self).unwrap())
    }
}

fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().collect();
            let fields: Vec<_> =
                fields.into_iter().map(|(k, v)| format!("{}:{}", json!(k), sorted(v))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(sorted).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

fn golden() -> Vec<Line> {
    GOLDEN.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn intake_id() -> IntakeId {
    IntakeId::new(Uuid::from_u128(3))
}

/// As an event of an access.
fn read(stored: Stored) -> Event {
    Event::from_stored(&key().into(), stored)
}

/// Everything that this version may store.
fn samples() -> Vec<Line> {
    let events = access::samples().into_iter().map(|event| (key().into(), Event::Access(event)));
    let run: StreamId = "run/00000000-0000-0000-0000-000000000004".parse().unwrap();
    let events = events
        .chain(identity::samples().map(|event| (StreamId::Identity(uid("201")), event.into())))
        .chain(cluster::samples().map(|event| ("cluster/c1".parse().unwrap(), event.into())))
        .chain(intake::samples().map(|event| (StreamId::Intake(intake_id()), event.into())))
        .chain(run::samples().map(|event| (run.clone(), event.into())));
    events.map(|(stream, event)| Line { stream, stored: event.to_stored() }).collect()
}

#[test]
fn every_type_is_told_to_those_who_search() {
    let told: BTreeSet<&str> = EVENT_TYPES.iter().map(|of| of.name).collect();
    assert_eq!(told, TYPES.iter().copied().collect());
    assert_eq!(told.len(), EVENT_TYPES.len(), "each once");
}

#[test]
fn what_is_stored_today_is_in_the_golden_file_byte_for_byte() {
    let golden: BTreeSet<&str> = GOLDEN.lines().collect();
    let texts: Vec<String> = samples().iter().map(Line::text).collect();
    let missing: Vec<_> = texts.iter().filter(|line| !golden.contains(line.as_str())).collect();
    let lines = missing.iter().fold(String::new(), |lines, line| lines + line + "\n");
    assert!(missing.is_empty(), "a stored form has changed, or is new and to be added:\n{lines}");
}

#[test]
fn every_golden_line_is_read_and_stored_again_as_it_was() {
    let current: BTreeMap<_, _> =
        samples().into_iter().map(|line| (line.stored.type_name, line.stored.schema)).collect();
    for line in golden() {
        let event = Event::from_stored(&line.stream, line.stored.clone());
        assert!(!matches!(event, Event::Unrecognised(_)), "not understood any more: {}", line.text());
        assert_eq!(event.type_name(), line.stored.type_name);
        let again = event.to_stored();
        assert_eq!(again.schema, current[&again.type_name]);
        if line.stored.schema == again.schema {
            assert_eq!(Line { stored: again, ..line.clone() }.text(), line.text());
        }
    }
}

#[test]
fn every_type_has_a_golden_line_of_every_form_it_ever_had() {
    let seen: BTreeSet<_> =
        golden().into_iter().map(|line| (line.stored.type_name, line.stored.schema)).collect();
    let current: BTreeMap<_, _> =
        samples().into_iter().map(|line| (line.stored.type_name, line.stored.schema)).collect();
    for name in TYPES {
        let newest = *current.get(*name).unwrap_or_else(|| panic!("no sample of {name}"));
        for schema in 1..=newest {
            assert!(seen.contains(&((*name).to_owned(), schema)), "no golden line of {name}, form {schema}");
        }
    }
}

#[test]
fn the_name_of_a_type_is_the_name_of_its_variant() {
    for line in samples() {
        let event = Event::from_stored(&line.stream, line.stored.clone());
        assert_eq!(name_of(&event), line.stored.type_name);
        assert!(TYPES.contains(&name_of(&event)));
    }
}

// The words of the envelope are stored, too.

#[test]
fn the_door_is_stored_under_the_word_that_is_searched_for() {
    let doors = [
        (Channel::EventBridge, "eventbridge"),
        (Channel::Timer, "timer"),
        (Channel::Http, "http"),
        (Channel::Cli, "cli"),
        (Channel::Slack, "slack"),
        (Channel::DingTalk, "dingtalk"),
        (Channel::Feishu, "feishu"),
    ];
    for (door, word) in doors {
        assert_eq!(serde_json::to_value(&door).unwrap(), word);
        assert_eq!(door.as_str(), word);
    }
}

#[test]
fn a_cloud_event_carries_the_stored_form() {
    let event = recorded(&key().into(), 3, requested(BY_DELETION).event.into(), Actor::timer(), day(0));
    let shown = kubeconfig::cloud_event(&event);
    assert_eq!(shown["specversion"], "1.0");
    assert_eq!(shown["type"], "RevocationRequested");
    assert_eq!(shown["subject"], key_text());
    assert_eq!(shown["data"], event.event.to_stored().data);
    assert_eq!((&shown["streamversion"], &shown["actorchannel"]), (&json!(3), &json!("timer")));
    let names = shown.as_object().unwrap().keys();
    assert!(names.clone().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())));
}

fn key_text() -> String {
    StreamId::Kubeconfig(key()).to_string()
}
