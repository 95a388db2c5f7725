//! A command that came from a chat: stored before it is acknowledged, so that no crash loses it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ClusterId, IntakeId, Uid};
use crate::intake::IntakeEvent;

/// A command as it came. Who gave it stands in the envelope: the bot and the person behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatCommand {
    /// Its id at the chat system, after the system's name.
    pub message: String,
    /// The person, by the id of the chat system: what they may do is looked up again when it is done.
    pub user: String,
    /// Where it was given, by the id of the chat system.
    pub conversation: String,
    /// What was asked.
    pub asked: Asked,
    /// Where the answer goes. An address that lets its bearer write is sealed: no secret is stored.
    pub answer_to: String,
    /// Until when the answer can be given there.
    pub answer_until: Timestamp,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "by")]
pub enum Asked {
    /// In words.
    Words {
        /// As they were written.
        text: String,
    },
    /// With a button whose signature was good.
    Button {
        /// What it stands for: `confirm`, `request`, `cancel`, `approve` or `reject`.
        choice: String,
        /// The command that made the offer, or the revocation.
        subject: Uuid,
        /// The hold that was seen; 0 for an offer.
        hold: u32,
    },
    /// With a kubeconfig file or certificate that was pasted. The text is not kept.
    Inspection(Inspection),
    /// With words or a button that have no effect.
    Refused {
        /// Why, as the person is told.
        why: String,
    },
}

/// What can be known of a pasted file without keeping anything that proves something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Client certificates in it.
    pub certificates: Vec<PastedCertificate>,
    /// What contexts without one hold, in words of ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Whether there was a private key in it: it is in the chat's history now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private_key: bool,
    /// Whether there was a token or a password in it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub credential: bool,
}

/// What a certificate says to every server that it is shown to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastedCertificate {
    /// The user name in Kubernetes.
    pub common_name: String,
    /// Whose it is; absent where the common name is not one of Container Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<Uid>,
    /// Groups in Kubernetes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The cluster, where the file around it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<ClusterId>,
    /// Start of validity.
    pub not_before: Timestamp,
    /// End of validity.
    pub not_after: Timestamp,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
}

// What serde's `skip_serializing_if` asks for.
#[allow(clippy::trivially_copy_pass_by_ref)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// What a person was offered to end, before they have said yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Whose access.
    pub uid: Uid,
    /// Clusters on which policy would let it be ended.
    pub clusters: Vec<ClusterId>,
    /// Clusters on which another person has to approve it.
    pub needs_approval: Vec<ClusterId>,
    /// In the words of the one who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// That an offer was answered: it can be answered once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// `confirm`, `request` or `cancel`.
    pub choice: String,
    /// The command that answered it.
    pub by: IntakeId,
}

/// What the events of one command add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conversation {
    /// The command.
    pub command: ChatCommand,
    /// What it led to being offered.
    pub offer: Option<Offer>,
    /// How that was answered.
    pub taken: Option<Taken>,
    /// Whether its answer was given, or cannot be given any more.
    pub ended: bool,
}

impl Conversation {
    /// The beginning.
    pub const fn new(command: ChatCommand) -> Self {
        Self { command, offer: None, taken: None, ended: false }
    }

    /// The state after one more event. The first offer and the first answer to it stand.
    pub(crate) fn evolve(mut self, event: &IntakeEvent) -> Self {
        match event {
            IntakeEvent::ChatRevocationOffered(offer) if self.offer.is_none() => {
                self.offer = Some(offer.clone());
            }
            IntakeEvent::ChatOfferTaken(taken) if self.offer.is_some() && self.taken.is_none() => {
                self.taken = Some(taken.clone());
            }
            IntakeEvent::ChatCommandAnswered { .. } | IntakeEvent::ChatAnswerLost { .. } => self.ended = true,
            _ => {}
        }
        self
    }
}
