//! Anything at all: readings, circumstances, commands and events, with words that nobody knows.

use jiff::Timestamp;
use kubeconfig::access::{Command, Failure, HoldReason, Protections, Refusal, Trigger};
use kubeconfig::chat::{Asked, ChatCommand, Inspection, Offer, PastedCertificate, Taken};
use kubeconfig::cluster::{Cluster, ClusterEvent};
use kubeconfig::guard::Tripped;
use kubeconfig::identity::IdentityEvent;
use kubeconfig::intake::{Deletion, IntakeEvent, ResolvedBy, Unresolved};
use kubeconfig::keyed::{KeyedAnswer, KeyedRequest};
use kubeconfig::notification::Announcement;
use kubeconfig::personal::Name;
use kubeconfig::policy::{AccessCheck, CheckFailure, Decision, Policy, Rules};
use kubeconfig::reading::{Account, Bindings, Certificate, Permission, Reading};
use kubeconfig::run::{OutboxPlace, RunEvent, Seal, SweepReport};
use kubeconfig::{AccessEvent, Actor, Channel, Event, EventId, IntakeId, RevocationId, StreamId, Uid};
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use crate::story::{day, key, uid};

fn one_of(words: &'static [&'static str]) -> impl Strategy<Value = &'static str> + Clone {
    select(words)
}

pub(crate) fn time() -> impl Strategy<Value = Timestamp> + Clone {
    (-40_i64..400).prop_map(day)
}

fn text() -> impl Strategy<Value = String> + Clone {
    prop_oneof![Just(String::new()), Just("läuft ab\n\"x\"\u{1f5dd}".to_owned()), Just("plain".to_owned())]
}

pub(crate) fn reading() -> impl Strategy<Value = Reading> + Clone {
    let cluster = prop_oneof![
        6 => Just("running"),
        1 => one_of(&["updating", "deleting", "deleted", "delete_failed", "failed", "hibernating", ""]),
    ];
    let kind = prop_oneof![8 => one_of(&["RamUser", "RamRole"]), 1 => one_of(&["RootAccount", "CloudBox"])];
    let account = prop_oneof![6 => Just("Deleted"), 1 => one_of(&["Active", "InActive", "Frozen"])];
    let words =
        &["Unexpired", "Unexpired", "Expired", "Removed", "Unissued", "Revoked", "Unknown", "Suspended"];
    let certificate = (one_of(words), prop::option::of(time()))
        .prop_map(|(state, expires_at)| Certificate { state: state.into(), expires_at });
    (cluster, kind, account, prop::collection::vec(certificate, 0..3), bindings()).prop_map(
        |(cluster, kind, account, certificates, bindings)| Reading {
            cluster_state: cluster.into(),
            account: Account { kind: kind.into(), state: account.into() },
            certificates,
            bindings,
        },
    )
}

fn bindings() -> impl Strategy<Value = Bindings> + Clone {
    prop_oneof![Just(Bindings::No), permissions().prop_map(Bindings::Yes)]
}

fn permissions() -> impl Strategy<Value = Vec<Permission>> + Clone {
    let permission =
        (one_of(&["c1", "c1/default", "all-clusters"]), text()).prop_map(|(resource, role)| Permission {
            resource_id: resource.into(),
            resource_type: "cluster".into(),
            role_name: role,
            role_type: "custom".into(),
        });
    prop::collection::vec(permission, 0..3)
}

pub(crate) fn check() -> impl Strategy<Value = AccessCheck> + Clone {
    prop_oneof![
        Just(AccessCheck::NoRecords),
        prop::option::of(time()).prop_map(|last_access| AccessCheck::RecordsFound { last_access }),
        Just(AccessCheck::CheckFailed { cause: CheckFailure::AuditLoggingOff }),
        text().prop_map(|message| AccessCheck::CheckFailed { cause: CheckFailure::Error { message } }),
    ]
}

fn decision() -> impl Strategy<Value = Decision> + Clone {
    select(vec![Decision::Revoke, Decision::Hold, Decision::Leave])
}

fn rules() -> impl Strategy<Value = Rules> + Clone {
    (decision(), decision(), decision()).prop_map(|(no_records, records_found, check_failed)| Rules {
        no_records,
        records_found,
        check_failed,
    })
}

