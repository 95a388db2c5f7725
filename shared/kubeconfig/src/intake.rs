//! A message that reached us from outside, and what became of it. Nothing that arrives is dropped.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::{ChatCommand, Conversation, Offer, Taken};
use crate::id::Uid;
use crate::keyed::{KeyedAnswer, KeyedRequest};
use crate::personal::Name;
use crate::policy::Policy;
use crate::reading::AccountKind;

/// Facts of the stream `intake/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum IntakeEvent {
    /// The cloud says that an identity was deleted. Stored before anything is done about it.
    DeletionReceived(Deletion),
    /// The name could not be tied to exactly one id. Nothing is deleted until a person says whose name it was.
    DeletionUnresolved {
        /// How far the search came.
        reason: Unresolved,
    },
    /// The id is known: its access is being ended.
    DeletionResolved {
        /// Whose name it was.
        uid: Uid,
        /// How that is known.
        by: ResolvedBy,
    },
    /// A person decided that nothing follows from this message.
    DeletionDismissed {
        /// Why.
        note: String,
    },
    /// Nobody has said whose name it was in the time that policy gives. Nothing follows from the message any more.
    DeletionLapsed {
        /// Days that it has waited.
        days: u32,
    },
    /// The message was not understood. It is kept as it came, cut at 64 KiB.
    MessageNotUnderstood {
        /// What was wrong with it.
        problem: String,
        /// The message, or its beginning as text where it is not JSON.
        message: Value,
    },
    /// A person gave a command in a chat. Stored before it is acknowledged.
    ChatCommandReceived(ChatCommand),
    /// The person was shown what would happen, with buttons. Nothing has happened yet.
    ChatRevocationOffered(Offer),
    /// The person has pressed one of these buttons. The others, and this one, have no effect any more.
    ChatOfferTaken(Taken),
    /// The command was carried out and its answer given.
    ChatCommandAnswered {
        /// The answer's first line.
        said: String,
    },
    /// The command was carried out; its answer could not be given, and will not be.
    ChatAnswerLost {
        /// The answer's first line.
        said: String,
        /// Why.
        why: String,
    },
    /// A request came with an idempotency key. Stored before anything is done about it.
    KeyedRequestReceived(KeyedRequest),
    /// It was answered; a repeat is answered the same.
    KeyedRequestAnswered(KeyedAnswer),
}

/// A deletion as the message tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// User or role.
    pub kind: AccountKind,
    /// The name, without the part behind `@`. Names are reused: it identifies nobody by itself.
    pub name: Name,
    /// The id, in the rare message that carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Uid>,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// How a name was tied to an id, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResolvedBy {
    /// The message carried the id.
    Message,
    /// Our own history knows who bore the name at that time.
    History,
    /// The recycle bin holds exactly one user of that name, deleted at that time.
    RecycleBin,
    /// The audit trail holds the record of its creation.
    AuditTrail,
    /// A cluster lists exactly one deleted account of that name.
    ClusterListing,
    /// A person said so.
    Person,
}

/// Why a name could not be tied to one id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "why")]
pub enum Unresolved {
    /// Nobody is known to have borne the name at that time.
    NobodyFound,
    /// More than one identity may be meant.
    Ambiguous {
        /// All of them.
        candidates: Vec<Uid>,
    },
}

/// What the events of one intake add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state")]
pub enum Intake {
    /// Stored, not yet resolved: a crash may have come between.
    Received(Deletion),
    /// Waits for a person.
    Unresolved {
        /// The deletion.
        deletion: Deletion,
        /// Why it waits.
        reason: Unresolved,
    },
    /// Resolved.
    Resolved {
        /// The deletion.
        deletion: Deletion,
        /// Whose.
        uid: Uid,
    },
    /// Dismissed by a person.
    Dismissed,
    /// Waited for a person for too long.
    Lapsed {
        /// The deletion.
        deletion: Deletion,
    },
    /// Not understood, kept.
    NotUnderstood,
    /// A command from a chat.
    Chat(Box<Conversation>),
}

impl Intake {
    /// The fact that ends it, where it has waited for a person since `received` and for longer than policy allows.
    pub fn overdue(&self, received: Timestamp, policy: &Policy, now: Timestamp) -> Option<IntakeEvent> {
        let waits = matches!(self, Self::Unresolved { .. });
        let is_over = policy.message_hold().is_some_and(|hold| now.duration_since(received) >= hold);
        (waits && is_over).then_some(IntakeEvent::DeletionLapsed { days: policy.message_hold_days })
    }

    /// The state after one more event. An event that fits nowhere changes nothing.
    pub fn evolve(state: Option<Self>, event: &IntakeEvent) -> Option<Self> {
        match (state, event) {
            (None, IntakeEvent::DeletionReceived(deletion)) => Some(Self::Received(deletion.clone())),
            (None, IntakeEvent::MessageNotUnderstood { .. }) => Some(Self::NotUnderstood),
            (
                Some(Self::Received(deletion) | Self::Unresolved { deletion, .. }),
                IntakeEvent::DeletionUnresolved { reason },
            ) => Some(Self::Unresolved { deletion, reason: reason.clone() }),
            (
                Some(Self::Received(deletion) | Self::Unresolved { deletion, .. }),
                IntakeEvent::DeletionResolved { uid, .. },
            ) => Some(Self::Resolved { deletion, uid: uid.clone() }),
            (Some(Self::Unresolved { .. }), IntakeEvent::DeletionDismissed { .. }) => Some(Self::Dismissed),
            (Some(Self::Unresolved { deletion, .. }), IntakeEvent::DeletionLapsed { .. }) => {
                Some(Self::Lapsed { deletion })
            }
            (None, IntakeEvent::ChatCommandReceived(command)) => {
                Some(Self::Chat(Box::new(Conversation::new(command.clone()))))
            }
            (Some(Self::Chat(chat)), event) => Some(Self::Chat(Box::new(chat.evolve(event)))),
            (state, _) => state,
        }
    }
}
