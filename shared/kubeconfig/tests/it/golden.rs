//! The storage format. `tests/golden/events.jsonl` holds one stored event of every type, in every form that was ever
//! stored and with every variant of its parts. Lines are only ever added.

use std::collections::{BTreeMap, BTreeSet};

use kubeconfig::access::{AccessEvent, Failure, HoldReason, Refusal, Trigger};
use kubeconfig::chat::{Asked, ChatCommand, Inspection, Offer, PastedCertificate, Taken};
use kubeconfig::cluster::{Cluster, ClusterEvent};
use kubeconfig::event::Stored;
use kubeconfig::guard::Tripped;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{Deletion, IntakeEvent, ResolvedBy, Unresolved};
use kubeconfig::keyed::{KeyedAnswer, KeyedRequest};
use kubeconfig::notification::Announcement;
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision};
use kubeconfig::reading::{ClusterState, Reading};
use kubeconfig::run::{RunEvent, Seal, SweepReport};
use kubeconfig::{Access, Actor, Channel, Event, EventId, Fields, IntakeId, Status, StreamId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::story::{FIRST, day, given, key, recorded, uid};
use crate::words::*;

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

/// Everything that this version may store.
fn samples() -> Vec<Line> {
    let events = access_samples().into_iter().map(|event| (key().into(), Event::Access(event)));
    let run: StreamId = "run/00000000-0000-0000-0000-000000000004".parse().unwrap();
    let events = events
        .chain(identity_samples().map(|event| (StreamId::Identity(uid("201")), event.into())))
        .chain(cluster_samples().map(|event| ("cluster/c1".parse().unwrap(), event.into())))
        .chain(intake_samples().map(|event| (StreamId::Intake(intake_id()), event.into())))
        .chain(run_samples().map(|event| (run.clone(), event.into())));
    events.map(|(stream, event)| Line { stream, stored: event.to_stored() }).collect()
}

fn access_samples() -> Vec<AccessEvent> {
    let facts = [
        observed(live()),
        observed(gone().certificate("Unissued", None).permissions_not_read()),
        observed(
            reading()
                .certificate("Suspended", None)
                .cluster("hibernating")
                .kind("CloudBox")
                .account("Frozen"),
        ),
        restored(live()),
        residual_found(residual()),
        approved(),
        rejected(),
        lapsed(),
        backed_up(),
        submitted(1),
        submitted_with_force(2),
        confirmed(gone()),
        outcome_unknown(1),
        cleared(),
        checked(used(), Decision::Hold),
        checked(AccessCheck::RecordsFound { last_access: None }, Decision::Leave),
        checked(unaudited(), Decision::Hold),
        checked(
            AccessCheck::CheckFailed { cause: CheckFailure::Error { message: "x".into() } },
            Decision::Hold,
        ),
    ];
    let mut events: Vec<AccessEvent> = facts.into_iter().map(|fact| fact.event).collect();
    let why = |text: &str| Some(text.to_owned());
    events.push(AccessEvent::RevocationApproved { revocation: FIRST, note: why("seen") });
    events.push(AccessEvent::RevocationRejected { revocation: FIRST, note: why("in use") });
    let triggers = [
        BY_DELETION,
        Trigger::IdentityDeleted { intake: Some(intake_id()) },
        Trigger::Expired,
        Trigger::Requested,
    ];
    events.extend(triggers.map(|trigger| requested(trigger).event));
    let (trigger, reason) = (Trigger::Requested, why("left"));
    events.push(AccessEvent::RevocationRequested { revocation: FIRST, trigger, reason });
    let holds = [
        HoldReason::AccessCheck { check: used() },
        HoldReason::Guard(flood()),
        HoldReason::Guard(Tripped::Share { planned: 3, known: 9 }),
        HoldReason::AccessChanged,
        HoldReason::AttemptsExhausted { attempts: 5 },
    ];
    events.extend(holds.map(|reason| held(reason).event));
    let failed_check = AccessCheck::CheckFailed { cause: CheckFailure::Error { message: "x".into() } };
    events.push(held(HoldReason::AccessCheck { check: failed_check.clone() }).event);
    events.push(refused(Refusal::Policy { check: failed_check }).event);
    let failures = [timeout(), Failure::StillThere, Failure::PermissionsLeft];
    events.extend(failures.map(|failure| failed(1, failure).event));
    events.extend(refusals().map(|refusal| refused(refusal).event));
    events
}

fn refusals() -> [Refusal; 13] {
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

fn identity_samples() -> impl Iterator<Item = IdentityEvent> {
    let observed = |created_at| IdentityEvent::IdentityObserved {
        kind: "RamUser".into(),
        name: "alice".into(),
        state: "InActive".into(),
        created_at,
    };
    [
        observed(None),
        observed(Some(day(0))),
        IdentityEvent::IdentityRenamed { from: "alice".into(), to: "alicia".into() },
        IdentityEvent::IdentityDeleted { intake: None },
        IdentityEvent::IdentityDeleted { intake: Some(intake_id()) },
        IdentityEvent::IdentityRestored { intake: None },
        IdentityEvent::IdentityRestored { intake: Some(intake_id()) },
        IdentityEvent::PersonalDataErasureBegun {
            digests: vec!["X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0".into()],
        },
        IdentityEvent::PersonalDataErased { values: 7 },
    ]
    .into_iter()
}

fn cluster_samples() -> impl Iterator<Item = ClusterEvent> {
    let cluster = Cluster {
        name: "shop".into(),
        region: "cn-hangzhou".into(),
        state: ClusterState::Running,
        profile: "Acs".into(),
    };
    [ClusterEvent::ClusterObserved(cluster), ClusterEvent::ClusterGone {}].into_iter()
}

fn intake_samples() -> impl Iterator<Item = IntakeEvent> {
    let received = |uid| {
        let (kind, name) = ("RamRole".into(), "deploy".into());
        IntakeEvent::DeletionReceived(Deletion { kind, name, uid, deleted_at: day(0) })
    };
    let by = [
        ResolvedBy::Message,
        ResolvedBy::History,
        ResolvedBy::RecycleBin,
        ResolvedBy::AuditTrail,
        ResolvedBy::ClusterListing,
        ResolvedBy::Person,
    ];
    let ambiguous = Unresolved::Ambiguous { candidates: vec![uid("201"), uid("202")] };
    [
        received(None),
        received(Some(uid("301"))),
        IntakeEvent::DeletionUnresolved { reason: Unresolved::NobodyFound },
        IntakeEvent::DeletionUnresolved { reason: ambiguous },
        IntakeEvent::DeletionDismissed { note: "a test user".into() },
        IntakeEvent::DeletionLapsed { days: 30 },
        IntakeEvent::KeyedRequestReceived(KeyedRequest {
            key: "ticket-7".into(),
            fingerprint: "00ff".into(),
            until: day(30),
        }),
        IntakeEvent::KeyedRequestAnswered(KeyedAnswer { status: 202, body: json!({ "outcomes": [] }) }),
        IntakeEvent::MessageNotUnderstood { problem: "no name".into(), message: json!({"a": [1, null]}) },
    ]
    .into_iter()
    .chain(by.map(|by| IntakeEvent::DeletionResolved { uid: uid("201"), by }))
    .chain(chat_samples())
}

fn chat_samples() -> impl Iterator<Item = IntakeEvent> {
    let received = |asked| {
        IntakeEvent::ChatCommandReceived(ChatCommand {
            message: "slack/1.2.a".into(),
            user: "U1".into(),
            conversation: "C1".into(),
            asked,
            answer_to: "AAAA".into(),
            answer_until: day(1),
        })
    };
    let button = Asked::Button { choice: "confirm".into(), subject: Uuid::from_u128(5), hold: 2 };
    let offered = |reason| {
        let (clusters, needs_approval) = (vec!["c1".parse().unwrap()], vec!["c2".parse().unwrap()]);
        IntakeEvent::ChatRevocationOffered(Offer { uid: uid("201"), clusters, needs_approval, reason })
    };
    [
        received(Asked::Words { text: "revoke alice all".into() }),
        received(button),
        received(Asked::Refused { why: "this button has expired".into() }),
        received(Asked::Inspection(inspection())),
        received(Asked::Inspection(Inspection::default())),
        offered(None),
        offered(Some("has left".into())),
        IntakeEvent::ChatOfferTaken(Taken { choice: "cancel".into(), by: intake_id() }),
        IntakeEvent::ChatCommandAnswered { said: "3 clusters".into() },
        IntakeEvent::ChatAnswerLost { said: "3 clusters".into(), why: "the address has expired".into() },
    ]
    .into_iter()
}

fn inspection() -> Inspection {
    let certificate = PastedCertificate {
        common_name: "201-1700000000".into(),
        uid: Some(uid("201")),
        groups: vec!["system:users".into()],
        cluster: Some("c1".parse().unwrap()),
        not_before: day(0),
        not_after: day(1),
        sha256: "00ff".into(),
    };
    let foreign = PastedCertificate {
        common_name: "kubernetes-admin".into(),
        uid: None,
        groups: vec![],
        cluster: None,
        ..certificate.clone()
    };
    Inspection {
        certificates: vec![certificate, foreign],
        others: vec!["a token".into()],
        private_key: true,
        credential: true,
    }
}

fn run_samples() -> impl Iterator<Item = RunEvent> {
    let query = || "actor=alice".to_owned();
    let next = Some("c2".to_owned());
    [
        RunEvent::SweepStarted { resumed_from: None },
        RunEvent::SweepStarted { resumed_from: next.clone() },
        RunEvent::SweepCompleted(SweepReport::default()),
        RunEvent::SweepCompleted(SweepReport { clusters: 3, next, ..SweepReport::default() }),
        RunEvent::SweepCompleted(SweepReport {
            outbox_until: Some(jiff::Timestamp::UNIX_EPOCH),
            ..SweepReport::default()
        }),
        RunEvent::GuardTripped(flood()),
        RunEvent::ExportBegun { query: query(), format: "csv".into(), after: None },
        RunEvent::ExportBegun {
            query: query(),
            format: "csv".into(),
            after: Some(kubeconfig::EventId::new(Uuid::from_u128(9))),
        },
        RunEvent::ExportTaken { query: query(), format: "csv".into(), events: 7 },
        RunEvent::HistoryQueried { query: query() },
        RunEvent::StoreSealed(Seal {
            checkpoint: "example.com/reaper\n3\n…\n\n— example.com/reaper …\n".into(),
            before: "AAAA".into(),
            leaves: "BBBBCCCC".into(),
            positions: vec![(2, 1), (7, 1)],
        }),
    ]
    .into_iter()
    .chain(notification_samples())
}

fn notification_samples() -> impl Iterator<Item = RunEvent> {
    let message = Uuid::from_u128(6);
    let announcement = Announcement {
        target: "slack".into(),
        message,
        events: vec![EventId::new(Uuid::from_u128(7))],
        from: "AQAB".into(),
        attempt: 2,
    };
    [
        RunEvent::KubeconfigExpiring { cluster: key().cluster, uid: key().uid, expires_at: day(9) },
        RunEvent::SweepOverdue { since: None },
        RunEvent::SweepOverdue { since: Some(day(1)) },
        RunEvent::NotificationsBegun { target: "slack".into(), from: "AQAA".into() },
        RunEvent::NotificationAnnounced(announcement),
        RunEvent::NotificationDelivered { message },
        RunEvent::NotificationFailed { message, why: "HTTP 500".into(), not_before: day(1) },
        RunEvent::NotificationAbandoned { message, why: "HTTP 404".into() },
    ]
    .into_iter()
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

// The path from an earlier form.

fn read(stored: Stored) -> Event {
    Event::from_stored(&key().into(), stored)
}

fn form_1(data: Value) -> Stored {
    Stored { type_name: "KubeconfigObserved".into(), schema: 1, data }
}

fn one_certificate(cert_state: &str) -> Value {
    let account = json!({ "kind": "RamUser", "state": "Deleted" });
    json!({ "cluster_state": "running", "account": account, "cert_state": cert_state })
}

fn lifted(reading: Reading) -> Event {
    AccessEvent::KubeconfigObserved { reading }.into()
}

#[test]
fn the_one_certificate_of_form_1_becomes_the_only_one_of_several() {
    let mut data = one_certificate("Unexpired");
    assert_eq!(
        read(form_1(data.clone())),
        lifted(reading().certificate("Unexpired", None).permissions_not_read())
    );
    data["expires_at"] = json!(day(300));
    let event = read(form_1(data));
    assert_eq!(event, lifted(reading().certificate("Unexpired", Some(day(300))).permissions_not_read()));
    assert_eq!(event.to_stored().schema, 2);
}

#[test]
fn form_1_decides_the_status_as_form_2_does() {
    for (word, status) in [
        ("Unexpired", Status::Effective),
        ("Expired", Status::Expired),
        ("Unissued", Status::NotIssued),
        ("Removed", Status::Unknown),
        ("Whatever", Status::Unknown),
    ] {
        given([]).and_stored(read(form_1(one_certificate(word)))).then_status(status);
    }
}

// What cannot be read.

fn not_understood() -> Vec<Stored> {
    let stored = |type_name: &str, schema, data| Stored { type_name: type_name.into(), schema, data };
    let observed = observed(live()).event;
    let submitted = Event::Access(submitted(1).event).to_stored();
    let mut all = vec![
        stored("KubeconfigObserved", 3, Event::Access(observed.clone()).to_stored().data),
        stored("KubeconfigObserved", 0, Event::Access(observed).to_stored().data),
        stored("RevocationSubmitted", 2, submitted.data.clone()),
        stored("RevocationSubmitted", u16::MAX, submitted.data.clone()),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST, "attempt": "one", "force": true })),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST, "attempt": -1, "force": true })),
        stored("RevocationSubmitted", 1, json!({ "revocation": FIRST })),
        stored("KubeconfigBlessed", 1, json!({ "by": "nobody" })),
        stored("kubeconfigobserved", 1, one_certificate("Expired")),
        stored("IdentityDeleted", 1, json!({})),
        stored("", 1, Value::Null),
    ];
    for odd in [json!(null), json!("text"), json!(7), json!(true), json!([]), json!([1]), json!({})] {
        all.push(form_1(odd.clone()));
        all.push(stored("KubeconfigObserved", 2, odd.clone()));
        all.push(stored("RevocationConfirmed", 1, odd));
    }
    let mut half = one_certificate("Expired");
    half["account"] = json!("RamUser");
    all.push(form_1(half));
    all
}

