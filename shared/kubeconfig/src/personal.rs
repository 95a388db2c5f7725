//! What in an event says who somebody is. A store keeps these values beside the bytes that it hashes and seals, so that they
//! can be erased without breaking a proof.
//!
//! This is the one list. An event that is added does not compile until it is named here, and a test holds every text in the
//! golden events to it: a text is personal, or it is said that it is not. The person behind an event
//! ([`crate::Actor::human`]) is personal in every event.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::access::AccessEvent;
use crate::cluster::ClusterEvent;
use crate::event::Event;
use crate::identity::IdentityEvent;
use crate::intake::IntakeEvent;
use crate::run::RunEvent;

/// What stands where a value was erased. No name in RAM has parentheses.
pub const ERASED: &str = "(erased)";

/// A value of an event that is personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Where it stands among the event's fields, as a JSON pointer (RFC 6901). Where the event does not have the field, it
    /// has nothing personal there.
    pub at: &'static str,
    /// Whom it tells something of.
    pub whose: Whose,
}

/// Whom a personal value tells something of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The identity that the stream is about.
    Identity,
    /// The identity that the message is about, as far as it is known which.
    Deleted,
    /// The one who caused the event.
    Actor,
    /// Whoever is named in it.
    Anybody,
}

const fn part(at: &'static str, whose: Whose) -> Part {
    Part { at, whose }
}

impl Event {
    /// Its personal values, beside the person who caused it.
    pub const fn personal(&self) -> &'static [Part] {
        match self {
            Self::Access(event) => of_access(event),
            Self::Identity(event) => of_identity(event),
            Self::Intake(event) => of_intake(event),
            Self::Run(event) => of_run(event),
            Self::Cluster(ClusterEvent::ClusterObserved(_) | ClusterEvent::ClusterGone {}) => &[],
            // Whoever wrote it knew what it holds.
            Self::Unrecognised(_) => &[],
        }
    }
}

const fn of_access(event: &AccessEvent) -> &'static [Part] {
    match event {
        AccessEvent::RevocationRequested { .. } => const { &[part("/reason", Whose::Anybody)] },
        AccessEvent::RevocationApproved { .. } | AccessEvent::RevocationRejected { .. } => {
            const { &[part("/note", Whose::Anybody)] }
        }
        // What the cloud answers may name whom it likes.
        AccessEvent::AccessChecked { .. } => const { &[part("/check/cause/message", Whose::Anybody)] },
        AccessEvent::RevocationHeld { .. } => {
            const { &[part("/reason/check/cause/message", Whose::Anybody)] }
        }
        AccessEvent::RevocationRefused { .. } => {
            const {
                &[
                    part("/refusal/message", Whose::Anybody),
                    part("/refusal/check/cause/message", Whose::Anybody),
                ]
            }
        }
        AccessEvent::RevocationFailed { .. } => const { &[part("/failure/message", Whose::Anybody)] },
        AccessEvent::RevocationOutcomeUnknown { .. } => const { &[part("/detail", Whose::Anybody)] },
        AccessEvent::KubeconfigObserved { .. }
        | AccessEvent::KubeconfigRestored { .. }
        | AccessEvent::ResidualRbacFound { .. }
        | AccessEvent::RevocationLapsed { .. }
        | AccessEvent::PermissionsBackedUp { .. }
        | AccessEvent::RevocationSubmitted { .. }
        | AccessEvent::RevocationConfirmed { .. } => &[],
    }
}

const fn of_identity(event: &IdentityEvent) -> &'static [Part] {
    match event {
        IdentityEvent::IdentityObserved { .. } => const { &[part("/name", Whose::Identity)] },
        IdentityEvent::IdentityRenamed { .. } => {
            const { &[part("/from", Whose::Identity), part("/to", Whose::Identity)] }
        }
        // A digest says nothing once the salt is gone that it was made with.
        IdentityEvent::PersonalDataErasureBegun { .. } => const { &[part("/reason", Whose::Anybody)] },
        IdentityEvent::IdentityDeleted { .. }
        | IdentityEvent::IdentityRestored { .. }
        | IdentityEvent::PersonalDataErased { .. } => &[],
    }
}

const fn of_intake(event: &IntakeEvent) -> &'static [Part] {
    match event {
        IntakeEvent::DeletionReceived(_) => const { &[part("/name", Whose::Deleted)] },
        IntakeEvent::DeletionDismissed { .. } => const { &[part("/note", Whose::Anybody)] },
        // As a whole: nobody knows where in it somebody is named.
        IntakeEvent::MessageNotUnderstood { .. } => {
            const { &[part("/message", Whose::Anybody), part("/problem", Whose::Anybody)] }
        }
        IntakeEvent::ChatCommandReceived(_) => {
            const {
                &[
                    part("/user", Whose::Actor),
                    part("/asked/text", Whose::Anybody),
                    part("/asked/why", Whose::Anybody),
                ]
            }
        }
        // As it was given to whoever asked: views of identities, with their names.
        IntakeEvent::KeyedRequestAnswered(_) => const { &[part("/body", Whose::Anybody)] },
        IntakeEvent::ChatRevocationOffered(_) => const { &[part("/reason", Whose::Anybody)] },
        IntakeEvent::ChatCommandAnswered { .. } | IntakeEvent::ChatAnswerLost { .. } => {
            const { &[part("/said", Whose::Anybody)] }
        }
        IntakeEvent::DeletionUnresolved { .. }
        | IntakeEvent::DeletionLapsed { .. }
        | IntakeEvent::KeyedRequestReceived(_)
        | IntakeEvent::DeletionResolved { .. }
        | IntakeEvent::ChatOfferTaken(_) => &[],
    }
}

const fn of_run(event: &RunEvent) -> &'static [Part] {
    match event {
        RunEvent::ExportBegun { .. } | RunEvent::ExportTaken { .. } | RunEvent::HistoryQueried { .. } => {
            const { &[part("/query", Whose::Anybody)] }
        }
        RunEvent::SweepStarted { .. }
        | RunEvent::SweepCompleted(_)
        | RunEvent::GuardTripped(_)
        | RunEvent::KubeconfigExpiring { .. }
        | RunEvent::SweepOverdue { .. }
        | RunEvent::NotificationsBegun { .. }
        | RunEvent::NotificationAnnounced(_)
        | RunEvent::NotificationDelivered { .. }
        | RunEvent::NotificationFailed { .. }
        | RunEvent::NotificationAbandoned { .. }
        | RunEvent::StoreSealed(_) => &[],
    }
}

/// The name of an identity: known, or erased. An empty one is one that the cloud did not say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Name {
    /// This one.
    Known(String),
    /// It was erased: nobody knows it any more, and nobody is found by it.
    Erased,
}

impl Name {
    /// What it was; `None` where it was erased or never said.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(name) if !name.is_empty() => Some(name),
            Self::Known(_) | Self::Erased => None,
        }
    }

    /// What people are shown: empty where it was never said.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Erased => ERASED,
        }
    }

    /// Whether it was never said.
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }

    /// Whether it was erased.
    pub const fn is_erased(&self) -> bool {
        matches!(self, Self::Erased)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        if text == ERASED { Self::Erased } else { Self::Known(text) }
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        match name {
            Name::Known(name) => name,
            Name::Erased => ERASED.to_owned(),
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