pub(crate) fn policy() -> impl Strategy<Value = Policy> + Clone {
    (rules(), rules(), rules(), any::<bool>(), 0_u32..4, 0_u32..60, 0_u32..30, 0_u32..60, 0_u32..200)
        .prop_map(
            |(
                identity_deleted,
                expired,
                requested,
                second_person,
                max_attempts,
                ask_again_hours,
                hold_days,
                message_hold_days,
                call_lease_seconds,
            )| Policy {
                identity_deleted,
                expired,
                requested,
                second_person,
                max_attempts,
                ask_again_hours,
                hold_days,
                message_hold_days,
                call_lease_seconds,
            },
        )
}

pub(crate) fn protections() -> impl Strategy<Value = Protections> + Clone {
    let set = || prop_oneof![12 => Just(vec![uid("99")]), 1 => Just(vec![uid("99"), key().uid])];
    (set(), set(), set(), set()).prop_map(|(roots, callers, function_roles, protected)| {
        let set = |uids: Vec<Uid>| uids.into_iter().collect();
        Protections {
            roots: set(roots),
            callers: set(callers),
            function_roles: set(function_roles),
            protected: set(protected),
        }
    })
}

pub(crate) fn actor() -> impl Strategy<Value = Actor> + Clone {
    let channel = select(vec![
        Channel::EventBridge,
        Channel::Timer,
        Channel::Http,
        Channel::Cli,
        Channel::Slack,
        Channel::DingTalk,
        Channel::Feishu,
    ]);
    let name = || prop::option::of(one_of(&["alice", "bob", "ops"]).prop_map(str::to_owned));
    (channel, name(), name()).prop_map(|(channel, principal, human)| Actor { channel, principal, human })
}

pub(crate) fn revocation() -> impl Strategy<Value = RevocationId> + Clone {
    prop_oneof![4 => Just(1_u128), 1 => Just(2_u128), 1 => Just(3_u128)]
        .prop_map(|n| RevocationId::new(Uuid::from_u128(n)))
}

fn intake_id() -> impl Strategy<Value = IntakeId> + Clone {
    (0_u128..3).prop_map(|n| IntakeId::new(Uuid::from_u128(n)))
}

pub(crate) fn trigger() -> impl Strategy<Value = Trigger> + Clone {
    prop_oneof![
        prop::option::of(intake_id()).prop_map(|intake| Trigger::IdentityDeleted { intake }),
        Just(Trigger::Expired),
        Just(Trigger::Requested),
    ]
}

pub(crate) fn tripped() -> impl Strategy<Value = Tripped> + Clone {
    prop_oneof![
        any::<(u32, u32)>().prop_map(|(planned, limit)| Tripped::Identities { planned, limit }),
        any::<(u32, u32)>().prop_map(|(planned, known)| Tripped::Share { planned, known }),
    ]
}

pub(crate) fn refusal() -> impl Strategy<Value = Refusal> + Clone {
    prop_oneof![
        select(vec![
            Refusal::RootAccount,
            Refusal::Caller,
            Refusal::FunctionRole,
            Refusal::ProtectedIdentity,
            Refusal::IdentityExists,
            Refusal::NotIssued,
            Refusal::AlreadyDeleted,
            Refusal::Revoked,
            Refusal::StatusUnknown,
            Refusal::NotExpired,
        ]),
        text().prop_map(|word| Refusal::ClusterState { state: word.into() }),
        check().prop_map(|check| Refusal::Policy { check }),
        (any::<u16>(), text(), text(), prop::option::of(text())).prop_map(
            |(status, code, message, request_id)| Refusal::Cloud { status, code, message, request_id },
        ),
    ]
}

pub(crate) fn failure() -> impl Strategy<Value = Failure> + Clone {
    prop_oneof![
        (text(), text(), prop::option::of(text())).prop_map(|(code, message, request_id)| Failure::Call {
            code,
            message,
            request_id
        }),
        Just(Failure::StillThere),
        Just(Failure::PermissionsLeft),
    ]
}

