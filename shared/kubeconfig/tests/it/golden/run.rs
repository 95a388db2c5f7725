//! Runs: sweeps, exports, seals, notifications.

use kubeconfig::EventId;
use kubeconfig::notification::Announcement;
use kubeconfig::run::{OutboxPlace, RunEvent, Seal, SweepReport};
use uuid::Uuid;

use crate::story::{day, key};
use crate::words::flood;

pub(super) fn samples() -> impl Iterator<Item = RunEvent> {
    let query = || "actor=alice".to_owned();
    let next = Some("c2".to_owned());
    [
        RunEvent::SweepStarted { resumed_from: None },
        RunEvent::SweepStarted { resumed_from: next.clone() },
        RunEvent::SweepCompleted(SweepReport::default()),
        RunEvent::SweepCompleted(SweepReport { clusters: 3, next, ..SweepReport::default() }),
        RunEvent::SweepCompleted(SweepReport {
            outbox: Some(OutboxPlace { put_ms: 5, chance: -7 }),
            ..SweepReport::default()
        }),
        RunEvent::GuardTripped(flood()),
        RunEvent::ExportBegun { query: query(), format: "csv".into(), after: None },
        RunEvent::ExportBegun {
            query: query(),
            format: "csv".into(),
            after: Some(EventId::new(Uuid::from_u128(9))),
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