#[test]
fn what_cannot_be_read_is_kept_as_it_is() {
    for stored in not_understood() {
        let event = read(stored.clone());
        assert_eq!(event, Event::Unrecognised(stored.clone()));
        assert_eq!(event.to_stored(), stored);
        assert_eq!(event.type_name(), stored.type_name);
        assert_eq!(serde_json::to_value(&event).unwrap()["data"], stored.data);
    }
}

#[test]
fn what_cannot_be_read_changes_no_status() {
    let before = given(called_once());
    for stored in not_understood() {
        let after = before.clone().and_stored(read(stored));
        assert_eq!(
            after.access,
            Access { version: after.access.version, unrecognised: true, ..before.access.clone() }
        );
        assert_eq!(after.access.version, before.access.version + 1);
    }
}

#[test]
fn an_event_in_a_stream_of_another_kind_is_not_understood() {
    for line in golden() {
        for other in ["kubeconfig/c1/201", "identity/201", "cluster/c1"] {
            let other: StreamId = other.parse().unwrap();
            if other.kind() != line.stream.kind() {
                let event = Event::from_stored(&other, line.stored.clone());
                assert_eq!(event, Event::Unrecognised(line.stored.clone()));
            }
        }
    }
}

/// As a store reads it: the fields as text.
fn read_text(stream: &StreamId, stored: &Stored) -> Event {
    let data = serde_json::value::to_raw_value(&stored.data).unwrap();
    Event::from_text(stream, stored.type_name.clone(), stored.schema, &data).unwrap()
}

