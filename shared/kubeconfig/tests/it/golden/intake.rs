//! Messages: deletions, keyed requests, commands from chats.

use kubeconfig::chat::{Asked, ChatCommand, Inspection, Offer, PastedCertificate, Taken};
use kubeconfig::intake::{Deletion, IntakeEvent, ResolvedBy, Unresolved};
use kubeconfig::keyed::{KeyedAnswer, KeyedRequest};
use serde_json::json;
use uuid::Uuid;

use super::intake_id;
use crate::story::{day, uid};

pub(super) fn samples() -> impl Iterator<Item = IntakeEvent> {
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
