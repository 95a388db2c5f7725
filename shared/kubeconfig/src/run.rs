//! Runs: what the sweep did, and who looked at what.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::Tripped;
use crate::id::{ClusterId, EventId, RunId, Uid};
use crate::notification::Announcement;
use crate::stream::StreamId;

/// Facts of the stream `run/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum RunEvent {
    /// A sweep began.
    SweepStarted {
        /// Where the run before stopped, if it did not finish.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resumed_from: Option<String>,
    },
    /// A sweep ended, finished or at its time budget.
    SweepCompleted(SweepReport),
    /// A run would have deleted more than is allowed, and holds instead.
    GuardTripped(Tripped),
    /// An export of history began. Stored before anything is given.
    ExportBegun {
        /// The filter as written.
        query: String,
        /// The format.
        format: String,
        /// The event that an earlier export had ended with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<EventId>,
    },
    /// History was exported, to its end or until nobody read on.
    ExportTaken {
        /// The filter as written.
        query: String,
        /// The format.
        format: String,
        /// How many events it held.
        events: u64,
    },
    /// History was searched. Stored before anything is answered; of one question that somebody asks again and again, a process
    /// stores one within an hour.
    HistoryQueried {
        /// The query as written.
        query: String,
    },
    /// A kubeconfig of somebody who exists will expire soon. Of each certificate this is stored once.
    KubeconfigExpiring {
        /// Of which cluster.
        cluster: ClusterId,
        /// Whose.
        uid: Uid,
        /// When.
        expires_at: Timestamp,
    },
    /// No sweep has ended for too long.
    SweepOverdue {
        /// When the latest one ended; absent if none ever did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Timestamp>,
    },
    /// From a place in the log on, a target is told what happens.
    NotificationsBegun {
        /// Its name.
        target: String,
        /// The place, as a cursor of the store.
        from: String,
    },
    /// A message to a target is about to be sent. Stored before it is: others leave it alone for a while.
    NotificationAnnounced(Announcement),
    /// The target took the message.
    NotificationDelivered {
        /// Which.
        message: Uuid,
    },
    /// The target did not take the message, or nobody knows. It is sent again.
    NotificationFailed {
        /// Which.
        message: Uuid,
        /// Why.
        why: String,
        /// Not before.
        not_before: Timestamp,
    },
    /// The target did not take the message for a day. It is not sent any more.
    NotificationAbandoned {
        /// Which.
        message: Uuid,
        /// Why, the last time.
        why: String,
    },
    /// Commits were sealed: from here on a change to any of them can be proven.
    StoreSealed(Seal),
}

impl RunEvent {
    /// Whether it tells of somebody who looked at the history: all that a process may say that may not append.
    pub const fn tells_of_a_look(&self) -> bool {
        matches!(self, Self::ExportBegun { .. } | Self::ExportTaken { .. } | Self::HistoryQueried { .. })
    }
}

/// What seals commits: a signed root of the hash tree over all commits up to here, and what is new in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The signed root, as a C2SP checkpoint: origin, number of leaves, root, signatures.
    pub checkpoint: String,
    /// The tree before this seal: the roots of its perfect subtrees, the largest first. SHA-256 each, together in
    /// base64.
    pub before: String,
    /// The leaves that this seal adds, in order. SHA-256 each, together in base64.
    pub leaves: String,
    /// Where the commits of these leaves are in the store, in the same order: runs of positions that follow each other,
    /// each as its first position and its length.
    pub positions: Vec<(u64, u64)>,
}

/// The stream of all seals. Its version orders them: two that seal at once cannot both have it.
pub fn seals() -> StreamId {
    StreamId::Run(RunId::derived("seals"))
}

/// A place in an outbox, in the order in which things were put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OutboxPlace {
    /// When something was put there, by the clock of who put it, in milliseconds since 1970.
    pub put_ms: i64,
    /// What tells it from others of that time: nobody can guess it.
    pub chance: i64,
}

impl OutboxPlace {
    /// Before anything that was put at this time or later.
    pub fn first_at(at: Timestamp) -> Self {
        Self { put_ms: at.as_millisecond(), chance: i64::MIN }
    }

    /// When something was put there; `None`: no clock of today says so.
    pub fn at(self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.put_ms).ok()
    }

    /// The id under which an event that was put there is stored. Whoever puts it does not choose it.
    pub fn event_id(self) -> EventId {
        EventId::derived(&format!("outbox/{}/{}", self.put_ms, self.chance))
    }
}

/// What one sweep saw and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SweepReport {
    /// Clusters listed.
    pub clusters: u32,
    /// Identities listed.
    pub identities: u32,
    /// Pairs whose state was read.
    pub pairs: u32,
    /// Facts stored because something had changed.
    pub changes: u32,
    /// Revocations asked for by this run.
    pub requested: u32,
    /// Revocations confirmed by this run, its own and those left open before.
    pub confirmed: u32,
    /// Revocations that wait for a person after this run.
    pub held: u32,
    /// Parts that could not be read; each is also in the log.
    pub errors: u32,
    /// Where the next run goes on. Absent: this run came to the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Where the next run goes on to take over the outbox. Absent: there is none, or none could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbox: Option<OutboxPlace>,
}

impl SweepReport {
    /// Whether the run came to the end, and could read every part on its way.
    pub const fn saw_everything(&self) -> bool {
        self.next.is_none() && self.errors == 0
    }
}