pub(crate) fn command() -> impl Strategy<Value = Command> + Clone {
    let id = revocation;
    let note = || prop::option::of(text());
    let hold = || prop::option::of(0_u32..4);
    prop_oneof![
        reading().prop_map(Command::Observe),
        (id(), trigger(), note(), reading(), prop::option::weighted(0.2, tripped())).prop_map(
            |(revocation, trigger, reason, reading, guard)| Command::Request {
                revocation,
                trigger,
                reason,
                reading,
                guard
            }
        ),
        (id(), check()).prop_map(|(revocation, check)| Command::RecordCheck { revocation, check }),
        (id(), hold(), note()).prop_map(|(revocation, hold, note)| Command::Approve {
            revocation,
            hold,
            note
        }),
        (id(), hold(), note()).prop_map(|(revocation, hold, note)| Command::Reject {
            revocation,
            hold,
            note
        }),
        id().prop_map(|revocation| Command::Lapse { revocation }),
        (id(), 0_u32..4, permissions()).prop_map(|(revocation, after_holds, permissions)| Command::BackUp {
            revocation,
            after_holds,
            permissions
        }),
        (id(), reading()).prop_map(|(revocation, reading)| Command::Submit { revocation, reading }),
        (id(), 0_u32..4, refusal()).prop_map(|(revocation, attempt, refusal)| Command::RecordRefusal {
            revocation,
            attempt,
            refusal
        }),
        (id(), 0_u32..4, failure()).prop_map(|(revocation, attempt, failure)| Command::RecordFailure {
            revocation,
            attempt,
            failure
        }),
        (id(), 0_u32..4, text()).prop_map(|(revocation, attempt, detail)| Command::RecordUnknown {
            revocation,
            attempt,
            detail
        }),
        (id(), reading()).prop_map(|(revocation, reading)| Command::RecordReadBack { revocation, reading }),
    ]
}

/// Any event of a pair, whether or not it makes sense where it stands.
pub(crate) fn access_event() -> impl Strategy<Value = AccessEvent> + Clone {
    use AccessEvent::*;
    let id = revocation;
    let note = || prop::option::of(text());
    let hold = prop_oneof![
        check().prop_map(|check| HoldReason::AccessCheck { check }),
        tripped().prop_map(HoldReason::Guard),
        Just(HoldReason::AccessChanged),
        any::<u32>().prop_map(|attempts| HoldReason::AttemptsExhausted { attempts }),
    ];
    prop_oneof![
        reading().prop_map(|reading| KubeconfigObserved { reading }),
        reading().prop_map(|reading| KubeconfigRestored { reading }),
        reading().prop_map(|reading| ResidualRbacFound { reading }),
        (id(), trigger(), note()).prop_map(|(revocation, trigger, reason)| RevocationRequested {
            revocation,
            trigger,
            reason
        }),
        (id(), check(), decision()).prop_map(|(revocation, check, decision)| AccessChecked {
            revocation,
            check,
            decision
        }),
        (id(), hold).prop_map(|(revocation, reason)| RevocationHeld { revocation, reason }),
        (id(), note()).prop_map(|(revocation, note)| RevocationApproved { revocation, note }),
        (id(), note()).prop_map(|(revocation, note)| RevocationRejected { revocation, note }),
        (id(), any::<u32>()).prop_map(|(revocation, days)| RevocationLapsed { revocation, days }),
        (id(), refusal()).prop_map(|(revocation, refusal)| RevocationRefused { revocation, refusal }),
        (id(), permissions())
            .prop_map(|(revocation, permissions)| PermissionsBackedUp { revocation, permissions }),
        (id(), any::<u32>(), any::<bool>()).prop_map(|(revocation, attempt, force)| RevocationSubmitted {
            revocation,
            attempt,
            force
        }),
        (id(), reading()).prop_map(|(revocation, reading)| RevocationConfirmed { revocation, reading }),
        (id(), any::<u32>(), failure()).prop_map(|(revocation, attempt, failure)| RevocationFailed {
            revocation,
            attempt,
            failure
        }),
        (id(), any::<u32>(), text()).prop_map(|(revocation, attempt, detail)| {
            RevocationOutcomeUnknown { revocation, attempt, detail }
        }),
    ]
}

fn person_name() -> impl Strategy<Value = Name> {
    prop_oneof![9 => text().prop_map(Name::from), 1 => Just(Name::Erased)]
}

