//! What a message says, before it looks like one of a chat system: for people as lines, for programs as JSON.

use ::chat::{Item, Reply};
use jiff::Timestamp;
use kubeconfig::access::{AccessEvent, Failure, Trigger};
use kubeconfig::intake::{Deletion, Intake, IntakeEvent};
use kubeconfig::notification::Kind;
use kubeconfig::run::RunEvent;
use kubeconfig::{ClusterId, Event, Projection, Recorded, RevocationId, StreamId, Uid};
use serde_json::{Value, json};
use uuid::Uuid;

use super::offers::Offers;
use crate::words::{hold_text, intake_text, trigger_word, tripped_text};

/// The most facts that the JSON of a message has.
const EVENTS_MAX: usize = 100;

/// A message.
pub(super) struct Message {
    /// The same however often it is sent.
    pub(super) id: String,
    /// For people.
    pub(super) reply: Reply,
    /// For programs.
    pub(super) body: Value,
}

/// One fact, as it is told.
struct News<'a> {
    recorded: &'a Recorded,
    /// Whose access to what it is about, or whatever else it is about.
    subject: String,
    text: String,
    lines: Vec<String>,
}

impl Message {
    /// The message that tells these facts: of one kind, and at least one.
    pub(super) fn of(id: Uuid, facts: &[Recorded], projection: &Projection, offers: &Offers<'_>) -> Self {
        let kind = facts.first().and_then(|fact| Kind::of(&fact.event));
        let word = kind.map_or("event", Kind::as_str);
        let news: Vec<News<'_>> = facts.iter().map(|fact| News::of(fact, projection)).collect();
        let title = match (news.as_slice(), kind) {
            ([one], _) => format!("{}: {}", one.subject, one.text),
            (many, Some(kind)) => summary(kind, many.len()),
            (many, None) => format!("{} events", many.len()),
        };
        let reply = Reply::line(format!("Reaper: {title}"));
        let reply = match news.as_slice() {
            [one] => Reply {
                buttons: offers.about(one.recorded, projection),
                ..reply.with_text(one.lines.iter().cloned())
            },
            many => reply.with_items(many.iter().map(|one| {
                let lines = [one.text.clone()].into_iter().chain(one.lines.first().cloned());
                let buttons = offers.about(one.recorded, projection);
                Item { buttons, ..Item::new(one.subject.clone(), lines) }
            })),
        };
        let events: Vec<Value> =
            facts.iter().zip(&news).take(EVENTS_MAX).map(|(_, news)| news.json(projection)).collect();
        let data = json!({ "summary": title, "count": facts.len(), "events": events });
        let at = facts.first().map_or(Timestamp::UNIX_EPOCH, |fact| fact.occurred_at);
        Self { id: format!("msg_{id}"), reply, body: body(word, at, &data) }
    }

    /// A message that means nothing.
    pub(super) fn test(now: Timestamp) -> Self {
        let text = "a test of notifications; nothing has happened";
        Self {
            id: format!("msg_{}", Uuid::now_v7()),
            reply: Reply::line(format!("Reaper: {text}")),
            body: body("test", now, &json!({ "summary": text, "count": 0, "events": [] })),
        }
    }
}

/// The form that Standard Webhooks recommends: type, time and data.
fn body(word: &str, at: Timestamp, data: &Value) -> Value {
    json!({ "type": format!("reaper.{word}"), "timestamp": at, "data": data })
}

/// Many facts of a kind in one line.
fn summary(kind: Kind, count: usize) -> String {
    let what = match kind {
        Kind::Deletion => "identities were deleted",
        Kind::Held => "revocations or messages wait for a person",
        Kind::Lapsed => "revocations or messages lapsed: nobody decided on them in time",
        Kind::Refused => "revocations were refused",
        Kind::Confirmed => "kubeconfigs were revoked, read back",
        Kind::Failed => "calls failed",
        Kind::Expiring => "kubeconfigs expire soon",
        Kind::Guard => "guards tripped",
        Kind::Overdue => "sweeps are overdue",
        Kind::Sealed => "seals were made",
    };
    format!("{count} {what}")
}

impl<'a> News<'a> {
    fn of(recorded: &'a Recorded, projection: &Projection) -> Self {
        let (subject, text) = (subject(recorded, projection), text(recorded));
        let mut lines = vec![];
        if let Event::Access(event) = &recorded.event {
            lines.extend(event.revocation().map(|id| format!("revocation {id}")));
            lines.extend(asked(recorded, event.revocation(), projection));
        }
        if let (StreamId::Intake(id), Some(Kind::Held)) = (&recorded.stream, Kind::of(&recorded.event)) {
            lines.push(format!("message {id}"));
        }
        lines.extend(checkpoint(recorded).into_iter().flat_map(str::lines).map(str::to_owned));
        lines.push(format!("{} by {}", recorded.occurred_at.strftime("%Y-%m-%d %H:%M:%SZ"), recorded.actor));
        Self { recorded, subject, text, lines }
    }

    fn json(&self, projection: &Projection) -> Value {
        let recorded = self.recorded;
        let (uid, cluster) = about(recorded);
        let revocation = match &recorded.event {
            Event::Access(event) => event.revocation(),
            _ => None,
        };
        json!({
            "id": recorded.id,
            "type": recorded.event.type_name(),
            "stream": recorded.stream,
            "occurredAt": recorded.occurred_at,
            "actor": recorded.actor.to_string(),
            "subject": self.subject,
            "text": self.text,
            "uid": uid,
            "name": uid.as_ref().and_then(|uid| name_of(uid, projection)),
            "cluster": cluster,
            "clusterName": cluster.as_ref().and_then(|id| projection.clusters.get(id)).map(|c| &c.name),
            "revocation": revocation,
            "checkpoint": checkpoint(recorded),
        })
    }
}

