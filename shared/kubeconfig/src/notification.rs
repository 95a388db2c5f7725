//! Telling people: which facts are told, and how far a target has been told. What was sent is a fact like any other, so
//! that neither a crash nor a second process loses a message or sends it without end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::AccessEvent;
use crate::event::{Event, Recorded};
use crate::id::{EventId, RunId};
use crate::intake::IntakeEvent;
use crate::run::RunEvent;
use crate::stream::StreamId;

/// The most events that one message sums up.
pub const DIGEST_MAX: usize = 500;

/// What a bound on messages a minute counts in.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// The longest wait before a message is sent again.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(1);

/// How long one message is sent again and again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// A kind of fact that people are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The cloud says that an identity was deleted.
    Deletion,
    /// Something waits for a person.
    Held,
    /// Nobody decided in time.
    Lapsed,
    /// A rule or the cloud forbade a revocation.
    Refused,
    /// Access is gone, read back.
    Confirmed,
    /// A call failed, or nobody knows what it did.
    Failed,
    /// A kubeconfig of somebody who exists will expire soon.
    Expiring,
    /// A run would have ended too much access.
    Guard,
    /// No sweep has ended for too long.
    Overdue,
    /// What was stored was sealed: a checkpoint, to be kept where nobody can write who can write the store.
    Sealed,
}

impl Kind {
    /// Those that a target is told of that names none: all but seals, which come with every sweep.
    pub const NEWS: [Self; 9] = [
        Self::Deletion,
        Self::Held,
        Self::Lapsed,
        Self::Refused,
        Self::Confirmed,
        Self::Failed,
        Self::Expiring,
        Self::Guard,
        Self::Overdue,
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::NEWS.into_iter().chain([Self::Sealed])
    }

    /// The word of the configuration and of messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Held => "held",
            Self::Lapsed => "lapsed",
            Self::Refused => "refused",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
            Self::Expiring => "expiring",
            Self::Guard => "guard",
            Self::Overdue => "overdue",
            Self::Sealed => "sealed",
        }
    }

    /// What kind of news a fact is; most are none.
    pub const fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Access(AccessEvent::RevocationHeld { .. })
            | Event::Intake(IntakeEvent::DeletionUnresolved { .. }) => Some(Self::Held),
            Event::Access(AccessEvent::RevocationLapsed { .. })
            | Event::Intake(IntakeEvent::DeletionLapsed { .. }) => Some(Self::Lapsed),
            Event::Access(AccessEvent::RevocationRefused { .. }) => Some(Self::Refused),
            Event::Access(AccessEvent::RevocationConfirmed { .. }) => Some(Self::Confirmed),
            Event::Access(
                AccessEvent::RevocationFailed { .. } | AccessEvent::RevocationOutcomeUnknown { .. },
            ) => Some(Self::Failed),
            Event::Intake(IntakeEvent::DeletionReceived(_)) => Some(Self::Deletion),
            Event::Run(RunEvent::KubeconfigExpiring { .. }) => Some(Self::Expiring),
            Event::Run(RunEvent::GuardTripped(_)) => Some(Self::Guard),
            Event::Run(RunEvent::SweepOverdue { .. }) => Some(Self::Overdue),
            Event::Run(RunEvent::StoreSealed(_)) => Some(Self::Sealed),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The stream that tells how far a target has been told.
pub fn stream(target: &str) -> RunId {
    RunId::derived(&format!("notifications/{target}"))
}

/// A message that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// The target's name.
    pub target: String,
    /// Its id: the same for the same facts, however often it is sent.
    pub message: Uuid,
    /// The facts that it tells, in the order of the log.
    pub events: Vec<EventId>,
    /// A place in the log: what stands before it has been told, or is not to be.
    pub from: String,
    /// How often it was sent, this time included.
    pub attempt: u32,
}

impl Announcement {
    /// The first sending of a message.
    pub fn first(target: &str, events: Vec<EventId>, from: String) -> Self {
        let ids: Vec<String> = events.iter().map(ToString::to_string).collect();
        let message = EventId::derived(&format!("notification/{target}/{}", ids.join("/")));
        Self { target: target.to_owned(), message: *message.as_uuid(), events, from, attempt: 1 }
    }

    fn again(&self) -> Self {
        Self { attempt: self.attempt.saturating_add(1), ..self.clone() }
    }
}

/// How far a target has been told, as its stream says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deliveries {
    /// The version of the stream.
    pub version: u64,
    /// Where in the log reading goes on.
    pub from: String,
    /// What behind that place has been told.
    pub told: BTreeSet<EventId>,
    /// The message under way. There is never more than one.
    pub open: Option<Sending>,
    /// When messages were sent within the last minute, by the clock of the store.
    recent: VecDeque<Timestamp>,
}

/// A message under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// The latest announcement.
    pub announcement: Announcement,
    /// When it was announced for the first time, by the clock of the store.
    first_at: Timestamp,
    /// When it was announced last.
    at: Timestamp,
    /// Not to be sent again before; absent while somebody sends it.
    not_before: Option<Timestamp>,
}

/// How messages to one target are spaced.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How long an announced message is left to the one who announced it.
    pub lease: SignedDuration,
    /// The wait before a message is sent for the second time. Four times as long each further time.
    pub retry: SignedDuration,
    /// The most messages a minute.
    pub per_minute: usize,
}