fn identity_event() -> impl Strategy<Value = IdentityEvent> {
    use IdentityEvent::*;
    let state = one_of(&["Active", "InActive", "Deleted", "Frozen"]);
    let intake = || prop::option::of(intake_id());
    prop_oneof![
        (one_of(&["RamUser", "RamRole", "CloudBox"]), person_name(), state, prop::option::of(time()))
            .prop_map(|(kind, name, state, created_at)| IdentityObserved {
                kind: kind.into(),
                name,
                state: state.into(),
                created_at
            }),
        (person_name(), person_name()).prop_map(|(from, to)| IdentityRenamed { from, to }),
        intake().prop_map(|intake| IdentityDeleted { intake }),
        intake().prop_map(|intake| IdentityRestored { intake }),
        (prop::collection::vec(text(), 0..3), prop::option::of(text()), prop::collection::vec(text(), 0..3))
            .prop_map(|(digests, reason, overridden)| PersonalDataErasureBegun {
                digests,
                reason,
                overridden
            }),
        any::<u64>().prop_map(|values| PersonalDataErased { values }),
    ]
}

fn cluster_event() -> impl Strategy<Value = ClusterEvent> {
    prop_oneof![
        (text(), text(), text()).prop_map(|(name, region, state)| ClusterEvent::ClusterObserved(Cluster {
            name,
            region,
            state: state.into(),
            profile: "Acs".into(),
        })),
        Just(ClusterEvent::ClusterGone {}),
    ]
}

fn intake_event() -> impl Strategy<Value = IntakeEvent> {
    use IntakeEvent::*;
    let by = select(vec![
        ResolvedBy::Message,
        ResolvedBy::History,
        ResolvedBy::RecycleBin,
        ResolvedBy::AuditTrail,
        ResolvedBy::ClusterListing,
        ResolvedBy::Person,
    ]);
    let deletion = (person_name(), prop::option::of(Just(uid("201"))), time())
        .prop_map(|(name, uid, deleted_at)| Deletion { kind: "RamUser".into(), name, uid, deleted_at });
    let reason = prop_oneof![
        Just(Unresolved::NobodyFound),
        Just(Unresolved::Ambiguous { candidates: vec![uid("201"), uid("202")] }),
    ];
    let message =
        select(vec![serde_json::json!(null), serde_json::json!("{"), serde_json::json!({"a": [1.5]})]);
    prop_oneof![
        deletion.prop_map(DeletionReceived),
        reason.prop_map(|reason| DeletionUnresolved { reason }),
        by.prop_map(|by| DeletionResolved { uid: uid("201"), by }),
        text().prop_map(|note| DeletionDismissed { note }),
        any::<u32>().prop_map(|days| DeletionLapsed { days }),
        (text(), message).prop_map(|(problem, message)| MessageNotUnderstood { problem, message }),
        chat_event(),
        keyed_event(),
    ]
}

fn keyed_event() -> impl Strategy<Value = IntakeEvent> {
    let request = (text(), time()).prop_map(|(fingerprint, until)| KeyedRequest {
        key: "ticket-7".into(),
        fingerprint,
        until,
    });
    let answer = (200_u16..500, text())
        .prop_map(|(status, word)| KeyedAnswer { status, body: serde_json::json!({ "outcomes": [word] }) });
    prop_oneof![
        request.prop_map(IntakeEvent::KeyedRequestReceived),
        answer.prop_map(IntakeEvent::KeyedRequestAnswered),
    ]
}

fn chat_event() -> impl Strategy<Value = IntakeEvent> {
    use IntakeEvent::*;
    let asked = prop_oneof![
        text().prop_map(|text| Asked::Words { text }),
        text().prop_map(|why| Asked::Refused { why }),
        inspection().prop_map(Asked::Inspection),
        (text(), any::<u32>()).prop_map(|(choice, hold)| Asked::Button {
            choice,
            subject: Uuid::from_u128(1),
            hold
        }),
    ];
    let command = (asked, text(), time()).prop_map(|(asked, answer_to, answer_until)| ChatCommand {
        message: "slack/1".into(),
        user: "U1".into(),
        conversation: "C1".into(),
        asked,
        answer_to,
        answer_until,
    });
    let offer = prop::option::of(text()).prop_map(|reason| Offer {
        uid: uid("201"),
        clusters: vec![key().cluster],
        needs_approval: vec![],
        reason,
    });
    let by = IntakeId::new(Uuid::from_u128(3));
    prop_oneof![
        command.prop_map(ChatCommandReceived),
        offer.prop_map(ChatRevocationOffered),
        text().prop_map(move |choice| ChatOfferTaken(Taken { choice, by })),
        text().prop_map(|said| ChatCommandAnswered { said }),
        (text(), text()).prop_map(|(said, why)| ChatAnswerLost { said, why }),
    ]
}