/// The signed checkpoint of a seal: what `reaper verify --since` takes, to the letter.
fn checkpoint(recorded: &Recorded) -> Option<&str> {
    match &recorded.event {
        Event::Run(RunEvent::StoreSealed(seal)) => Some(&seal.checkpoint),
        _ => None,
    }
}

/// Whose access to which cluster a fact is about.
fn about(recorded: &Recorded) -> (Option<Uid>, Option<ClusterId>) {
    match &recorded.event {
        Event::Run(RunEvent::KubeconfigExpiring { cluster, uid, .. }) => {
            (Some(uid.clone()), Some(cluster.clone()))
        }
        Event::Intake(IntakeEvent::DeletionReceived(deletion)) => (deletion.uid.clone(), None),
        _ => (recorded.stream.uid().cloned(), recorded.stream.cluster().cloned()),
    }
}

fn subject(recorded: &Recorded, projection: &Projection) -> String {
    match (&recorded.event, &recorded.stream) {
        (Event::Intake(IntakeEvent::DeletionReceived(deletion)), _) => deleted(deletion),
        (_, StreamId::Intake(id)) => match projection.intakes.get(id) {
            Some((_, Intake::Received(deletion))) => deleted(deletion),
            Some((
                _,
                Intake::Unresolved { deletion, .. }
                | Intake::Resolved { deletion, .. }
                | Intake::Lapsed { deletion },
            )) => deleted(deletion),
            _ => "a message".into(),
        },
        _ => match about(recorded) {
            (Some(uid), Some(cluster)) => {
                let name = projection.clusters.get(&cluster).map(|cluster| cluster.name.as_str());
                format!("{} on {}", holder(&uid, projection), name.unwrap_or(cluster.as_str()))
            }
            (Some(uid), None) => holder(&uid, projection),
            _ => "sweep".into(),
        },
    }
}

fn deleted(deletion: &Deletion) -> String {
    match &deletion.uid {
        Some(uid) if deletion.name.is_empty() => format!("{} {uid}", deletion.kind),
        _ => format!("{} {}", deletion.kind, deletion.name),
    }
}

fn holder(uid: &Uid, projection: &Projection) -> String {
    name_of(uid, projection).map_or_else(|| format!("uid:{uid}"), |name| format!("{name} (uid:{uid})"))
}

fn name_of<'a>(uid: &Uid, projection: &'a Projection) -> Option<&'a str> {
    let identity = projection.identities.get(uid)?;
    Some(identity.name.as_str()).filter(|name| !name.is_empty())
}

fn text(recorded: &Recorded) -> String {
    match &recorded.event {
        Event::Access(event) => of_access(event),
        Event::Intake(IntakeEvent::DeletionReceived(deletion)) => {
            format!("was deleted at {}", deletion.deleted_at.strftime("%Y-%m-%d %H:%M:%SZ"))
        }
        Event::Intake(IntakeEvent::DeletionLapsed { days }) => {
            format!(
                "lapsed: nobody said within {days} days whose name it was, and nothing follows from the message"
            )
        }
        Event::Intake(event) => format!("whose name it was waits for a person: {}", intake_text(event)),
        Event::Run(RunEvent::GuardTripped(tripped)) => format!("a guard tripped: {}", tripped_text(tripped)),
        Event::Run(RunEvent::KubeconfigExpiring { expires_at, .. }) => {
            format!("the kubeconfig expires on {}", expires_at.strftime("%Y-%m-%d"))
        }
        Event::Run(RunEvent::SweepOverdue { since }) => match since {
            Some(since) => format!("none has ended since {}", since.strftime("%Y-%m-%d %H:%M:%SZ")),
            None => "none has ever ended".into(),
        },
        Event::Run(RunEvent::StoreSealed(_)) => "the log was sealed; keep this checkpoint".into(),
        other => other.type_name(),
    }
}

fn of_access(event: &AccessEvent) -> String {
    match event {
        AccessEvent::RevocationHeld { reason, .. } => format!("waits for approval: {}", hold_text(reason)),
        AccessEvent::RevocationLapsed { days, .. } => {
            format!("lapsed: nobody decided on it within {days} days")
        }
        AccessEvent::RevocationRefused { refusal, .. } => format!("not revoked: {refusal}"),
        AccessEvent::RevocationConfirmed { .. } => "revoked, and read back: nothing is left".into(),
        AccessEvent::RevocationFailed { attempt, failure, .. } => {
            let how = match failure {
                Failure::Call { code, message, .. } => format!("{code}: {message}"),
                Failure::StillThere => "the access is still there".into(),
                Failure::PermissionsLeft => "RBAC permissions are left".into(),
            };
            format!("call {attempt} failed: {how}; the next sweep tries again, or a person has to look")
        }
        AccessEvent::RevocationOutcomeUnknown { attempt, .. } => {
            format!("nobody knows what call {attempt} did; the next sweep reads it again")
        }
        other => Event::Access(other.clone()).type_name(),
    }
}

/// Who asked, and why, while it is under way.
fn asked(recorded: &Recorded, id: Option<RevocationId>, projection: &Projection) -> Option<String> {
    let StreamId::Kubeconfig(key) = &recorded.stream else { return None };
    let open = projection.accesses.get(key)?.open.as_ref().filter(|open| Some(open.id) == id)?;
    let why = match (&open.trigger, &open.reason) {
        (Trigger::Requested, Some(reason)) => reason.as_str(),
        (trigger, _) => trigger_word(trigger),
    };
    Some(format!("asked for by {}: {why}", open.requested_by))
}