/// What has to be done for a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Find out what there is to tell.
    Read,
    /// Send this message again.
    Send(Announcement),
    /// Nothing, until then at least.
    Wait(Timestamp),
}

impl Deliveries {
    /// The state after one more fact of the stream. One that fits nowhere changes nothing but the version.
    pub(crate) fn evolve(&mut self, recorded: &Recorded) {
        self.version = recorded.version;
        let Event::Run(event) = &recorded.event else { return };
        match event {
            // Perhaps once more: in a store that was put in another's place, no place of that one means anything.
            RunEvent::NotificationsBegun { from, .. } => {
                *self = Self { version: self.version, from: from.clone(), ..Self::default() };
            }
            RunEvent::NotificationAnnounced(announcement) => {
                self.announce(announcement, recorded.recorded_at)
            }
            RunEvent::NotificationDelivered { message } | RunEvent::NotificationAbandoned { message, .. } => {
                if let Some(sent) = self.open.take_if(|open| open.announcement.message == *message) {
                    self.told.extend(sent.announcement.events);
                }
            }
            RunEvent::NotificationFailed { message, not_before, .. } => {
                if let Some(open) = self.open.as_mut().filter(|o| o.announcement.message == *message) {
                    open.not_before = Some(*not_before);
                }
            }
            _ => {}
        }
    }

    fn announce(&mut self, announcement: &Announcement, at: Timestamp) {
        if self.from != announcement.from {
            self.from.clone_from(&announcement.from);
            self.told.clear();
        }
        let first_at = self.sending(announcement.message).map_or(at, |open| open.first_at);
        self.open = Some(Sending { announcement: announcement.clone(), first_at, at, not_before: None });
        self.recent.retain(|sent| at.duration_since(*sent) < MINUTE);
        self.recent.push_back(at);
    }

    /// What has to be done now.
    pub fn next(&self, now: Timestamp, pace: &Pace) -> Next {
        if let Some(open) = &self.open {
            let until = open.not_before.or_else(|| open.at.checked_add(pace.lease).ok());
            // A time from further ahead than any wait was stamped by a wrong clock: sending once more does less harm than
            // waiting for that clock.
            let is_credible = |until: Timestamp| until.duration_since(now) <= WAIT_MAX.max(pace.lease);
            if let Some(until) = until.filter(|until| now < *until && is_credible(*until)) {
                return Next::Wait(until);
            }
        }
        let recent = self.recent.iter().filter(|sent| now.duration_since(**sent).abs() < MINUTE);
        if recent.clone().count() >= pace.per_minute
            && let Some(until) = recent.min().and_then(|oldest| oldest.checked_add(MINUTE).ok())
        {
            return Next::Wait(until);
        }
        self.open.as_ref().map_or(Next::Read, |open| Next::Send(open.announcement.again()))
    }

    /// What follows where the message was taken. `None`: it is not under way any more.
    pub fn delivered(&self, message: Uuid) -> Option<RunEvent> {
        self.sending(message).map(|_| RunEvent::NotificationDelivered { message })
    }

    fn sending(&self, message: Uuid) -> Option<&Sending> {
        self.open.as_ref().filter(|open| open.announcement.message == message)
    }

    /// What follows where the message under way was not taken: it is sent again, later each time, and given up after a
    /// day. `asked` is how long the target wants to be left alone. `None`: that message is not under way any more.
    pub fn failed(
        &self,
        message: Uuid,
        why: String,
        asked: SignedDuration,
        now: Timestamp,
        pace: &Pace,
    ) -> Option<RunEvent> {
        let open = self.sending(message)?;
        if now.duration_since(open.first_at) >= PATIENCE {
            return Some(RunEvent::NotificationAbandoned { message, why });
        }
        let steps = open.announcement.attempt.saturating_sub(1).min(16);
        let wait = (0..steps).fold(pace.retry, |wait, _| wait.saturating_mul(4).min(WAIT_MAX));
        let not_before = now.checked_add(wait.max(asked).min(WAIT_MAX)).unwrap_or(now);
        Some(RunEvent::NotificationFailed { message, why, not_before })
    }
}

/// The facts of the next message, out of all that there is to tell, in the order of the log: the first one alone, or all
/// of its kind where there are more than `digest_above` of them.
pub fn next_message(pending: &[(EventId, Kind)], digest_above: usize) -> Vec<EventId> {
    let mut counts = BTreeMap::<Kind, usize>::new();
    pending.iter().for_each(|(_, kind)| *counts.entry(*kind).or_default() += 1);
    let Some((_, first)) = pending.first() else { return vec![] };
    let is_flood = counts.get(first).is_some_and(|count| *count > digest_above);
    let most = if is_flood { DIGEST_MAX } else { 1 };
    pending.iter().filter(|(_, kind)| kind == first).map(|(id, _)| *id).take(most).collect()
}

/// The stream of the fact that a certificate expires soon: one for each, so that it is told once.
pub fn expiring(key: &crate::id::KubeconfigKey, expires_at: Timestamp) -> StreamId {
    StreamId::Run(RunId::derived(&format!("expiring/{key}/{expires_at}")))
}

/// The stream of the fact that no sweep has ended since: one for each silence.
pub fn overdue(since: Option<Timestamp>) -> StreamId {
    let since = since.map_or_else(|| "ever".to_owned(), |since| since.to_string());
    StreamId::Run(RunId::derived(&format!("overdue/{since}")))
}