fn inspection() -> impl Strategy<Value = Inspection> {
    let certificate =
        (text(), any::<bool>(), time(), time()).prop_map(|(common_name, named, not_before, not_after)| {
            PastedCertificate {
                uid: named.then(|| uid("201")),
                cluster: named.then(|| key().cluster),
                groups: named.then(|| common_name.clone()).into_iter().collect(),
                common_name,
                not_before,
                not_after,
                sha256: "00".into(),
            }
        });
    let certificates = prop::collection::vec(certificate, 0..3);
    let others = prop::collection::vec(text(), 0..3);
    (certificates, others, any::<bool>(), any::<bool>()).prop_map(
        |(certificates, others, private_key, credential)| Inspection {
            certificates,
            others,
            private_key,
            credential,
        },
    )
}

fn notification_event() -> impl Strategy<Value = RunEvent> {
    use RunEvent::*;
    let message = || (0_u128..3).prop_map(Uuid::from_u128);
    let events = prop::collection::vec((0_u128..4).prop_map(|n| EventId::new(Uuid::from_u128(n))), 0..3);
    prop_oneof![
        time().prop_map(|expires_at| KubeconfigExpiring {
            cluster: key().cluster,
            uid: key().uid,
            expires_at
        }),
        prop::option::of(time()).prop_map(|since| SweepOverdue { since }),
        (text(), text()).prop_map(|(target, from)| NotificationsBegun { target, from }),
        (text(), message(), events, text(), any::<u32>()).prop_map(
            |(target, message, events, from, attempt)| NotificationAnnounced(Announcement {
                target,
                message,
                events,
                from,
                attempt
            })
        ),
        message().prop_map(|message| NotificationDelivered { message }),
        (message(), text(), time()).prop_map(|(message, why, not_before)| NotificationFailed {
            message,
            why,
            not_before
        }),
        (message(), text()).prop_map(|(message, why)| NotificationAbandoned { message, why }),
    ]
}

fn run_event() -> impl Strategy<Value = RunEvent> {
    use RunEvent::*;
    prop_oneof![
        notification_event(),
        prop::option::of(text()).prop_map(|resumed_from| SweepStarted { resumed_from }),
        (any::<u32>(), prop::option::of(text()), prop::option::of(time())).prop_map(|(pairs, next, at)| {
            let outbox = at.map(OutboxPlace::first_at);
            SweepCompleted(SweepReport { pairs, next, outbox, ..SweepReport::default() })
        }),
        tripped().prop_map(GuardTripped),
        (text(), text(), any::<u64>()).prop_map(|(query, format, events)| ExportTaken {
            query,
            format,
            events
        }),
        (text(), text(), prop::option::of(any::<u128>())).prop_map(|(query, format, after)| ExportBegun {
            query,
            format,
            after: after.map(|id| kubeconfig::EventId::new(Uuid::from_u128(id))),
        }),
        text().prop_map(|query| HistoryQueried { query }),
        (text(), text(), text(), prop::collection::vec(any::<(u64, u64)>(), 0..3)).prop_map(
            |(checkpoint, before, leaves, positions)| {
                StoreSealed(Seal { checkpoint, before, leaves, positions })
            }
        ),
    ]
}

/// Any event, in a stream of its kind.
pub(crate) fn event() -> impl Strategy<Value = (StreamId, Event)> {
    let stream = |text: &str| text.parse::<StreamId>().unwrap();
    let (identity, cluster) = (stream("identity/201"), stream("cluster/c1"));
    let intake = stream("intake/0190b5c4-0000-7000-8000-000000000001");
    let run = stream("run/0190b5c4-0000-7000-8000-000000000001");
    // In boxes: unboxed, values of all kinds together take more stack than the thread of a test has.
    prop_oneof![
        3 => access_event().prop_map(|event| (key().into(), event.into())).boxed(),
        1 => identity_event().prop_map(move |event| (identity.clone(), event.into())).boxed(),
        1 => cluster_event().prop_map(move |event| (cluster.clone(), event.into())).boxed(),
        1 => intake_event().prop_map(move |event| (intake.clone(), event.into())).boxed(),
        1 => run_event().prop_map(move |event| (run.clone(), event.into())).boxed(),
    ]
}