#[test]
fn read_from_text_every_event_is_what_it_is_read_from_fields() {
    let streams = ["kubeconfig/c1/201", "identity/201", "cluster/c1"].map(|stream| stream.parse().unwrap());
    let golden = golden().into_iter().map(|line| (line.stream, line.stored));
    let odd = not_understood().into_iter().map(|stored| (key().into(), stored));
    for (own, stored) in golden.chain(odd) {
        for stream in streams.iter().chain([&own]) {
            let event = read_text(stream, &stored);
            assert_eq!(event, Event::from_stored(stream, stored.clone()));
            assert_eq!(
                (event.type_name(), event.schema()),
                (stored.type_name.clone(), event.to_stored().schema)
            );
            assert_eq!(serde_json::to_value(Fields(&event)).unwrap(), event.to_stored().data);
        }
    }
}

#[test]
fn what_was_damaged_after_it_was_written_is_read_from_text_as_it_is_from_fields() {
    for data in [
        r#"{"attempt":1,"attempt":1,"revocation":"0190b5c4-0000-7000-8000-000000000001","force":true}"#,
        r#"{"attempt":1,"type":"RevocationHeld","revocation":"0190b5c4-0000-7000-8000-000000000001","force":false}"#,
        "{}",
        "[[],{}]",
    ] {
        for type_name in ["RevocationSubmitted", r#"RevocationSubmitted","data":{},"x":""#, r"\u0041"] {
            let raw: Box<serde_json::value::RawValue> = serde_json::from_str(data).unwrap();
            let stored =
                Stored { type_name: type_name.into(), schema: 1, data: serde_json::from_str(data).unwrap() };
            let event = Event::from_text(&key().into(), type_name.into(), 1, &raw).unwrap();
            assert_eq!(event, read(stored), "{type_name} {data}");
        }
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
